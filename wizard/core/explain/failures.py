"""Why a build, a container or a call of a deploy failed: the foreign error and the last lines of the log, explained
by the same table as a text that somebody pastes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wizard.core.access.verdicts import PUBLIC_HUB, Verdict, verdict_problem
from wizard.core.access_token import clean_line
from wizard.core.explain.classification import NOT_RECOGNISED
from wizard.core.explain.classifier import classify
from wizard.core.explain.explanations import FAILURES
from wizard.core.explain.pasted_text import parse_pasted_text
from wizard.core.problem import Problem

_BUILD_COMMAND = re.compile(r'failed to run builder command "(.+?)"(?::|$)')
_BUILD_REASON = re.compile(r"\s*(error|fatal|E:|×)\b", re.IGNORECASE)
_REFUSED_OUTPUT = re.compile(r"this output type cannot be enforced: (.+)", re.DOTALL)
_INTERRUPTED = re.compile(  # what pip, uv, curl, apt and git say of a network that failed for a moment (2026-11)
    r"connection (?:was )?(?:reset|aborted|closed|refused|broken)[\w ]*|connection timed out|read timed out|"
    r"operation timed out|temporary failure in name resolution|network is unreachable|tls handshake timeout|"
    r"unexpected eof|incompleteread|50[234] (?:bad gateway|service unavailable|gateway time-?out)",
    re.IGNORECASE,
)
_VERDICTS = {verdict.value for verdict in Verdict}


def diagnose(
    error: str, message: str, log: Iterable[str], *, model: str, endpoint: str, gpu: str = "", larger: str = ""
) -> Problem:
    """The Problem behind a foreign error. Falls back to `function_failed` with the error's own words."""
    lines = [line for line in log if line.strip()]
    text = "\n".join([*lines, f"{error}: {message}" if error else message])
    if endpoint:
        text = text.replace(endpoint, PUBLIC_HUB)  # the table knows it by that name
    pasted = parse_pasted_text(text)
    classification = classify(pasted, own=True)
    code = "no_token" if classification.verdict == "env_not_forwarded" else classification.verdict
    if code == NOT_RECOGNISED or (code == "output_truncated" and not classification.sure):
        return _failed(error, message)
    best = classification.matches[0]
    line = clean_line(pasted.lines[pasted.line_at(best.start)].replace(PUBLIC_HUB, endpoint or PUBLIC_HUB), 300)
    if code in _VERDICTS:
        return verdict_problem(Verdict(code), model=model, endpoint=endpoint, raw=line)
    failure = FAILURES[code]
    words = {"gpu": gpu or "the GPU", "larger": larger or "H100", "line": line, "model": model, "endpoint": endpoint}
    known = ({"larger": larger.split()[0]} if larger else {}) | ({"model": model} if model else {})
    interruption = _interruption(lines) if code == "image_build_failed" else ""
    hint = f"A download was interrupted ({interruption}). Try again: the steps that worked are kept."
    return Problem(
        code,
        _message_from_log(code, error, message, lines) or failure.cause.format(**words),
        hint if interruption else failure.hint.format(**words),
        failure.url.format(**words) or None,
        retryable=failure.retryable or bool(interruption),
        exit_code=failure.exit_code,
        raw=line,
        next=failure.next_commands(known),
    )


def _message_from_log(code: str, error: str, message: str, lines: list[str]) -> str:
    """What happened in the words of the log, where they say more than a sentence of ours; empty where they do not."""
    if code == "image_build_failed":
        found = [match for line in lines if (match := _BUILD_COMMAND.search(line))]
        if not found:
            return ""
        why = next((line for line in reversed(lines) if _BUILD_REASON.match(line)), "")
        reason = f": {clean_line(why, 200)}" if why else "."
        return f"The image could not be built: “{clean_line(found[-1].group(1), 120)}” failed{reason}"
    if code == "schema_unsupported" and (named := _REFUSED_OUTPUT.search(message)):
        return f"The structured-output backend cannot enforce this output type: {clean_line(named[1], 300)}"
    if code != "container_crashed":
        return ""
    last = clean_line(message, 250)
    if any(line.rstrip().endswith("exit code: 137") for line in (*lines[-20:], last)):
        return "The container was killed (exit code 137): often because it ran out of memory."
    return f"The container ends each time it starts: {last}" if error == "ContainerCrashed" else ""


def _interruption(lines: list[str]) -> str:
    """What the last lines of a build say of the network, if that is why it failed; empty where it is not."""
    found = [match[0] for line in lines[-40:] if (match := _INTERRUPTED.search(line))]
    return clean_line(found[-1].strip(), 80) if found else ""


def _failed(error: str, message: str) -> Problem:
    reason = clean_line(message.strip().splitlines()[-1] if message.strip() else error or "no message")
    return Problem("function_failed", f"The function failed: {reason}", "The log above has the traceback.", raw=reason)
