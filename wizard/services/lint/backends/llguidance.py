"""llguidance, asked directly, as Outlines 1.3 sets it up."""

from __future__ import annotations

from typing import Any

from wizard.services.lint.backends.protocol import BackendAdapter, Compiled, Vocabulary, Walk, set_bits


class LLGuidance(BackendAdapter):
    """llguidance by its matcher; no torch."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        from llguidance import LLTokenizer

        if vocabulary.json is None:
            self.tokenizer = LLTokenizer("byte")
        else:
            text = vocabulary.tokenizer.to_str()
            self.tokenizer = LLTokenizer(text, n_vocab=vocabulary.size, eos_token=vocabulary.end)
        self.end = self.tokenizer.eos_token

    def compile(self, form: str, source: str) -> Compiled:
        from llguidance import LLMatcher, grammar_from

        kinds: dict[str, Any] = {"json_schema": "json_schema", "regex": "regex", "grammar": "lark"}
        grammar = grammar_from(kinds[form], source)
        if error := LLMatcher.validate_grammar(grammar, self.tokenizer):
            raise ValueError(error)
        return _LLGuidanceCompiled(self, grammar)


class _LLGuidanceCompiled:
    def __init__(self, adapter: LLGuidance, grammar: str) -> None:
        from llguidance import LLMatcher

        self.adapter = adapter
        self.fresh = LLMatcher(adapter.tokenizer, grammar, log_level=0)
        self.fresh.compute_bitmask()  # the grammar is only parsed when the first token is asked for
        if self.fresh.is_error():
            raise ValueError(self.fresh.get_error())

    def accepts(self, text: str) -> bool:
        matcher, tokens = self.fresh.deep_copy(), self.adapter.tokenizer.tokenize_bytes(text.encode("utf-8", "replace"))
        return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()

    def walk(self) -> Walk:
        return _LLGuidanceWalk(self.fresh.deep_copy())


class _LLGuidanceWalk:
    def __init__(self, matcher: Any) -> None:
        self.matcher = matcher

    def allowed(self) -> list[int]:
        return set_bits(self.matcher.compute_bitmask())

    def advance(self, token: int) -> None:
        self.matcher.consume_token(token)
