"""The record of an error pattern: fragments of text, the verdict that they mean, and how much they tell.

A fragment is written as it is said; case and white space do not matter, and one `*` stands for up to 200 characters.
`{hub}` is an address of the Hub or a well-known mirror; `{hub_host}` the same without the scheme. `{site}` and
`{site_host}` are the Hub or what it stores files in, which speaks for nobody's access; `{storage}` is only the latter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Literal

LONGEST_GAP = 200  # characters that a * may stand for


class Level(IntEnum):
    """How much a pattern tells: the lowest number that is found decides. Among equals that is the first of the table,
    but for exact ones the last in the text, since people paste what they tried one after the other."""

    EXACT = 10  # names its one cause
    VAGUE = 20  # what a library makes of a cause that it does not name
    STATUS_ONLY = 25  # a status and an address
    SECONDARY = 30  # what follows when something else went wrong first: time limits, broken answers
    BUILD = 40
    IMPORT = 45
    CRASH = 50


@dataclass(frozen=True)
class ErrorPattern:
    """Fragments that mean `verdict`. `near` names what has to be in the neighbourhood, see `CONTEXTS`.

    `sure` False: the words fit the verdicts in `others`, too. `own` True: only said of this program's own deploys.
    `about`: what was asked for, where that was not to read from the Hub itself; it changes the words.
    """

    verdict: str
    fragments: tuple[str, ...]
    source: str
    level: Level = Level.EXACT
    near: str = ""
    sure: bool = True
    others: tuple[str, ...] = ()
    own: bool = False
    about: Literal["read", "write", "storage"] = "read"


_OPENING = r"[\[<(\"'`]?https?://(?:[\w.:-]*@)?"
_DOMAINS = r"(?:huggingface\.co|hf\.co|hf-mirror\.com)"
_LABELS = r"(?:[\w-]+\.)*"
# Xet's servers and the delivery networks: their 401, 403 or 416 is about a signed address, never about a person.
_OF_STORAGE = ("xethub", "cdn", "cdn-lfs", "cdn-lfs-us-1", "cdn-lfs-eu-1")
_NOT_STORAGE = "".join(rf"(?<!{label}\.)" for label in _OF_STORAGE)
_STORAGE_HOST = rf"{_LABELS}(?:{'|'.join(_OF_STORAGE)})\.(?:huggingface\.co|hf\.co)"
_HUB_HOST = rf"{_LABELS}{_NOT_STORAGE}{_DOMAINS}"
_ADDRESSES = {
    "{hub}": _OPENING + _HUB_HOST,
    "{hub_host}": _HUB_HOST,
    "{site}": _OPENING + _LABELS + _DOMAINS,
    "{site_host}": _LABELS + _DOMAINS,
    "{storage}": _OPENING + _STORAGE_HOST,
}

# What has to be near for words that others say too; tried on the text without white space, in lower case.
CONTEXTS: dict[str, re.Pattern[str]] = {
    "hub": re.compile(
        r"huggingface(?![_-]hub(?:\[\w+\])?[=<>~!]=)|hf\.co/|hf-mirror|hf_hub|hfhub|hf_token|hf_api|transformers/utils|from_pretrained|hfauth|hfdownload|xethub"
    ),
    "hub_address": re.compile(_HUB_HOST),  # and the next address is one
    "hub_file": re.compile(_HUB_HOST),  # and the next address is a file's
    "storage_address": re.compile(_STORAGE_HOST),
    "alone": re.compile(""),  # and hardly anything else is in the text
    "modal": re.compile(
        r"modal\.(?:com|exception|app|secret|toml|function|cls|image)|/modal/|modal(?:run|deploy|serve|tokennew|tokenset|setup|secret(?:create|list))|modal-client|\bta-01|ap-[a-z0-9]{22}|im-[a-z0-9]{22}"
    ),
    "container": re.compile(
        r"docker|container|pod/|kubectl|kubernetes|k8s|modal|compose|text_generation_launcher|oomkilled"
    ),
    "runtime": re.compile(r"modal|vllm|sglang|text_generation|outlines|llm-"),
    "generation": re.compile(
        r"outlines|vllm|max_tokens|max_new_tokens|finish_?reason|stop_?reason|model_validate_json|model\.generate\(|chat\.?completion|completions|completion_tokens|structured_?output|json_schema|xgrammar|llguidance|langchain"
    ),
    "schema": re.compile(
        r"outlines|vllm|xgrammar|llguidance|structured|guided|json_?schema|grammar|sglang|llama|response_format"
    ),
    "engine": re.compile(r"outlines|vllm|xgrammar|llguidance|structured_?output|guided|grammar|sglang|lark"),
    "gpu": re.compile(r"cuda|gpu|torch|vllm|hip|rocm|ggml|llama|nvidia|jax|xla"),
}
# Other services that use the same words; an address of one of them on the line itself means that it was not the Hub.
OTHER_SERVICES = re.compile(
    r"(?:https?://|host=')(?:[\w-]+\.)*(?:github\.com|githubusercontent\.com|gitlab\.com|bitbucket\.org|pypi\.org|pythonhosted\.org|npmjs\.org"
    r"|openai\.com|anthropic\.com|googleapis\.com|google\.com|docker\.io|docker\.com|ghcr\.io|quay\.io|amazonaws\.com|azure\.com|azurecr\.io|nvcr\.io"
    r"|wandb\.ai|civitai\.com|kaggle\.com|ollama\.com|ollama\.ai|modelscope\.cn|replicate\.com|cohere\.com|mistral\.ai"
    r"|groq\.com|together\.xyz|openrouter\.ai|langchain\.com|anaconda\.(?:com|org)|pytorch\.org|nvidia\.com)"
    r"|failedtofetch|\.whl\b|pip/_vendor|/simple/"  # what installs packages
)

HUB_ADDRESS = re.compile(_HUB_HOST)
STORAGE_ADDRESS = re.compile(_STORAGE_HOST)
HUB_ADVICE_PAGE = re.compile(
    _HUB_HOST + r"/(?:docs|settings|join|pricing|blog|models(?![\w/])|spaces|papers|datasets-server)"
)


# What reading from a picture confuses. Only letters that mean nothing in the patterns above.
_ALIKE = str.maketrans("lio,;", "110.:")


def fold(normalized: str) -> str:
    """Normalized text in which letters that look alike are the same one."""
    return normalized.translate(_ALIKE)


def names_address(fragment: str) -> bool:
    """Whether an address of the Hub or of its storage is part of the fragment."""
    return any(address in fragment for address in _ADDRESSES)


def _parts(fragment: str) -> list[str]:
    return re.split(r"(\*|\{(?:hub|hub_host|site|site_host|storage)\})", "".join(fragment.lower().split()))


@cache
def words_of(fragment: str, folded: bool = False) -> tuple[str, ...]:
    """What has to be in a text, without white space and in lower case, before it is worth a closer look."""
    words = (part for part in _parts(fragment) if part and part[0] not in "*{")
    return tuple(fold(word) if folded else word for word in words)


@cache
def pattern_of(fragment: str, folded: bool = False) -> re.Pattern[str]:
    """A fragment as a pattern for text without white space, in lower case. Every gap in it is bounded, and none that
    leads to or from an address of the Hub passes over another address."""
    has_scheme = any(address in fragment for address in ("{hub}", "{site}", "{storage}"))
    gap = f"(?:(?!://).){{0,{LONGEST_GAP}}}?" if has_scheme else f".{{0,{LONGEST_GAP}}}?"
    seen = fold if folded else str
    meaning = {"*": gap} | {name: seen(address) for name, address in _ADDRESSES.items()}
    return re.compile("".join(meaning.get(part) or re.escape(seen(part)) for part in _parts(fragment)))


def find_all(fragment: str, normalized: str, *, folded: bool = False) -> Iterator[tuple[int, int]]:
    """Every place of a fragment in a text without white space, in lower case; `folded` says what `fold` made of it."""
    if all(word in normalized for word in words_of(fragment, folded)):
        for match in pattern_of(fragment, folded).finditer(normalized):
            yield match.span()
