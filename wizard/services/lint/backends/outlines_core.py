"""outlines_core, asked directly, as Outlines 1.3 sets it up."""

from __future__ import annotations

import time
from typing import Any

from wizard.services.lint.backends.protocol import BackendAdapter, Compiled, Vocabulary, Walk

PART = 16  # one token of so many stands for all, where a guess is enough


class OutlinesCore(BackendAdapter):
    """outlines_core by its index; no torch."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        from outlines_core import Vocabulary as Tokens  # type: ignore[import-untyped]

        self.end = vocabulary.end
        by_text: dict[str, list[int]] = {}
        for number, text in enumerate(vocabulary.texts):
            if text:
                by_text.setdefault(text, []).append(number)
        by_text.pop(vocabulary.texts[self.end], None)
        self.by_text = {text: numbers[0] for text, numbers in by_text.items()}
        self.longest = min(64, max(map(len, self.by_text), default=1))
        self.tokens = Tokens(self.end, by_text)
        rest = [text for text in by_text if len(text) > 1]
        letters = {text: numbers for text, numbers in by_text.items() if len(text) == 1}
        self.letters = Tokens(self.end, letters)
        self.some = Tokens(self.end, letters | {text: by_text[text] for text in rest[::PART]})

    def least_seconds(self, form: str, source: str) -> float:
        """From an index over a part of the tokens. Measured, the whole takes about three times as long as this says,
        since it no longer fits into the processor's caches (0.2.14, 2026-11-22).
        """
        started = time.process_time()
        self._compile(form, source, self.letters)
        between = time.process_time()
        self._compile(form, source, self.some)
        return between - started + PART * max(0.0, time.process_time() - between - (between - started))

    def compile(self, form: str, source: str) -> Compiled:
        return self._compile(form, source, self.tokens)

    def _compile(self, form: str, source: str, tokens: Any) -> Compiled:
        from outlines_core import Index
        from outlines_core.json_schema import build_regex_from_schema  # type: ignore[import-untyped]

        pattern = build_regex_from_schema(source) if form == "json_schema" else source
        return _OutlinesCoreCompiled(self, Index(pattern, tokens))

    def tokenize(self, text: str) -> list[int] | None:
        """The text as tokens, the longest first; None where a character has no token of its own."""
        tokens, at = [], 0
        while at < len(text):
            for length in range(min(self.longest, len(text) - at), 0, -1):
                token = self.by_text.get(text[at : at + length])
                if token is not None:
                    tokens.append(token)
                    at += length
                    break
            else:
                pieces = self.by_text.get("\ufffd")
                if pieces is None:
                    return None
                tokens += [pieces] * len(text[at].encode())
                at += 1
        return tokens


class _OutlinesCoreCompiled:
    def __init__(self, adapter: OutlinesCore, index: Any) -> None:
        self.adapter, self.index = adapter, index

    def accepts(self, text: str) -> bool:
        tokens, state = self.adapter.tokenize(text), self.index.get_initial_state()
        for token in tokens or ():
            state = self.index.get_next_state(state, token)
            if state is None:
                return False
        return tokens is not None and bool(self.index.is_final_state(state))

    def walk(self) -> Walk:
        return _OutlinesCoreWalk(self.index)


class _OutlinesCoreWalk:
    def __init__(self, index: Any) -> None:
        from outlines_core import Guide

        self.guide = Guide(index)

    def allowed(self) -> list[int]:
        return list(self.guide.get_tokens())

    def advance(self, token: int) -> None:
        self.guide.advance(token_id=token, return_tokens=False)
