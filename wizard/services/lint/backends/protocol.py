"""What every structured-output backend is asked alike: its tokens, compiling, and one answer token by token."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

BYTES = 256
END = "\N{BLACK SQUARE}"  # how the end of an answer is written where every token needs a text
_SET = [[bit for bit in range(8) if byte >> bit & 1] for byte in range(256)]


class Vocabulary:
    """What the tokens are. Without a tokenizer: one token for each byte, and one for the end."""

    def __init__(self, tokenizer_json: str | None = None, end: int | None = None) -> None:
        self.json = tokenizer_json
        if tokenizer_json is None:
            self.end, self.size = BYTES, BYTES + 1
            return
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_str(tokenizer_json)
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.vocab = self.tokenizer.get_vocab(with_added_tokens=True)
        self.size = max(self.vocab.values(), default=0) + 1
        self.end = end if end is not None else min(self.vocab.values(), default=0)

    @cached_property
    def texts(self) -> list[str]:
        """Every token as Outlines gives it to outlines_core: a piece of a character reads as U+FFFD there."""
        if self.json is None:
            return [chr(i) if i < 128 else "\ufffd" for i in range(BYTES)] + [END]
        texts, decoder = [""] * self.size, self.tokenizer.decoder
        for token, number in self.vocab.items():
            text = decoder.decode([token]) if decoder is not None else token
            texts[number] = " " + text if token.startswith("\u2581") or token == "<0x20>" else text
        return texts

    def decode(self, ids: Sequence[int]) -> str:
        """The text of some tokens."""
        if self.json is None:
            return bytes(i for i in ids if i < BYTES).decode("utf-8", "replace")
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))

    def count(self, text: str) -> int | None:
        """How many tokens a text takes; None without a tokenizer."""
        return None if self.json is None else len(self.tokenizer.encode(text, add_special_tokens=False).ids)


class Walk(Protocol):
    """One answer while it is written, token by token."""

    def allowed(self) -> list[int]:
        """Tokens that the backend's mask lets through now; the end among them when the answer may end."""

    def advance(self, token: int) -> None:
        """The model has chosen this token."""


class Compiled(Protocol):
    """An output type that a backend has compiled."""

    def accepts(self, text: str) -> bool:
        """Whether the backend would let this whole text through."""

    def walk(self) -> Walk:
        """A new answer."""


class BackendAdapter:
    """One structured-output backend with its tables for one vocabulary; `end` is the token that ends an answer."""

    end: int

    def __init__(self, vocabulary: Vocabulary) -> None:
        raise NotImplementedError

    def compile(self, form: str, source: str) -> Compiled:
        """Compile. Raises ValueError in the backend's own words."""
        raise NotImplementedError

    def least_seconds(self, form: str, source: str) -> float:
        """CPU seconds that compiling is certain to take, where that can be told at little cost."""
        return 0.0


def set_bits(mask: bytes) -> list[int]:
    """Tokens that a mask of one bit for each lets through."""
    return [8 * at + bit for at, byte in enumerate(mask) if byte for bit in _SET[byte]]
