"""What is done on this machine, as the engine sees it: compiling, judging, writing files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from wizard.core.lint.report import LintReport
from wizard.core.output.output_type import OutputType

FileOutcome = Literal["created", "updated", "kept"]


@dataclass(frozen=True)
class Judgement:
    """What an independent validator says of a text."""

    value: Any
    valid: bool
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class TokenizerFile:
    """A model's tokenizer on this machine, and what its neighbours say. Without `path`: one token for each byte.

    `end` is the token that ends an answer, `special` the texts of special tokens, `window` the context window in
    tokens. `source` says whose tokenizer it is, in words.
    """

    path: Path | None = None
    end: int | None = None
    special: tuple[str, ...] = ()
    window: int | None = None
    has_template: bool | None = None
    source: str = "plain bytes instead of the model's tokens"


@dataclass(frozen=True)
class LintRequest:
    """What lint is to look at. `thorough`: ask every backend, not only as many as it takes to choose one.

    `seconds` of the processor are the limit for everything; `max_tokens` what a person has asked for, None for nothing.
    """

    output: OutputType
    backend: str = "auto"
    tokenizer: TokenizerFile | None = None
    prompt: str = ""
    max_tokens: int | None = None
    thorough: bool = True
    propose: bool = True
    seconds: float = 8.0


class WorkbenchPort(Protocol):
    """What is done on this machine: compiling an output type, judging a sample, writing files."""

    async def lint(self, request: LintRequest) -> LintReport:
        """Ask the structured-output backends about an output type, in child processes under limits. Raises Problem."""

    async def kept(self, name: str, fetch: Callable[[], Awaitable[bytes]]) -> Path:
        """The path of a file that is fetched the first time and kept for later."""

    async def schema_of_class(self, reference: str) -> str:
        """The JSON Schema of ``module:Class``, as text. Raises Problem."""

    async def compile(self, output: OutputType, backend: str) -> str:
        """Prove that the output type compiles; returns how that was shown. Raises Problem when it does not."""

    def judge(self, output: OutputType, text: str) -> Judgement:
        """Validate a sample independently of the engine that produced it."""

    def look(self, path: Path, text: str) -> FileOutcome:
        """What `write` would do."""

    def write(self, path: Path, text: str) -> FileOutcome:
        """Write a file whole or not at all. Raises Problem when the disk refuses."""
