"""One question to a deployed function, and its answer: what the playground asks, keeps and shows again."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.core.events import SampleReady
from wizard.core.output.output_type import OutputType
from wizard.core.problem import usage

# What the generated app takes; a seed as far as every inference engine reads one.
TEMPERATURE, TOP_P, SEED = (0.0, 2.0), (0.01, 1.0), (0, 2**32 - 1)


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
        """Raise Problem (exit code 2) for sampling that no app takes."""
        for title, value, (low, high) in (
            ("Temperature", self.temperature, TEMPERATURE),
            ("Top p", self.top_p, TOP_P),
            ("Seed", self.seed, SEED),
        ):
            if value is not None and not low <= value <= high:
                raise usage("number_out_of_range", f"“{title}” must be {low:,g}-{high:,.10g}.")


@dataclass(frozen=True)
class Exchange:
    """One question with its answer. `output` is what the answer was judged by; None: what it says itself.

    `app`, `model` and `gpu` are of the function that was asked, `at` is when the answer came, in seconds.
    """

    question: Question
    sample: SampleReady
    output: OutputType | None = None
    app: str = ""
    model: str = ""
    gpu: str = ""
    at: float = 0.0
