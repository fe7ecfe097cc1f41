"""Formats of JSON Schema that samples are checked for: what jsonschema knows, and internationalised addresses.

jsonschema's own check of `iri` comes with a package that builds parsers while it is imported: more than a second
for every program that only reads a schema. An IRI is a URI once what is not ASCII is percent-encoded (RFC 3987, 3.1).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from urllib.parse import quote

from jsonschema import Draft202012Validator, FormatChecker

from wizard.core.schema.patterns.tree import PatternError
from wizard.services.validation.pattern_keywords import is_readable, is_regex


@cache
def format_checker() -> FormatChecker:
    """The checker for draft 2020-12."""
    known = Draft202012Validator.FORMAT_CHECKER
    checker = FormatChecker(())
    checker.checkers = dict(known.checkers)
    for name, like in (("iri", "uri"), ("iri-reference", "uri-reference")):
        if like in known.checkers:
            checker.checkers[name] = (_encoded(like), ValueError)
    checker.checkers["regex"] = (is_regex, PatternError)
    return checker


@cache
def schema_format_checker() -> FormatChecker:
    """The checker for schemas themselves: of an address it only matters whether it leads to something, and of a pattern
    whether any dialect takes it.

    Pydantic and others write names of classes into `$ref` as they are, with letters of any alphabet and brackets.
    """
    checker = FormatChecker(())
    addresses = ("uri", "uri-reference", "iri", "iri-reference")
    checker.checkers = {name: each for name, each in format_checker().checkers.items() if name not in addresses}
    checker.checkers["regex"] = (is_readable, PatternError)
    return checker


def _encoded(like: str) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        if not isinstance(value, str):
            return True
        escaped = "".join(quote(letter) if ord(letter) > 127 else letter for letter in value)
        return bool(Draft202012Validator.FORMAT_CHECKER.conforms(escaped, like))

    return check
