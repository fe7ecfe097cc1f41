"""Lint: what an output type and a prompt come to for a model, before anything is spent."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from wizard.core.access_token import AccessToken, clean_line
from wizard.core.inference.engine import InferenceEngine
from wizard.core.lint.registry import backends
from wizard.core.lint.report import LintReport
from wizard.core.models.model_info import ModelFacts
from wizard.core.output.output_type import OutputType
from wizard.core.plan.plan import Plan
from wizard.core.problem import Problem, usage
from wizard.core.schema.finding import Finding
from wizard.flow.ports.hub import HubRefusal
from wizard.flow.ports.lint import LintRequest, TokenizerFile
from wizard.flow.ports.services import Ports

MOST_BYTES = 64 << 20  # the largest tokenizer.json in common use has 33 MB (Gemma, 2026)
FEW_BYTES = 4 << 20


async def lint_output(
    ports: Ports,
    output: OutputType,
    *,
    backend: str | None = None,
    facts: ModelFacts | None = None,
    token: AccessToken | None = None,
    prompt: str | None = None,
    max_tokens: int | None = None,
    thorough: bool = True,
    seconds: float = 8.0,
    engine: InferenceEngine,
) -> LintReport:
    """Examine an output type with the tokenizer of the model that `facts` are about; without a model, by bytes.

    `thorough` False asks only as many structured-output backends as it takes to choose one. Raises Problem (exit code
    2) for what is no output type at all; everything else is in the report.
    """
    tokenizer = None if facts is None else await tokenizer_of(ports, facts, token)
    request = LintRequest(
        output,
        backend or "auto",
        tokenizer,
        output.example_prompt if prompt is None else prompt,
        max_tokens,
        thorough,
        seconds=seconds,
        engine=engine.name,
    )
    return await ports.lint.examine(request)


async def prove_compiles(ports: Ports, output: OutputType, backend: str) -> str:
    """How it was shown that the output type compiles. Raises Problem (exit code 2) naming what is wrong with it."""
    if output.form == "none":
        return "free text: nothing to compile"
    if output.form == "json_schema":  # first, since a child process cannot tell the place of what is wrong
        await asyncio.to_thread(ports.validation.check_schema, output)
    report = await ports.lint.examine(LintRequest(output, backend, thorough=False, propose=False))
    refuse_unenforced(report, backend)
    return f"compiles with {report.chosen}"


async def tokenizer_of(ports: Ports, facts: ModelFacts, token: AccessToken | None) -> TokenizerFile:
    """The tokenizer of a model, fetched once and kept; where it cannot be had, bytes stand in, and `source` says so."""
    paths = {file.path for file in facts.files}
    if "tokenizer.json" not in paths:
        return TokenizerFile(
            source=f"plain bytes instead of the model's tokens ({facts.repo_id} has no tokenizer.json)"
        )
    read = _Reader(ports, facts, token)
    try:
        path = await ports.cache.file(read.name("tokenizer.json"), lambda: read.bytes("tokenizer.json", MOST_BYTES))
        settings, config = await read.json("tokenizer_config.json", paths), await read.json("config.json", paths)
        tokenizer = json.loads(path.read_bytes())
    except (HubRefusal, Problem, ValueError, RecursionError, OSError) as error:
        why = clean_line(str(error), 120)
        return TokenizerFile(
            source=f"plain bytes instead of the model's tokens (its tokenizer is not available: {why})"
        )
    added = [each for each in _list(tokenizer.get("added_tokens")) if isinstance(each, dict)]
    has_template = facts.has_chat_template
    if has_template is None:
        has_template = bool(settings.get("chat_template")) or "chat_template.jinja" in paths
    return TokenizerFile(
        path,
        _end_of(settings, config, added),
        tuple(str(each.get("content")) for each in added if each.get("special"))[:200],
        _window_of(settings, config),
        has_template,
        f"the tokenizer of {facts.repo_id}",
    )


class _Reader:
    """Files of one model at one commit."""

    def __init__(self, ports: Ports, facts: ModelFacts, token: AccessToken | None) -> None:
        self.ports, self.facts, self.token = ports, facts, token
        self.hub = ports.hub.account_hub if token and facts.needs_token else ports.hub

    def name(self, path: str) -> str:
        """A file name that no other model, commit or Hub has."""
        where = f"{'' if self.facts.is_folder else self.hub.endpoint} {self.facts.repo_id} {self.facts.commit} {path}"
        return hashlib.sha256(where.encode()).hexdigest()[:24] + "-" + path

    async def bytes(self, path: str, most: int) -> bytes:
        if self.facts.is_folder:
            return await self.ports.folders.read(self.facts.repo_id, path, most)
        return await self.hub.read_file(self.facts.repo_id, self.facts.commit, path, self.token, most)

    async def json(self, path: str, paths: set[str]) -> dict[str, Any]:
        if path not in paths:
            return {}
        kept = await self.ports.cache.file(self.name(path), lambda: self.bytes(path, FEW_BYTES))
        data = json.loads(kept.read_bytes())
        return data if isinstance(data, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _end_of(settings: Mapping[str, Any], config: Mapping[str, Any], added: list[dict[str, Any]]) -> int | None:
    """The number of the token that ends an answer, from what the model's files say."""
    text = settings.get("eos_token")
    text = text.get("content") if isinstance(text, dict) else text
    for each in added:
        if each.get("content") == text and isinstance(each.get("id"), int):
            return int(each["id"])
    number = config.get("eos_token_id")
    number = number[0] if isinstance(number, list) and number else number
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _window_of(settings: Mapping[str, Any], config: Mapping[str, Any]) -> int | None:
    """The context window in tokens. `model_max_length` is often a number that stands for none (1e30)."""
    inner = config.get("text_config")
    for table in (config, inner if isinstance(inner, dict) else {}):
        for key in ("max_position_embeddings", "n_positions", "n_ctx", "seq_length"):
            if isinstance(table.get(key), int) and table[key] > 0:
                return int(table[key])
    length = settings.get("model_max_length")
    return length if isinstance(length, int) and 0 < length < 10**8 else None


