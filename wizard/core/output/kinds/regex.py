"""A regular expression that the whole answer matches."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.core.output.output_kind import KindEditor, KindFlag, OutputKind
from wizard.core.problem import usage


@dataclass(frozen=True)
class _Regex(OutputKind):
    """The spec is the pattern, in the dialect of the structured-output backends."""

    def parse(self, text: str, where: str) -> str:
        from wizard.core.schema.patterns.matching import compile_regex  # not before the first question is on screen
        from wizard.core.schema.patterns.tree import PatternError

        try:
            compile_regex(text)
        except PatternError as error:
            raise usage("regex_invalid", f"--regex does not compile: {error}.") from error
        return text

    def read_answer(self, spec: str, answer: str) -> str:
        from wizard.core.schema.patterns.matching import compile_regex

        if not compile_regex(spec).search(answer):
            raise ValueError(f"does not match {spec}")
        return answer


REGEX = _Regex(
    "regex",
    "Regular expression",
    "regex",
    flags=(KindFlag("--regex", "PATTERN", "The output matches this regular expression."),),
    editor=KindEditor("pattern", "The whole answer has to match this.", placeholder="[A-Z]{2}-[0-9]{4}"),
    judge="regex",
)
