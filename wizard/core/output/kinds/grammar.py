"""A Lark grammar that the whole answer is derived from."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.core.output.output_kind import KindEditor, KindFlag, OutputKind


@dataclass(frozen=True)
class _Grammar(OutputKind):
    """The spec is the grammar."""

    def summary(self, spec: str) -> str:
        return "Lark grammar"


GRAMMAR = _Grammar(
    "grammar",
    "Lark grammar",
    "grammar",
    flags=(KindFlag("--grammar", "FILE", "Lark grammar of the output.", value="file", file_ending=".lark"),),
    editor=KindEditor("text_area", "A Lark grammar; its start rule is called start."),
    judge="grammar",
)