def plan_notes(report: LintReport, plan: Plan) -> tuple[str, ...]:
    """What somebody who agrees to a plan should know of its output type and prompt, one sentence each."""
    limit = (
        [f"--max-tokens {plan.max_tokens}: {report.max_tokens_why}."] if plan.max_tokens == report.max_tokens else []
    )
    sentences = _sentences(report, plan, ("no_keyword", "says_nothing", "dialect", "runs_away", "open", "unchecked"))
    return (*unenforced_notes(report, plan), *sentences, *report.prompt_notes, *limit)


def unenforced_notes(report: LintReport, plan: Plan) -> tuple[str, ...]:
    """Those of them that say what the structured-output backend of the plan lets through, and then what to do."""
    if report.is_enforced:
        return ()
    way_out = "Use --backend auto: it picks a backend that enforces everything, or says what to change."
    sentences = _sentences(report, plan, ("ignored", "cut_off"))
    return (f"{plan.backend} doesn't enforce every rule of this output type.", *sentences, way_out)


def _sentences(report: LintReport, plan: Plan, kinds: tuple[str, ...]) -> list[str]:
    findings = [each for each in report.about(plan.backend) if each.kind in kinds and each.severity != "note"]
    return [
        f"{each.message.removesuffix('.')} {each.counter_example}" if each.counter_example else each.message
        for each in findings
    ]


class NotEnforced(Exception):
    """The cause of the Problem of `refuse_unenforced`: every error that was found, with its place."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(each.message for each in findings))
        self.findings = findings


def refuse_unenforced(report: LintReport, backend: str | None) -> None:
    """Raise Problem (exit code 2) when nothing enforces the output type, or the backend asked for does not take it."""
    if report.is_enforced or (report.chosen and backend not in (None, "auto")):
        return
    serious = [each for each in report.findings if each.severity == "error"]
    serious.sort(key=lambda each: (each.kind != "refused", each.backend != backends()[0].name))
    first = serious[0] if serious else None
    way_out, cause = next(iter(report.proposals), None), NotEnforced(tuple(serious))
    if first is not None and first.kind == "cut_off" and all(each.kind == "cut_off" for each in serious):
        raise usage("output_too_hard", first.message, "Make that part shorter or simpler.") from cause
    why = first.message if first else "It does not compile."
    raise usage(
        "schema_unsupported",
        why if backend not in (None, "auto") else f"No structured-output backend enforces this output type. {why}",
        f"{way_out.title} `outlines-wizard lint` shows how." if way_out else "Remove or change what is named above.",
    ) from cause
