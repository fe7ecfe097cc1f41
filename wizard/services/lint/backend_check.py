"""One structured-output backend, examined: does it compile the output type, and what would it let through?"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from wizard.core.lint.backend import Support
from wizard.core.lint.probes import Probe, keywords, probes
from wizard.core.lint.registry import backend_named
from wizard.core.lint.support import recorded_support, recursive
from wizard.core.output.output_type import OutputType
from wizard.core.schema.examples import as_texts
from wizard.core.schema.finding import Finding
from wizard.core.schema.nodes import Pointer, format_pointer
from wizard.core.schema.subschemas import subschemas
from wizard.services.lint.adapters import installed_version, make_adapter
from wizard.services.lint.backends.protocol import BackendAdapter, Compiled, Vocabulary
from wizard.services.lint.blame import blamed_keywords
from wizard.services.lint.random_model import SAMPLING_PROFILES, RandomModel
from wizard.services.validation.answer_validator import judge_output
from wizard.services.validation.schema_validator import SchemaJudge, check_schema

Say = Callable[..., None]
# CPU seconds, so that a busy machine does not change what is found.
PROBE_SECONDS = 3.0
BLAME_SECONDS = 2.0
SAMPLE_SECONDS = 1.5
SLOW_SECONDS = 0.5


@dataclass(frozen=True)
class Question:
    """What is asked of one backend. `tokenizer` is the path of a tokenizer.json, empty for bytes; `end` its end token.

    `samples` answers are drawn by a random model. `longest` is a text whose tokens are counted, empty for none.
    `seconds` of CPU time are the limit for all of it; 0 for none. `brief`: what does not hold is not measured.
    """

    backend: str
    kind: Any
    spec: str
    tokenizer: str = ""
    end: int | None = None
    samples: int = 16
    longest: str = ""
    prompt: str = ""
    seed: int = 1
    propose: bool = True
    seconds: float = 0.0
    brief: bool = False


class BackendCheck:
    """Goes from what is cheap to what may be cut off, and says each result at once."""

    def __init__(self, question: Question, say: Say) -> None:
        self.question, self.say = question, say
        self.backend = backend_named(question.backend)
        self.name, self.version = self.backend.name, installed_version(self.backend) or ""
        self.output = OutputType(question.kind, question.spec)
        self.schema: dict[str, Any] | None = None
        self.judge: SchemaJudge | None = None
        self.findings: list[Finding] = []

    def run(self) -> None:
        """Examine; raises Problem for what is no output type at all."""
        self.until = time.process_time() + (self.question.seconds or math.inf)
        self.say("start", version=self.version)
        if (schema := self.output.json_schema) is not None:
            check_schema(schema)
            self.schema = json.loads(self.output.enforced)
            self.judge = SchemaJudge(self.schema)
        if why := self.backend.why_not_taken(self.output.form):
            self.say("refused", error=why)
            self._add_refusals([((), "", why)])
            return
        small = make_adapter(self.backend, Vocabulary())
        try:
            compiled = small.compile(self.output.form, self.backend.source(self.output))
        except ValueError as error:
            self.say("bytes")
            self._refused(small, str(error))
            self._finish(small)
            return
        self.say("bytes")
        self._ask(compiled)
        self._draw(compiled, small)
        self._table()
        if self.question.brief and any(each.kind == "ignored" for each in self.findings):
            self.findings = [each for each in self.findings if each.kind != "narrowed"]  # the model's own tokens decide
            self.say("findings", findings=[vars(each) for each in self.findings])
            self.say("compiled", seconds=None)
            return
        self.say("findings", findings=[vars(each) for each in self.findings])
        self._with_the_models_tokenizer()
        self._finish(small)

    # What the backend lets through

    def _ask(self, compiled: Compiled) -> None:
        """Put every probe to the compiled output type."""
        if self.schema is None or self.judge is None:
            return
        until, seen = time.process_time() + PROBE_SECONDS, set[tuple[Pointer, str, bool]]()
        for probe in probes(self.schema, self.judge.valid, lambda other: SchemaJudge(other).valid):
            key = (probe.pointer, probe.keyword, probe.breaks)
            if key not in seen and (finding := self._probed(probe, compiled)) is not None:
                seen.add(key)
                self.findings.append(finding)
            if time.process_time() > until:
                self.say("note", text="The schema is large: not every keyword was tried.")
                return

    def _probed(self, probe: Probe, compiled: Compiled) -> Finding | None:
        texts = as_texts(probe.value)
        through = next((text for text in texts if compiled.accepts(text)), None)
        if probe.breaks == (through is None):
            return None
        where = format_pointer(probe.pointer)
        if probe.breaks:
            words = f"{self.name} {self.version} ignores {probe.keyword}{_place(where)}"
            return self._finding(
                "ignored", "error", f"{words}: it would let this through.", where, probe.keyword, through
            )
        words = f"{self.name} {self.version} is stricter than {probe.keyword}{_place(where)}"
        return self._finding("narrowed", "note", f"{words}: it refuses this.", where, probe.keyword, texts[0])

    def _finding(
        self, kind: Any, severity: Any, message: str, path: str = "", keyword: str = "", example: str | None = None
    ) -> Finding:
        shown = example if example is None or len(example) <= 400 else example[:400] + "…"
        return Finding(kind, severity, message, path, keyword, self.name, self.version, shown)

    def _draw(self, compiled: Compiled, adapter: BackendAdapter) -> None:
        """Let a random model write: what comes out must be valid, whatever the probes have thought of."""
        model, until = RandomModel(Vocabulary(), adapter.end, self.question.seed), time.process_time() + SAMPLE_SECONDS
        for number in range(self.question.samples):
            if time.process_time() > until:
                return
            text = model.draw(compiled, list(SAMPLING_PROFILES)[number % len(SAMPLING_PROFILES)])
            errors = () if text is None else self._errors(text)
            if not errors or text is None:
                continue
            where, _, why = errors[0].partition(": ")
            if not any(each.kind == "ignored" for each in self.findings):
                words = f"{self.name} {self.version} lets an answer through that is not valid ({why or where})."
                self.findings.append(self._finding("ignored", "error", words, example=text))
            return

    def _errors(self, text: str) -> tuple[str, ...]:
        """By what the person has asked for, and by what the backend was given."""
        return judge_output(self.output, text).errors or judge_output(self.output, text, closed=True).errors

    def _table(self) -> None:
        """What the backend's record knows, where no probe has shown it."""
        shown = {(each.path, each.keyword) for each in self.findings if each.kind == "ignored"}
        if self.schema is not None and self.backend.recursion_fault and recursive(self.schema):
            words = f"{self.name} {self.backend.recursion_fault}."
            self.findings.append(self._finding("ignored", "error", words, keyword="$ref"))
        for place in subschemas(self.schema) if self.schema is not None else ():
            for keyword in keywords(place):
                where = format_pointer(place.pointer)
                support = recorded_support(keyword, place.node, self.backend)
                if support is Support.IGNORED and (where, keyword) not in shown:
                    words = f"{self.name} doesn't always enforce {keyword}{_place(where)}"
                    self.findings.append(self._finding("ignored", "error", words + ".", where, keyword))

    # What it refuses

    def _refused(self, adapter: BackendAdapter, error: str) -> None:
        self.say("refused", error=error[:2000])
        blamed = []
        if self.schema is not None:
            until = time.process_time() + BLAME_SECONDS
            ask = partial(self._compile_error, adapter)
            blamed = list(blamed_keywords(self.schema, error, ask, until))
        self._add_refusals(blamed or [((), "", error)])

    def _add_refusals(self, blamed: list[tuple[Pointer, str, str]]) -> None:
        for pointer, keyword, why in blamed:
            where = format_pointer(pointer)
            what = f"{keyword}{_place(where)}" if keyword else "this output type"
            words = f"{self.name} {self.version} cannot enforce {what}: {_short(why)}"
            words += "" if words.endswith("…") else "."
            self.findings.append(self._finding("refused", "error", words, where, keyword))
        self.say("findings", findings=[vars(each) for each in self.findings])

    def _compile_error(self, adapter: BackendAdapter, schema: dict[str, Any]) -> str | None:
        output = OutputType("schema", json.dumps(schema))
        try:
            adapter.compile("json_schema", self.backend.source(output))
        except ValueError as error:
            return str(error)
        return None

    # What it costs

    def _with_the_models_tokenizer(self) -> None:
        """Compile as the deployed function will, and measure that."""
        question = self.question
        text = None
        if question.tokenizer:
            with open(question.tokenizer, encoding="utf-8") as file:
                text = file.read()
        vocabulary = Vocabulary(text, question.end)
        if question.longest or question.prompt:
            counts = {name: vocabulary.count(getattr(question, name)) for name in ("longest", "prompt")}
            self.say("counted", **counts)
        started = time.monotonic()
        adapter = make_adapter(self.backend, vocabulary)
        tables = time.monotonic() - started
        self.say("tables", seconds=round(tables, 4))
        source = self.backend.source(self.output)
        try:
            if (seconds := adapter.least_seconds(self.output.form, source)) > self.until - time.process_time():
                self.say("cut_off", end="too_long", seconds=round(seconds, 1))
                self._say_what_dominates()
                return
            compiled = adapter.compile(self.output.form, source)
        except ValueError as error:
            self._refused(adapter, str(error))
            return
        seconds = time.monotonic() - started
        self.say("compiled", seconds=round(seconds, 4), tables=round(tables, 4))
        lost = [each for each in self.findings if each.counter_example and self._is_gone(each, compiled)]
        if lost:  # the model's own tokens decide
            self.findings = [each for each in self.findings if each not in lost]
            self.say("findings", findings=[vars(each) for each in self.findings])
        if seconds - tables > SLOW_SECONDS:
            self._say_what_dominates(seconds - tables)

    @staticmethod
    def _is_gone(finding: Finding, compiled: Compiled) -> bool:
        return finding.kind == "narrowed" and compiled.accepts(str(finding.counter_example))

    def _say_what_dominates(self, seconds: float | None = None) -> None:
        from wizard.services.lint.compile_hotspot import find_compile_hotspot
        from wizard.services.lint.rewrite_proposals import propose_shorter

        words, pointer = find_compile_hotspot(self.schema, self.backend) if self.schema is not None else ("", ())
        if words:
            self.say("dominates", text=f"{words} takes most of the {f'{seconds:.1f} s' if seconds else 'time'}")
        if self.question.propose and words.startswith("maxLength"):
            for proposal in propose_shorter(json.dumps(self.output.json_schema), pointer):
                self.say("proposal", **proposal)

    # What would help

    def _finish(self, adapter: BackendAdapter) -> None:
        """Propose a rewrite where something is not enforced."""
        if not self.question.propose or self.schema is None:
            return
        from wizard.services.lint.rewrite_proposals import propose

        for proposal in propose(
            json.dumps(self.output.json_schema), self.backend, self.findings, adapter.compile, adapter.end
        ):
            self.say("proposal", **proposal)


def _place(where: str) -> str:
    return f" at {where}" if where else ""


def _short(text: str) -> str:
    first = " ".join(text.split("<state>")[0].split("Make sure it is valid")[0].split()) or "no reason given"
    return (first[:200] + "…" if len(first) > 200 else first).rstrip(".")
