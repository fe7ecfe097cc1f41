"""What people paste, made readable for rules: colours, prefixes, boxes, quoted source and secrets are taken out.

A sentence may be wrapped anywhere, by a terminal, a box or a log. So rules look at `normalized`: all lines in lower
case without any white space; each place in it leads back to its line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_lowercase, ascii_uppercase

from wizard.core.access_token import clean, mask, plain

HEAD, TAIL = 150_000, 450_000  # characters of a long text that are read: how it starts, and above all how it ends
LONGEST_LINE = 2_000
MOST_LINES = 12_000

SECRET_SHAPES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    (
        "Hugging Face access token",
        "https://huggingface.co/settings/tokens",
        re.compile(
            r"(?<![A-Za-z0-9])(?:hf_(?:oauth_|jwt_)[A-Za-z0-9_\-.]{16,}|hf_[A-Za-z0-9]{16,}|api_org_[A-Za-z0-9]{16,})"
        ),
    ),
    (
        "Modal token",
        "https://modal.com/settings/tokens",
        re.compile(r"(?<![A-Za-z0-9])(?:ak|as|wk|ws)-[A-Za-z0-9]{20,}"),
    ),
    (
        "OpenAI API key",
        "https://platform.openai.com/api-keys",
        re.compile(r"(?<![A-Za-z0-9])sk-(?!ant-)[A-Za-z0-9_\-]{20,}"),
    ),
    (
        "Anthropic API key",
        "https://console.anthropic.com/settings/keys",
        re.compile(r"(?<![A-Za-z0-9])sk-ant-[A-Za-z0-9_\-]{20,}"),
    ),
    (
        "GitHub token",
        "https://github.com/settings/tokens",
        re.compile(r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})"),
    ),
    (
        "AWS access key",
        "https://console.aws.amazon.com/iam/home#/security_credentials",
        re.compile(r"(?<![A-Za-z0-9])AKIA[0-9A-Z]{16}(?![A-Za-z0-9])"),
    ),
)
_BROKEN_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])hf_([A-Za-z0-9]{4,33})[ \t│|\\]*\n[ \t│|]*([A-Za-z0-9]{1,33})(?![A-Za-z0-9])"
)
_HUB_TOKEN_LETTERS = 34  # of a personal access token, behind "hf_"

# What logs put in front of a line; taken away one after the other. Seen in 2023-2026.
_PREFIXES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d| UTC)?\]?(?:[ \t]*\|)?[ \t]?",
        r"(?:[A-Z][a-z]{2}[ \t]+\d{1,2}[ \t]+)\d\d:\d\d:\d\d(?:[.,]\d+)?(?:[ \t]*\|)?[ \t]?",  # Modal's page, syslog
        r"\[?\d\d:\d\d:\d\d(?:[.,-]\d+)?\]?(?:[ \t]*\|[ \t]?|[ \t])",
        r"\([\w -]{1,40} pid=\d+[^)]{0,60}\)[ \t]?",  # vLLM, ray
        r"(?:INFO|WARNING|ERROR|DEBUG|CRITICAL)[ \t]+\d\d-\d\d \d\d:\d\d:\d\d[ \t]+\[?[\w.]+\.py:\d+\]?[ \t]?",  # vLLM
        r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+[ \t]+\d+ [\w.]+:\d+\][ \t]?",  # klog
        r"(?:stdout|stderr) [FP] ",  # Kubernetes' own files
        r"(?:\[[\w./:|@-]{1,80}\](?!\()[ \t]?:?[ \t]?(?:>>[ \t])?)",  # [rank0]: [pod/x/y] [0] [ERROR|hub.py:686]
        r"(?:fu|ta|fc|in|ap|im)-[A-Za-z0-9]{20,}[ \t]+",  # Modal's ids
        r"\|[ \t]*[A-Z]+[ \t]*\|[ \t]*[\w.<>]+:[\w.<>]+:\d+[ \t]*-[ \t]*",  # loguru
        r">[ \t](?!>)",  # quoted mail
    )
)
_COMPOSE = re.compile(r"([A-Za-z0-9][\w.-]{0,80}?)[ \t]*\|(?:[ \t]|$)")
_BOX = re.compile(r"^[ \t]*[│┃|║][ \t]?(.*?)[ \t]*[│┃|║]?[ \t]*$")
_RULER = re.compile(r"^[\s─━═╭╮╰╯┌┐└┘├┤┬┴┼│┃║+=_*~^#.-]*$")
_BOX_SOURCE = re.compile(r"^[ \t]*(?:❱[ \t]*)?\d+[ \t]*│")  # rich: line number, bar, code
_ARROW_SOURCE = re.compile(r"^[ \t]*-{2,}>[ \t]*\[?\d+")  # IPython: --> 261
_NUMBERED = re.compile(r"^[ \t]*\[?(\d{1,6})\]?(?:\([^)]{0,300}\))?(?:[ \t]|$)")
_STATUS_LINE = re.compile(
    r"^[ \t]*[45]\d\d[ \t]+(?:Client|Server|Forbidden|Unauthorized|Not Found|Too Many|\()", re.IGNORECASE
)
_FRAME = re.compile(r'^([ \t]*)File "[^"]+", line \d+')
_PYTEST_SAYS = re.compile(r"^E(?:[ \t]{3,}|$)")
_ESCAPED = re.compile(r"\\+(?:[nrt]|(?=[\"']))")  # line breaks and quotation marks inside of a quoted text
# Unlike str.lower, it keeps every place where it was. Some programs curl quotation marks, input methods widen letters.
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase) | str.maketrans("‘’‚“”„`", "'''\"\"\"`")
_WIDE = "".join(map(chr, range(0xFF01, 0xFF5F)))
_LOWER |= str.maketrans(_WIDE, "".join(chr(ord(wide) - 0xFEE0).lower() for wide in _WIDE))
_TEMPLATE = re.compile(
    r"\{(?:path_or_repo_id|pretrained_model_name_or_path|repo_id|revision|e|error_message)\}|\bf\"|"
    r"\b(?:el)?if [\w.]+ [=!]= [\"']"
)


@dataclass(frozen=True)
class Secret:
    """A secret that was in the text: what it is, how it is recognised, and where to revoke it."""

    what: str
    masked: str
    url: str


@dataclass(frozen=True)
class PastedText:
    """A pasted text. `lines` are safe to show; `compact` and `normalized` are the same without white space,
    `normalized` in lower case, for rules; `whole` keeps prefixes and quoted source, in lower case, for what the text
    as a whole tells."""

    lines: tuple[str, ...]
    compact: str
    normalized: str
    starts: tuple[int, ...]
    whole: str
    secrets: tuple[Secret, ...] = ()

    def line_at(self, place: int) -> int:
        """The index of the line that a place in `normalized` belongs to."""
        return max(0, bisect_right(self.starts, place) - 1)


def decode(data: bytes) -> str:
    """Bytes of a file or a pipe as text; PowerShell writes UTF-16."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def parse_pasted_text(text: str) -> PastedText:
    """Take a pasted text apart."""
    text, secrets = mask_secrets(plain(_cut(text)))
    lines = clean(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = lines[: MOST_LINES // 4] + lines[MOST_LINES // 4 :][-MOST_LINES:]
    raw = [part for line in lines for unfolded in _unfolded(line) for part in _parts(unfolded)]
    whole = "\n".join(raw).lower()
    lines = _without_source(_without_boxes(_without_prefixes(raw)))
    kept = [" ".join(line.split()) for line in lines]
    kept = [line for line in kept if line and not _RULER.match(line) and not _TEMPLATE.search(line)]
    starts, pieces, length = [], [], 0
    for line in kept:
        starts.append(length)
        pieces.append("".join(_ESCAPED.sub(" ", line).split()))
        length += len(pieces[-1])
    compact = "".join(pieces)
    return PastedText(tuple(kept), compact, compact.translate(_LOWER), tuple(starts), whole, secrets)


def _cut(text: str) -> str:
    """A long text's start and end; cut at white space, so that no secret is cut in two."""
    if len(text) <= HEAD + TAIL:
        return text
    head, tail = text[:HEAD], text[-TAIL:]
    end = max(head.rfind("\n"), head.rfind(" ", HEAD - 500))
    start = next((i for i, character in enumerate(tail[:500]) if character.isspace()), 0)
    return head[: end if end > 0 else HEAD] + "\n" + tail[start:]


def _unfolded(line: str) -> list[str]:
    """A line of a log that is JSON holds many lines."""
    return re.split(r"\\+n", re.sub(r"\\+\"", '"', line)) if line.lstrip()[:1] == "{" else [line]


def _parts(line: str) -> Iterable[str]:
    if len(line) <= LONGEST_LINE:
        return (line,)
    return (line[start : start + LONGEST_LINE] for start in range(0, len(line), LONGEST_LINE))


def mask_secrets(text: str) -> tuple[str, tuple[Secret, ...]]:
    """The text without its secrets, those that a terminal has wrapped included, and what they were."""
    found: dict[str, Secret] = {}

    def mask_one(what: str, url: str, value: str) -> str:
        masked = mask(value) if what.startswith(("Hugging", "Modal")) else f"{value[:4]}…{value[-4:]}"
        found[masked] = Secret(what, masked, url)
        return masked

    def join_wrapped(match: re.Match[str]) -> str:
        first, second = match.groups()
        if len(first) + len(second) != _HUB_TOKEN_LETTERS:
            return match.group()
        return mask_one(SECRET_SHAPES[0][0], SECRET_SHAPES[0][1], f"hf_{first}{second}") + "\n"

    text = _BROKEN_TOKEN.sub(join_wrapped, text)
    for what, url, shape in SECRET_SHAPES:
        text = shape.sub(lambda match, what=what, url=url: mask_one(what, url, match.group()), text)  # type: ignore[misc]
    return text, tuple(found.values())


def _without_prefixes(lines: list[str]) -> list[str]:
    lines = [_strip(line, set()) for line in lines]
    heads = Counter(match.group(1) for line in lines if (match := _COMPOSE.match(line)))
    compose = {head for head, count in heads.items() if count > 1 or re.search(r"[-_]\d+$", head)}
    if not compose:
        return lines
    return [_strip(line, compose) for line in lines]


def _strip(line: str, compose: set[str]) -> str:
    for _ in range(6):
        text = line.lstrip()
        if (match := _COMPOSE.match(text)) and match.group(1) in compose:
            line = text[match.end() :]
            continue
        match = next((found for prefix in _PREFIXES if (found := prefix.match(text))), None)
        if match is None or match.end() == 0:
            return line
        line = text[match.end() :]
    return line


def _without_boxes(lines: list[str]) -> list[str]:
    out = []
    for line in lines:
        if _BOX_SOURCE.match(line):
            continue
        match = _BOX.match(line) if line.lstrip()[:1] in ("│", "┃", "║", "|") else None
        inner = match.group(1) if match else line
        if not _BOX_SOURCE.match(inner):
            out.append(inner)
    return out


def _without_source(lines: list[str]) -> list[str]:
    """Lines without the program text that tracebacks quote: it holds every sentence that could have been said."""
    if any(_PYTEST_SAYS.match(line) for line in lines):
        lines = [
            line[1:] if _PYTEST_SAYS.match(line) else line for line in lines if not line.startswith((">   ", "    "))
        ]
    drop = _numbered_source(lines)
    out: list[str] = []
    deep = -1  # how far a traceback's frame is indented, while in one
    for index, line in enumerate(lines):
        frame = _FRAME.match(line)
        if frame:
            deep = len(frame.group(1))
            out.append(line)
            continue
        indent = len(line) - len(line.lstrip())
        if deep >= 0 and line.strip() and indent > deep:
            continue
        if line.strip():
            deep = -1
        if index not in drop:
            out.append(line)
    return out


def _numbered_source(lines: list[str]) -> set[int]:
    """Lines that a notebook's traceback numbers: arrows, and neighbours whose numbers follow each other."""
    drop = {index for index, line in enumerate(lines) if _ARROW_SOURCE.match(line)}
    if not drop:
        return drop
    numbered = [
        (index, int(match.group(1)))
        for index, line in enumerate(lines)
        if not _STATUS_LINE.match(line) and (match := _NUMBERED.match(re.sub(r"^[ \t]*-+>", "", line)))
    ]
    for (index, number), (following, successor) in pairwise(numbered):
        if 0 < successor - number <= 2 and following - index <= 2:
            drop |= {index, following}
    return drop
