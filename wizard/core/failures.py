"""Why a build, a container or a call failed: read from the foreign error and the last lines of the log.

One dated table (2026-11): sentences of Modal's service and client 1.6, of torch, and of the Hub as transformers and
huggingface_hub repeat them. The first rule that finds its words wins, so the most specific ones come first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wizard.core.access_token import clean_line
from wizard.core.problem import ExitCode, Problem
from wizard.core.verdicts import WIRE_RULES, Verdict, explain


@dataclass(frozen=True)
class FailureRule:
    """`words` are lower case; any one of them, in the error's class, its message or the log, is enough."""

    code: str
    words: tuple[str, ...]
    message: str
    hint: str
    exit_code: ExitCode = ExitCode.FAILED
    retryable: bool = False


RULES: tuple[FailureRule, ...] = (
    FailureRule(
        "out_of_gpu_memory",
        ("cuda out of memory", "outofmemoryerror"),
        "The model does not fit into the memory of {gpu}.",
        "Choose a larger GPU, for instance --gpu {larger}, or a smaller model.",
    ),
    FailureRule(
        "startup_timeout",
        ("startup timeout", "failed to start within", "exceeded its startup"),
        "The container did not become ready within its start-up limit.",
        "Large weights take longer to load: try again, since the Volume is warm now, or choose a smaller model.",
        retryable=True,
    ),
    FailureRule(
        "function_timeout",
        ("functiontimeouterror", "hit its timeout of"),
        "The call took longer than its time limit.",
        "Ask for fewer tokens with --max-tokens, or choose a faster GPU.",
    ),
    FailureRule(
        "schema_unsupported",
        ("this output type cannot be enforced",),
        "The structured-output backend cannot enforce this output type.",
        "Leave out the keyword that the log names, or choose another --backend.",
    ),
    FailureRule(
        "spend_limit",
        ("spend limit reached",),
        "The workspace has reached its spend limit for this billing cycle.",
        "Raise the limit in the workspace's settings, or wait for the next cycle.",
    ),
    FailureRule(
        "payment_method_missing",
        ("add a payment method",),
        "Modal asks for a payment method before it gives out this GPU.",
        "Add a card to the workspace, or choose a GPU that needs none.",
    ),
    FailureRule(
        "image_build_failed",
        ("imagebuilderror", "failed to run builder command"),
        "The image could not be built.",
        "The last lines of the build log say which command failed.",
    ),
    FailureRule(
        "modal_auth",
        ("modal.exception.autherror",),  # by class: "token not found" is also what tokenizers say
        "Modal does not accept this Modal token.",
        "Sign in again with `modal token new`.",
        ExitCode.CREDENTIALS,
    ),
    FailureRule(
        "modal_unreachable",
        ("modal.exception.connectionerror", "serviceerror", "could not connect to the modal server", "internalerror"),
        "Modal cannot be reached, or does not answer properly.",
        "Check the connection, then run this again: it goes on from what exists.",
        ExitCode.REMOTE,
        retryable=True,
    ),
    FailureRule(
        "modal_busy",
        ("resourceexhaustederror",),
        "Modal asks to slow down, or a limit of the workspace is reached.",
        "Wait a little and run this again: it goes on from what exists.",
        ExitCode.REMOTE,
        retryable=True,
    ),
    FailureRule(
        "modal_secret_missing",
        ("is missing key(s)", "secret '"),
        "A Modal Secret that the app names is missing, or has no HF_TOKEN.",
        "Run this again: it makes the Modal Secret first.",
    ),
    FailureRule(
        "import_error",
        ("builtins.importerror", "builtins.modulenotfounderror", "\nmodulenotfounderror:", "\nimporterror:"),
        "A package that the container needs could not be imported.",
        "The log names it; in a rehearsal, install the extra: pip install 'outlines-wizard[local]'.",
    ),
    FailureRule(
        "container_crashed",
        ("runner failed with exit code",),
        "The container died ({line}).",
        "See the log above; 137 means that it was killed, often for want of memory.",
        retryable=True,
    ),
)


# Parts of a sentence that others say too, and what the Hub says beside them.
_ABOUT_ACCESS = {
    "has been rejected": "your request to access",
    "has been reset": "your request to access",
    "is expired": "user access token",
}


def diagnose(
    error: str, message: str, log: Iterable[str], *, model: str, endpoint: str, gpu: str = "", larger: str = ""
) -> Problem:
    """The Problem behind a foreign error. Falls back to `function_failed` with the error's own words."""
    lines = [line for line in log if line.strip()]
    haystack = "\n".join([error, message, *lines])
    lowered = haystack.lower()
    for rule in WIRE_RULES:
        if not rule.contains or rule.contains not in lowered:
            continue
        about_access = _ABOUT_ACCESS.get(rule.contains, rule.contains)
        if about_access in lowered:
            return explain(rule.verdict, model=model, endpoint=endpoint, raw=_line_with(haystack, rule.contains))
    if "you must have access to it and be authenticated" in lowered:
        line = _line_with(haystack, "you must have access")
        return explain(Verdict.NO_TOKEN, model=model, endpoint=endpoint, raw=line)
    for failure in RULES:
        word = next((word for word in failure.words if word in lowered), None)
        if word is None:
            continue
        line = _line_with(haystack, word.strip())
        return Problem(
            failure.code,
            failure.message.format(gpu=gpu or "the GPU", line=line),
            failure.hint.format(larger=larger or "H100"),
            retryable=failure.retryable,
            exit_code=failure.exit_code,
            raw=line,
        )
    said = clean_line(message.strip().splitlines()[-1] if message.strip() else error or "no message")
    return Problem("function_failed", f"The function failed: {said}", "The log above has the traceback.", raw=said)


def _line_with(text: str, words: str) -> str:
    return next((clean_line(line, 300) for line in text.splitlines() if words in line.lower()), "")
