"""A structured-output backend of our own making: it takes choices, and keeps to them by what is left of each."""

from __future__ import annotations

import re

from wizard.core.lint.backend import StructuredOutputBackend
from wizard.services.lint.backends.protocol import BackendAdapter, Compiled, Vocabulary, Walk

APP_PART = '''\
class Backend:
    """Structured output by hand: the tokens' texts once, the choices of an output type once."""

    def __init__(self, tokenizer, vocabulary: int) -> None:
        self.texts = [tokenizer.decode([token]) for token in range(len(tokenizer))]
$common
    def compile(self, form: str, output: str):
        """The choices themselves."""
        if form != "regex":
            raise ValueError("only choices are taken")
        return output[1:-1].split("|")

    def start(self, compiled):
        """What is left of each choice; it has state, so answers never share one."""
        return [list(compiled)]

    def step(self, matcher, token: int | None, mask) -> str:
        """Take a token, and write into `mask` which may follow; returns why that is impossible, or nothing."""
        if token is not None:
            text = self.texts[token]
            matcher[0] = [rest[len(text) :] for rest in matcher[0] if rest.startswith(text)]
        mask.fill(0)
        for number, text in enumerate(self.texts):
            if text and any(rest.startswith(text) for rest in matcher[0]):
                mask[number // 32] |= 1 << number % 32
        return ""
'''


class MadeUpAdapter(BackendAdapter):
    """The choices over any vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.texts, self.end = vocabulary.texts, vocabulary.end

    def compile(self, form: str, source: str) -> Compiled:
        if not re.fullmatch(r"\(\w+(\|\w+)+\)", source):
            raise ValueError("only choices of plain words are taken")
        return _Choices(self, source[1:-1].split("|"))


class _Choices:
    def __init__(self, adapter: MadeUpAdapter, choices: list[str]) -> None:
        self.adapter, self.choices = adapter, choices

    def accepts(self, text: str) -> bool:
        return text in self.choices

    def walk(self) -> Walk:
        return _Walk(self.adapter, self.choices)


class _Walk:
    def __init__(self, adapter: MadeUpAdapter, choices: list[str]) -> None:
        self.adapter, self.left = adapter, choices

    def allowed(self) -> list[int]:
        texts = enumerate(self.adapter.texts)
        fitting = [number for number, text in texts if text and any(rest.startswith(text) for rest in self.left)]
        return fitting + [self.adapter.end] * ("" in self.left)

    def advance(self, token: int) -> None:
        text = self.adapter.texts[token]
        self.left = [rest[len(text) :] for rest in self.left if rest.startswith(text)]


BACKEND = StructuredOutputBackend(
    name="madeup",
    module=__name__,
    distribution="outlines-wizard",  # which is installed wherever this runs
    version="0.1.0",
    measured="2026-12-01",
    preference=90,
    forms=frozenset({"regex"}),
    adapter=f"{__name__}:MadeUpAdapter",
    support={},
    packages={"madeup-tables": "3.2.1"},
    app_part=APP_PART,
)
