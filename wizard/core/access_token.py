"""The access token as a type that cannot be printed, and the filter that all outside text goes through."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Literal

SHORTEST_SECRET = 8  # shorter ones are mistakes such as HF_TOKEN=x, and would mask ordinary words
_KNOWN: set[str] = set()  # values that this process has held; whatever shape they have, they are masked

_SHAPES = re.compile(
    # access tokens: personal, OAuth, OIDC; also as an address writes them
    r"hf(?:_|%5[Ff])(?:oauth_|jwt_)[A-Za-z0-9_\-.]{16,}|hf(?:_|%5[Ff])[A-Za-z0-9]{16,}"
    r"|api_org_[A-Za-z0-9]{16,}"  # organisation tokens (deprecated by the Hub)
    r"|(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}))(?:ak|as|wk|ws)-[A-Za-z0-9]{20,}"  # Modal and proxy tokens
)
# What may follow a value that this process holds and belongs to a longer secret: one that somebody is still typing is
# the beginning of others, and must not keep the rest of those from being recognised. Nothing follows what is masked.
_REST = r"(?:[.\-]*[A-Za-z0-9_]+)*+(?!…)"
_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, links, clipboard
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|\x1b\[[0-?]*[ -/]*[@-~]?"  # CSI: colours and cursor
    r"|\x1b[ -/]*[0-~]?"
    r"|\x9b[0-?]*[ -/]*[@-~]?"
)
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)


# What the prefix of an access token says of it: `personal` ones last, those of a browser login (`oauth`) expire within
# 30 days, those of a CI's OIDC exchange (`oidc`) within the hour. As documented by the Hub, 2026.
TokenKind = Literal["personal", "oauth", "oidc", "organisation", "unknown"]
_KINDS: tuple[tuple[str, TokenKind], ...] = (
    ("hf_oauth_", "oauth"),
    ("hf_jwt_", "oidc"),
    ("hf_", "personal"),
    ("api_org_", "organisation"),
)
EXPIRING_KINDS: tuple[TokenKind, ...] = ("oauth", "oidc")


class AccessToken:
    """A Hugging Face access token. It shows itself masked everywhere; `reveal` is for the line that sends it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        if not value:
            raise ValueError("an access token cannot be empty")
        self._value = remember(value)

    def reveal(self) -> str:
        """The value itself. Call this only in the expression that hands it to a client."""
        return self._value

    @property
    def kind(self) -> TokenKind:
        """What its prefix says that it is; what it may do is the Hub's to say."""
        return kind_of(self._value)

    @property
    def expires_by_itself(self) -> bool:
        """Whether it is of a kind that ends without being revoked, and so belongs into no Modal Secret."""
        return self.kind in EXPIRING_KINDS

    @property
    def masked(self) -> str:
        """Enough to recognise the access token by: its prefix and its last four characters."""
        return mask(self._value)

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that tell two access tokens apart and cannot be turned back into one."""
        return hashlib.sha256(self._value.encode()).hexdigest()[:12].upper()

    def __repr__(self) -> str:
        return f"AccessToken({self.masked})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce__(self) -> tuple[Any, ...]:
        return (str, (repr(self),))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccessToken) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def kind_of(value: str) -> TokenKind:
    """The kind that the prefix of an access token names."""
    return next((kind for prefix, kind in _KINDS if value.startswith(prefix)), "unknown")


def remember(secret: str) -> str:
    """Have `clean` mask this value from now on, whatever its shape; returns it."""
    if len(secret) >= SHORTEST_SECRET:
        _KNOWN.add(secret)
    return secret


def mask(value: str) -> str:
    """`value` with everything hidden but its prefix and its last four characters."""
    prefix = re.match(r"hf_oauth_|hf_jwt_|hf_|api_org_|a[ks]-", value)
    head = prefix.group() if prefix else ""
    tail = value[-4:] if len(value) >= len(head) + 12 else ""
    return f"{head}…{tail}"


def clean(text: str) -> str:
    """Make text from outside safe to show and to keep: no escape sequences, no control characters, no secrets.

    Line feeds, tabs and carriage returns stay; the last because progress bars are made of them.
    """
    text = plain(text)  # first, since escape sequences can split a secret
    for value in sorted(tuple(_KNOWN), key=len, reverse=True):  # a copy: the keyring's thread adds to it
        if value in text:
            text = re.sub(re.escape(value) + _REST, lambda match: mask(match.group()), text)
    if not _may_hold_a_shape(text):  # nearly every line of a log; the search itself looks at each character
        return text
    return _SHAPES.sub(lambda match: mask(match.group()), text)


def _may_hold_a_shape(text: str) -> bool:
    """Whether what every alternative of `_SHAPES` begins with is in a text."""
    return "hf" in text or "k-" in text or "s-" in text or "api_org_" in text


def plain(text: str) -> str:
    """Text without escape sequences and control characters. It may still hold secrets: `clean` is for showing."""
    if text.isprintable():  # nearly every line of a log: neither is in it
        return text
    return _CONTROLS.sub("", _ESCAPES.sub("", text))


def holds_secret(text: str) -> bool:
    """Whether a secret of a known shape, or one that this process holds, is in the text."""
    return bool(_SHAPES.search(text)) or any(value in text for value in tuple(_KNOWN))


def clean_line(text: str, limit: int = 500) -> str:
    """`clean` for one line: white space folded, and cut at `limit` characters."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
