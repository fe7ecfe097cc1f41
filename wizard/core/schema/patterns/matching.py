"""Asks whether a regular expression matches a text, by an engine of ECMA-262: what JSON Schema means by one.

A pattern that is not valid there, but that Python or Rust take (``[\\w-.]``, ``(?i)``), is read as they do: the
structured-output backends enforce it so, and `pattern_findings` says what other validators make of it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from wizard.core.schema.patterns.ecma import Dialect, EcmaWriter
from wizard.core.schema.patterns.parser import parse
from wizard.core.schema.patterns.tree import Choice, ClassItem, PatternError, UnknownProperty

LONGEST = 100_000  # characters of a pattern that is read at all
SECONDS = 1.0  # for one match


@dataclass(frozen=True)
class Pattern:
    """A pattern that has been compiled. `tree` is None where only Python's own engine takes it.

    `is_known` False: it is a regular expression, of something that the engine here does not know.
    """

    source: str
    is_ecma: bool
    tree: Choice | None
    _test: Callable[[str], bool]
    is_known: bool = True

    def search(self, text: str) -> bool:
        """Whether the pattern is found in the text; for a whole answer (`compile_regex`), whether it is all of it."""
        try:
            return self._test(text)
        except ValueError:  # the time is over, which only references to groups can need
            return False


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> Pattern:
    """A `pattern` of JSON Schema: unanchored, and by ECMA-262. Raises PatternError for what no dialect takes."""
    if len(pattern) > LONGEST:
        raise PatternError(f"it is longer than {LONGEST} characters")
    if (engine := _engine(pattern, "u")) is not None:
        return Pattern(pattern, True, _tree(pattern, ecma=True), engine)
    return _foreign(pattern, "ecma", whole=False)


@lru_cache(maxsize=256)
def compile_regex(pattern: str) -> Pattern:
    """A regular expression that a whole answer matches, in the dialect of Rust: what the structured-output backends
    that take one mean. Raises PatternError for what no dialect takes.
    """
    if len(pattern) > LONGEST:
        raise PatternError(f"it is longer than {LONGEST} characters")
    try:
        return _foreign(pattern, "rust", whole=True)
    except UnknownProperty:
        return Pattern(pattern, False, _tree(pattern, ecma=False, rust=True), lambda text: False, is_known=False)
    except PatternError:
        if (engine := _engine(f"^(?:{pattern})$", "u")) is not None and _engine(pattern, "u") is not None:
            return Pattern(pattern, True, _tree(pattern, ecma=True), engine)
        raise


def matches(pattern: str, text: str) -> bool:
    """Whether a `pattern` of JSON Schema is found in the text; nothing matches what is no pattern."""
    try:
        return compile_pattern(pattern).search(text)
    except PatternError:
        return False


def class_matcher(item: ClassItem) -> Callable[[str], bool]:
    """Whether a character is one of a class. Raises PatternError for a class that the engine does not know."""
    engine = _engine(f"^{EcmaWriter('ecma', _takes).one(item)}$", "v")
    if engine is None:
        raise PatternError("a class that is not known")
    return engine


def _engine(pattern: str, flags: str) -> Callable[[str], bool] | None:
    from corvus_regex_ecma262 import Regex, error

    try:
        return Regex(pattern, flags, timeout=SECONDS).test
    except error:
        return None


def _takes(pattern: str) -> bool:
    return _engine(pattern, "v") is not None


def _tree(pattern: str, *, ecma: bool, rust: bool = False) -> Choice | None:
    try:
        return parse(pattern, ecma=ecma, rust=rust)
    except (PatternError, RecursionError):
        return None


def _foreign(pattern: str, dialect: Dialect, *, whole: bool) -> Pattern:
    """In what Python and Rust have in common; in Python's words alone where these say more."""
    why = "it is nested too deeply"
    try:
        tree = parse(pattern, ecma=False, rust=dialect == "rust")
        written = EcmaWriter(dialect, _takes).choice(tree)
        if (engine := _engine(f"^(?:{written})$" if whole else written, "v")) is not None:
            return Pattern(pattern, False, tree, engine)
    except UnknownProperty:
        raise
    except PatternError as error:
        why = str(error)
    except RecursionError:
        pass
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of sets in sets, some day
            compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternError(why) from error
    match = compiled.fullmatch if whole else compiled.search
    return Pattern(pattern, False, None, lambda text: match(text) is not None)
