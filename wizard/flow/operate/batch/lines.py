"""One line of a batch: what is asked, and the row that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.core.events import SampleReady
from wizard.core.images.image_file import is_address, read_images


def image_values(images: Sequence[str], what: str) -> list[bytes | str]:
    """Images as a call takes them: files by their bytes, addresses as they are. Raises Problem (exit code 2)."""
    files = iter(read_images([Path(each) for each in images if not is_address(each)], what))
    return [each if is_address(each) else next(files) for each in images]


@dataclass(frozen=True)
class BatchInput:
    """One line of the input. `error` says why it cannot be asked; `input` tells whether it is the same line later.

    `images` are paths, or addresses that the app fetches itself.
    """

    line: int
    input: str
    prompt: str = ""
    max_tokens: int | None = None
    id: Any = None
    error: str = ""
    think: int | str | None = None
    images: tuple[str, ...] = ()
    adapter: str | None = None

    def content(self) -> str | list[str | bytes]:
        """The prompt; with images a list of both. Raises Problem (exit code 2)."""
        return [self.prompt, *image_values(self.images, f"line {self.line}")] if self.images else self.prompt

    def arguments(self) -> tuple[Any, ...]:
        """Positional arguments of the function, all in one where it has to be said by name. Raises Problem (exit code
        2).
        """
        prompt = self.content()
        named = {"think": self.think, "adapter": self.adapter, "max_tokens": self.max_tokens}
        if self.think is not None or self.adapter is not None:
            return ({"prompt": prompt} | {name: value for name, value in named.items() if value is not None},)
        return (prompt,) if self.max_tokens is None else (prompt, self.max_tokens)


@dataclass(frozen=True)
class BatchRow:
    """One line of the output. `sample` is the answer, judged; `error` is None for a valid one."""

    asked: BatchInput
    sample: SampleReady | None = None
    error: str | None = None

    @property
    def valid(self) -> bool:
        return self.error is None

    @property
    def was_answered(self) -> bool:
        return self.sample is not None

    def to_mapping(self) -> dict[str, Any]:
        """The public object; `text` only where there is an answer that is not valid, `reasoning` where there is any."""
        row: dict[str, Any] = {"line": self.asked.line, "input": self.asked.input}
        if self.asked.id is not None:
            row["id"] = self.asked.id
        sample = self.sample
        row |= {"value": sample.value if sample else None, "valid": self.valid, "error": self.error}
        row |= {"reasoning": sample.reasoning} if sample and sample.reasoning else {}
        return row if self.valid or sample is None else row | {"text": sample.text}
