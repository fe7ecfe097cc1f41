"""One of several texts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from wizard.core.output.output_kind import CommandFlag, KindEditor, KindFlag, OutputKind
from wizard.core.problem import Problem, usage


@dataclass(frozen=True)
class _Choices(OutputKind):
    """The spec is a JSON list of texts; people write them with commas."""

    def parse(self, text: str, where: str) -> str:
        choices = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
        if len(choices) < 2:
            raise usage("choices_too_few", "--choices takes at least two choices, as in --choices yes,no.")
        return json.dumps(choices, ensure_ascii=False)

    def parse_plan(self, spec: str, where: str) -> str:
        choices = json.loads(spec)
        if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
            raise ValueError("a JSON list of texts is expected")
        if len(set(choices)) < 2:
            raise ValueError("at least two choices are expected")
        return spec

    def enforced(self, spec: str) -> str:
        return "(" + "|".join(re.escape(choice) for choice in _list(spec)) + ")"

    def longest_answer(self, spec: str) -> str:
        return max(_list(spec), key=len)

    def read_answer(self, spec: str, answer: str) -> str:
        choices = _list(spec)
        if answer not in choices:
            raise ValueError(f"not one of {', '.join(choices)}")
        return answer

    def summary(self, spec: str) -> str:
        return "one of " + self.format_text(spec)

    def example_prompt(self, spec: str) -> str:
        return f"Which of these fits best: {self.format_text(spec)}?"

    def format_text(self, spec: str) -> str:
        return ", ".join(_list(spec))

    def format_flag(self, spec: str) -> CommandFlag | None:
        text = ",".join(_list(spec))
        try:
            is_same = _list(self.parse(text, "")) == _list(spec)  # a choice with a comma in it would be two
        except Problem:
            return None
        return CommandFlag("--choices", text) if is_same and not text.startswith("-") else None


def _list(spec: str) -> list[str]:
    choices: list[str] = json.loads(spec)
    return choices


CHOICES = _Choices(
    "choices",
    "One of several choices",
    "regex",
    flags=(KindFlag("--choices", "A,B,C", "The output is one of these.", example="A,B"),),
    editor=KindEditor("line", "At least two choices, separated by commas.", placeholder="yes, no, unclear"),
)
