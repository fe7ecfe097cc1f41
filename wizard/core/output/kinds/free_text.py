"""Free text: nothing is enforced."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.core.output.output_kind import KindEditor, KindFlag, OutputKind


@dataclass(frozen=True)
class _FreeText(OutputKind):
    """The spec is empty."""

    def read_answer(self, spec: str, answer: str) -> str:
        if not answer.strip():
            raise ValueError("the answer is empty")
        return answer

    def summary(self, spec: str) -> str:
        return "free text"


FREE_TEXT = _FreeText(
    "text",
    "Free text",
    "none",
    flags=(KindFlag("--text", "", "Free text: no structure.", value="none"),),
    editor=KindEditor("none", "Nothing is enforced: the model can write anything."),
)
