"""What speaks against a text as an access token, before anybody is asked. What a token may do is the Hub's to say.

Shapes as documented by the Hub and seen in its client 2.4 (2026).
"""

from __future__ import annotations

import re

_PLACEHOLDERS = {
    "none",
    "null",
    "undefined",
    "true",
    "false",
    "hf_xxx",
    "hf_...",
    "your_token",
    "your_token_here",
    "changeme",
}


def what_is_wrong(value: str) -> str | None:
    """Why this text cannot work as an access token, as a sentence; None when nothing speaks against it."""
    text = value.strip()
    if not text:
        return "It is empty."
    if text[0] in "\"'`" or text[-1] in "\"'`":
        return "It has quotation marks in it: leave them out."
    if text.lower() in _PLACEHOLDERS or re.fullmatch(r"hf_[x.*…]+", text, re.IGNORECASE):
        return "It is a placeholder, not an access token."
    if any(character.isspace() for character in text):
        return "It has a space or a line break in it."
    if not text.isascii() or not text.isprintable():
        return "It has characters in it that no access token has."
    if re.match(r"a[ks]-", text):
        return "It is half of a Modal token, not a Hugging Face access token."
    if text.startswith("api_org_"):
        return "It is an organisation's API token, which the Hub no longer takes: use a personal access token."
    if text.lower().startswith("bearer"):
        return "It begins with “Bearer”: leave that out."
    return None
