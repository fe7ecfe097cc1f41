"""What lint says: findings, one report for each structured-output backend, proposals, and which backend is chosen."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from wizard.core.lint.registry import backends
from wizard.core.output.output_type import OutputType
from wizard.core.schema.finding import Finding


@dataclass(frozen=True)
class BackendReport:
    """One structured-output backend, asked. `seconds` are for its tables and for the output type; `memory` is the peak
    of its process in bytes. `enforced`: it compiles, and nothing that it lets through is known to be invalid.
    `installed` False: what is said comes from the dated table alone.
    """

    name: str
    version: str = ""
    installed: bool = True
    compiles: bool = False
    enforced: bool = False
    seconds: float | None = None
    memory: int | None = None
    dominates: str = ""
    error: str = ""


@dataclass(frozen=True)
class Proposal:
    """A way out: another backend, or a rewrite that means the same and holds. `output` is None for a backend.

    `exact` False: the rewrite allows other answers than before, and `why` says which.
    """

    title: str
    why: str
    backend: str
    output: OutputType | None = None
    diff: str = ""
    exact: bool = True


@dataclass(frozen=True)
class LintReport:
    """Everything that lint has found out about one output type, one prompt and one model.

    `tokenizer` says whose tokenizer was used. `max_tokens` fits the longest sensible answer; None where there is no
    bound to be had. `chosen` is empty when no backend can enforce the output type.
    """

    output: OutputType
    backends: tuple[BackendReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    chosen: str = ""
    max_tokens: int | None = None
    max_tokens_why: str = ""
    prompt_notes: tuple[str, ...] = ()
    tokenizer: str = ""
    notes: tuple[str, ...] = field(default_factory=tuple)

    def backend(self, name: str) -> BackendReport | None:
        """What was found out about one structured-output backend."""
        return next((each for each in self.backends if each.name == name), None)

    @property
    def is_enforced(self) -> bool:
        """Whether the chosen backend is known to enforce everything."""
        report = self.backend(self.chosen)
        return self.output.form == "none" or (report is not None and report.enforced)

    @property
    def next_step(self) -> str:
        """What to do where not everything is enforced, in one sentence; empty where it is."""
        if self.is_enforced:
            return ""
        first = next(iter(self.proposals), None)
        if first is None:
            serious = [each for each in self.findings if each.severity == "error"]
            if serious and all(each.kind == "cut_off" for each in serious):
                return "Make that part shorter or simpler."
            return "Remove or change what is named above."
        if first.output is None:
            return f"Use --backend {first.backend}, or --backend auto: it enforces every keyword."
        if first.exact:
            return f"Rewrite the schema as proposed above: it means the same, and {first.backend} enforces all of it."
        return f"Remove what is proposed above and check it in your own code: {first.backend} enforces the rest."

    @property
    def misspelled_keywords(self) -> tuple[str, ...]:
        """Words of the schema that look like a keyword and are none: nothing enforces what was meant."""
        return tuple(each.keyword for each in self.findings if each.kind == "no_keyword" and each.severity == "warning")

    @property
    def says_nothing(self) -> bool:
        """Whether the schema allows any JSON at all: then there is nothing to enforce."""
        return any(each.kind == "says_nothing" and each.severity == "warning" for each in self.findings)

    def about(self, backend: str) -> tuple[Finding, ...]:
        """Findings that matter to somebody who uses this backend."""
        return tuple(each for each in self.findings if each.backend in ("", backend))

    def to_mapping(self) -> dict[str, Any]:
        """The one JSON object of `lint`."""
        return {
            "output": {"kind": self.output.kind, "summary": self.output.summary},
            "chosen": self.chosen or None,
            "enforced": self.is_enforced,
            "next": self.next_step,
            "backends": [_plain(each) for each in self.backends],
            "findings": [_plain(each) for each in self.findings],
            "proposals": [_proposal(each) for each in self.proposals],
            "max_tokens": self.max_tokens,
            "max_tokens_why": self.max_tokens_why,
            "prompt": list(self.prompt_notes),
            "tokenizer": self.tokenizer,
            "notes": list(self.notes),
        }


def _plain(thing: Any) -> dict[str, Any]:
    return {each.name: getattr(thing, each.name) for each in fields(thing)}


def _proposal(proposal: Proposal) -> dict[str, Any]:
    plain = _plain(proposal)
    plain["output"] = {"kind": proposal.output.kind, "spec": proposal.output.spec} if proposal.output else None
    return plain


def by_place(findings: Iterable[Finding]) -> list[Finding]:
    """What people read: errors about one keyword at one place are one line, with the backends behind.

    A backend is named first by why it refuses, since that says most; the version is dropped where several are named.
    """
    groups: dict[Any, list[Finding]] = {}
    for number, each in enumerate(findings):
        is_one_of_many = each.severity == "error" and each.keyword and each.backend and each.kind in _VERBS
        groups.setdefault((each.path, each.keyword) if is_one_of_many else number, []).append(each)
    return [_merged(group) if len(group) > 1 else group[0] for group in groups.values()]


# For one backend and for several, in the order in which they are said.
_VERBS = {
    "refused": ("cannot enforce it", "cannot enforce it"),
    "ignored": ("does not enforce it", "do not enforce it"),
}


def _merged(group: list[Finding]) -> Finding:
    order = [backend.name for backend in backends()]
    ranked = sorted(group, key=lambda each: (each.kind != "refused", order.index(each.backend)))
    first = ranked[0]
    said = []
    for kind, (one, several) in _VERBS.items():
        who = dict.fromkeys(each.backend for each in ranked if each.kind == kind)
        verb = several if len(who) > 1 else one
        reason = first.message.partition(": ")[2].rstrip(".") if first.kind == kind == "refused" else ""
        said += [f"{' and '.join(who)} {verb}{f' ({reason})' if reason else ''}"] if who else []
    words = f"{first.keyword}{f' at {first.path}' if first.path else ''}: {'; '.join(said)}."
    example = next((each.counter_example for each in ranked if each.counter_example is not None), None)
    return replace(first, message=words, counter_example=example)


def choose_backend(wanted: str, reports: tuple[BackendReport, ...]) -> str:
    """The backend to use: the one that was asked for, else the preferred one among those that enforce everything.

    Empty where nothing that is installed enforces everything. The answer rests on what is enforced and not on a
    stopwatch, so that the same output type always gives the same plan.
    """
    if wanted != "auto":
        report = next((each for each in reports if each.name == wanted), None)
        return wanted if report is None or report.compiles or not report.installed else ""
    enforcing = {each.name for each in reports if each.enforced}
    return next((each.name for each in backends() if each.name in enforcing), "")


def diff_of(before: str, after: str) -> str:
    """A unified diff of two JSON texts, or of two other texts, without file names."""
    lines = difflib.unified_diff(_lines(before), _lines(after), "now", "proposed", lineterm="", n=2)
    return "\n".join(lines)


def _lines(text: str) -> list[str]:
    try:
        return _pretty(json.loads(text)).splitlines()
    except ValueError:
        return text.splitlines()


def _pretty(value: Any, indent: int = 0) -> str:
    """JSON as a person lays it out: what is short stays on one line."""
    inline = json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, dict | list) or len(inline) + indent <= 80:
        return inline
    margin = " " * (indent + 2)
    if isinstance(value, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {_pretty(part, indent + 2)}" for key, part in value.items()]
        return "{\n" + ",\n".join(margin + part for part in parts) + "\n" + " " * indent + "}"
    lines = _wrapped([_pretty(part, indent + 2) for part in value], 90 - indent)
    return "[\n" + ",\n".join(margin + line for line in lines) + "\n" + " " * indent + "]"


def _wrapped(parts: list[str], width: int) -> list[str]:
    """Items of a list, as many to a line as fit."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(part) + 2 <= width:
            lines[-1] += ", " + part
        else:
            lines.append(part)
    return lines
