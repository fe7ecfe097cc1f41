"""xgrammar, asked directly, as Outlines 1.3 sets it up."""

from __future__ import annotations

import json
import re
from typing import Any

from wizard.services.lint.backends.protocol import BYTES, BackendAdapter, Compiled, Vocabulary, Walk, set_bits

_WHERE = re.compile(r"^\[[\d:]+\] \S+: ")  # the time, and the line of its own source, that xgrammar begins with


class XGrammar(BackendAdapter):
    """xgrammar by its matcher; loads torch."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        import xgrammar

        self.size, self.end = vocabulary.size, vocabulary.end
        if vocabulary.json is None:
            raw = [bytes([i]) for i in range(BYTES)] + [b"</s>"]
            info = xgrammar.TokenizerInfo(raw, xgrammar.VocabType.RAW, vocab_size=self.size, stop_token_ids=[self.end])
        else:
            spelled = [""] * self.size
            for token, number in vocabulary.vocab.items():
                spelled[number] = token
            info = xgrammar.TokenizerInfo(
                spelled,
                _spelling(vocabulary.json),
                vocab_size=self.size,
                stop_token_ids=[self.end],
            )
        self.compiler = xgrammar.GrammarCompiler(info, max_threads=1, cache_enabled=False)

    def compile(self, form: str, source: str) -> Compiled:
        try:
            if form == "json_schema":
                return _XGrammarCompiled(self, self.compiler.compile_json_schema(source, any_whitespace=False))
            if form == "regex":
                return _XGrammarCompiled(self, self.compiler.compile_regex(source))
            return _XGrammarCompiled(self, self.compiler.compile_grammar(source))
        except RuntimeError as error:
            raise ValueError(_WHERE.sub("", str(error))) from error


def _spelling(tokenizer_json: str) -> Any:
    """How the tokens of a tokenizer.json are spelled: by byte-level letters, or with ``<0x1B>`` for odd bytes."""
    import xgrammar

    decoder = json.dumps(json.loads(tokenizer_json).get("decoder") or {})
    return xgrammar.VocabType.BYTE_LEVEL if "ByteLevel" in decoder else xgrammar.VocabType.BYTE_FALLBACK


class _XGrammarCompiled:
    def __init__(self, adapter: XGrammar, grammar: Any) -> None:
        self.adapter, self.grammar = adapter, grammar

    def accepts(self, text: str) -> bool:
        import xgrammar

        matcher = xgrammar.GrammarMatcher(self.grammar)
        return bool(matcher.accept_string(text) if text else True) and bool(matcher.accept_token(self.adapter.end))

    def walk(self) -> Walk:
        return _XGrammarWalk(self.adapter, self.grammar)


class _XGrammarWalk:
    def __init__(self, adapter: XGrammar, grammar: Any) -> None:
        import xgrammar

        self.matcher = xgrammar.GrammarMatcher(grammar)
        self.mask = xgrammar.allocate_token_bitmask(1, adapter.size)

    def allowed(self) -> list[int]:
        if self.matcher.is_terminated():
            return []
        self.matcher.fill_next_token_bitmask(self.mask, 0)
        return set_bits(self.mask.numpy().tobytes())

    def advance(self, token: int) -> None:
        self.matcher.accept_token(token)
