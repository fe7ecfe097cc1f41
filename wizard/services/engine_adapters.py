"""The three structured-output backends, asked directly: compile an output type, and say what it lets through.

Used in the child process only. Each is set up as Outlines 1.3 sets it up (its `backends` folder), so that what is found
here is what the deployed function does; torch is loaded by xgrammar alone, which cannot do without it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

BYTES = 256
PART = 16  # one token of so many stands for all, where a guess is enough
END = "\N{BLACK SQUARE}"  # how the end of an answer is written where every token needs a text


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
        """Tokens that the engine's mask lets through now; the end among them when the answer may end."""

    def advance(self, token: int) -> None:
        """The model has chosen this token."""


class Compiled(Protocol):
    """An output type that an engine has compiled."""

    def accepts(self, text: str) -> bool:
        """Whether the engine would let this whole text through."""

    def walk(self) -> Walk:
        """A new answer."""


class Engine:
    """One structured-output backend with its tables for one vocabulary."""

    def compile(self, form: str, source: str) -> Compiled:
        """Compile. Raises ValueError in the engine's own words."""
        raise NotImplementedError

    def least_seconds(self, form: str, source: str) -> float:
        """Seconds of the processor that compiling is certain to take, where that can be told at little cost."""
        return 0.0


class LLGuidance(Engine):
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
    def __init__(self, engine: LLGuidance, grammar: str) -> None:
        from llguidance import LLMatcher

        self.engine = engine
        self.fresh = LLMatcher(engine.tokenizer, grammar, log_level=0)
        self.fresh.compute_bitmask()  # the grammar is only parsed when the first token is asked for
        if self.fresh.is_error():
            raise ValueError(self.fresh.get_error())

    def accepts(self, text: str) -> bool:
        matcher, tokens = self.fresh.deep_copy(), self.engine.tokenizer.tokenize_bytes(text.encode("utf-8", "replace"))
        return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()

    def walk(self) -> Walk:
        return _LLGuidanceWalk(self.fresh.deep_copy())


class _LLGuidanceWalk:
    def __init__(self, matcher: Any) -> None:
        self.matcher = matcher

    def allowed(self) -> list[int]:
        return _bits(self.matcher.compute_bitmask())

    def advance(self, token: int) -> None:
        self.matcher.consume_token(token)


class OutlinesCore(Engine):
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

        if form == "grammar":
            raise ValueError("outlines_core takes no grammars")
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
    def __init__(self, engine: OutlinesCore, index: Any) -> None:
        self.engine, self.index = engine, index

    def accepts(self, text: str) -> bool:
        tokens, state = self.engine.tokenize(text), self.index.get_initial_state()
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


class XGrammar(Engine):
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


_WHERE = re.compile(r"^\[[\d:]+\] \S+: ")  # the time, and the line of its own source, that xgrammar begins with


def _spelling(tokenizer_json: str) -> Any:
    """How the tokens of a tokenizer.json are spelled: by byte-level letters, or with ``<0x1B>`` for odd bytes."""
    import xgrammar

    decoder = json.dumps(json.loads(tokenizer_json).get("decoder") or {})
    return xgrammar.VocabType.BYTE_LEVEL if "ByteLevel" in decoder else xgrammar.VocabType.BYTE_FALLBACK


class _XGrammarCompiled:
    def __init__(self, engine: XGrammar, grammar: Any) -> None:
        self.engine, self.grammar = engine, grammar

    def accepts(self, text: str) -> bool:
        import xgrammar

        matcher = xgrammar.GrammarMatcher(self.grammar)
        return bool(matcher.accept_string(text) if text else True) and bool(matcher.accept_token(self.engine.end))

    def walk(self) -> Walk:
        return _XGrammarWalk(self.engine, self.grammar)


class _XGrammarWalk:
    def __init__(self, engine: XGrammar, grammar: Any) -> None:
        import xgrammar

        self.matcher = xgrammar.GrammarMatcher(grammar)
        self.mask = xgrammar.allocate_token_bitmask(1, engine.size)

    def allowed(self) -> list[int]:
        if self.matcher.is_terminated():
            return []
        self.matcher.fill_next_token_bitmask(self.mask, 0)
        return _bits(self.mask.numpy().tobytes())

    def advance(self, token: int) -> None:
        self.matcher.accept_token(token)


ENGINES: dict[str, type[LLGuidance] | type[OutlinesCore] | type[XGrammar]] = {
    "llguidance": LLGuidance,
    "outlines_core": OutlinesCore,
    "xgrammar": XGrammar,
}


def engine_version(name: str) -> str | None:
    """The installed version of a structured-output backend; None when it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


_SET = [[bit for bit in range(8) if byte >> bit & 1] for byte in range(256)]


def _bits(mask: bytes) -> list[int]:
    """Numbers of the bits that are set."""
    return [8 * at + bit for at, byte in enumerate(mask) if byte for bit in _SET[byte]]
