"""One question to a deployed function, and its answer: what the playground asks, keeps and shows again."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from wizard.core.events import SampleReady
from wizard.core.output.output_type import OutputType
from wizard.core.playground.numbers import NUMBERS
from wizard.core.problem import usage


@dataclass(frozen=True)
class Question:
    """What is asked. None: as the function was deployed; of sampling, as its model's own configuration says.

    `images` are files as a person names them. `output` is for this question alone. `think` is as a call takes it: off,
    auto or a number of tokens.
    """

    prompt: str
    system: str = ""
    images: tuple[str, ...] = ()
    output: OutputType | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    think: int | str | None = None
    adapter: str | None = None

    def check(self) -> None:
        """Raise Problem (exit code 2) for a number that no app takes."""
        for number in NUMBERS:
            value = getattr(self, number.name)
            if value is not None and (wrong := number.wrong(value)):
                raise usage("number_out_of_range", wrong)


@dataclass(frozen=True)
class Exchange:
    """One question with its answer. `output` is what the answer was judged by; None: what it says itself.

    `app`, `model` and `gpu` are of the function that was asked, `at` is when the answer came, in seconds. `usual` is
    what the function does where a question says nothing, as far as that is known.
    """

    question: Question
    sample: SampleReady
    output: OutputType | None = None
    app: str = ""
    model: str = ""
    gpu: str = ""
    at: float = 0.0
    usual: Question = Question("")

    @property
    def settled(self) -> Question:
        """The question, with what it has left to the function."""
        left = [each.name for each in fields(Question) if getattr(self.question, each.name) is None]
        return replace(self.question, **{name: getattr(self.usual, name) for name in left})
