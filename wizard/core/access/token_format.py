"""What speaks against a text as an access token, before anybody is asked. What a token may do is the Hub's to say.

Shapes as documented by the Hub and seen in its client 2.4 (2026).
"""

from __future__ import annotations

import re

_REAL = re.compile(r"hf_[A-Za-z0-9]{20,}|hf_(?:oauth|jwt)_[A-Za-z0-9_.-]{16,}|api_org_[A-Za-z0-9]{16,}")
# What templates, shells, CI files and documentation put where a value belongs; tried without quotation marks around.
_TEMPLATE = re.compile(
    r"\$\{|\{\{|\}\}|<%|%>|^\$|^%\w+%$|^<.*>$|^\[.*\]$|^\{[\w .-]+\}$|^__\w+__$|^@\w+@$|"
    r"^(?:op|vault|secret|secretref|doppler|bws|ssm|keyring|file|env)://|^arn:aws:|^ref\+|"
    r"\bos\.environ\b|\bprocess\.env\b|\bgetenv\("
)
_MASKED = re.compile(
    r"(?:hf_)?[x*.•…_#-]*(?:xxx|\*{2,}|\.{3}|•|…|###)[x*.•…_#-]*|hf_x{1,}|x{2,}|\*+|.*(?:\*{3}|…|•{2}).*", re.I
)
_EMPTY_WORDS = {
    *("none", "null", "nil", "undefined", "true", "false", "todo", "fixme", "tbd"),
    *("empty", "unset", "redacted", "hidden", "secret", "placeholder"),
}
_WORDS = re.compile(
    r"your|changeme|change_me|change-me|replace|insert|enter_|paste|placeholder|dummy|example|sample|redacted|"
    r"token_here|token-here|tokenhere|key_here|goes_here|my_?(?:hf_?)?token|my-?(?:hf-?)?token|to_?be_?(?:set|filled)|"
    r"^(?:hf_?|hugging_?face_?(?:hub_?)?)(?:api_?|access_?)?(?:token|key)$|^(?:api|access)_?(?:token|key)$|^token$|todo|fixme",
    re.I,
)


def is_placeholder(value: str) -> bool:
    """Whether a text stands where an access token belongs, and nobody has put one there."""
    text = value.strip().strip("\"'`").strip()
    if _TEMPLATE.search(text) or _MASKED.fullmatch(text) or text.lower() in _EMPTY_WORDS:
        return True
    return not _REAL.fullmatch(text) and len(text) <= 80 and bool(_WORDS.search(text))


def what_is_wrong(value: str) -> str | None:
    """Why this text cannot work as an access token, as a sentence; None when nothing speaks against it."""
    text = value.strip()
    if not text:
        return "It is empty."
    if is_placeholder(text):
        return "It is a placeholder that nobody has filled in, not an access token."
    if text[0] == "\ufeff":
        return "It begins with a byte order mark: save it as UTF-8 without one."
    if text[0] in "\"'`" or text[-1] in "\"'`":
        return "It has quotation marks in it: leave them out."
    if re.match(r"(?:authorization\s*:\s*)?(?:bearer|token)\b", text, re.I):
        return (
            "It begins with “Bearer”: leave that out."
            if "bearer" in text.lower()
            else "It begins with a word: leave that out."
        )
    if re.match(r"(?:export\s+|set\s+)?[A-Z][A-Z_]+\s*=", text):
        return "It begins with the name of a variable: leave out what stands before the value."
    if any(character.isspace() for character in text):
        return "It has a space or a line break in it."
    if not text.isascii() or not text.isprintable():
        return "It has characters in it that no access token has."
    if re.match(r"a[ks]-", text):
        return "It is half of a Modal token, not a Hugging Face access token."
    if text.startswith("api_org_"):
        return "It is an organisation's API token, which the Hub no longer takes: use a personal access token."
    return None
