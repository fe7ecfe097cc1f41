"""Finding the patterns of the table in a text, each only where its surroundings bear it out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from wizard.core.access.verdicts import Verdict
from wizard.core.explain.classification import PatternMatch
from wizard.core.explain.explanations import ROWS
from wizard.core.explain.pasted_text import PastedText
from wizard.core.explain.patterns.error_pattern import (
    CONTEXTS,
    HUB_ADDRESS,
    HUB_ADVICE_PAGE,
    OTHER_SERVICES,
    STORAGE_ADDRESS,
    ErrorPattern,
    Level,
    find_all,
    fold,
    names_address,
)
from wizard.core.explain.patterns.table import ERROR_PATTERNS, HARMLESS

NEAR = 3_000  # characters of text without white space on each side
NEAR_IF_STATUS_ONLY = 600  # the same, for words that anybody may say
MOST_MATCHES = 200  # of one fragment
LONG_ENOUGH = 16  # characters that are not a chance when letters may be read as others
MOST_BESIDE = 80  # letters that may be around a sentence that is pasted alone: a log's prefix, a client's own words
ADVICE_DISTANCE = 200  # how far before a pattern the advice about it may begin
# In normalized text, up to the pattern itself.
_ADVICE = re.compile(
    r"(?:(?:if|when|whenever|incase|should|once)(?:you|users?|someone|itsays)"
    r"|(?:you|users)(?:may|might|could))"
    r"(?:ever|still|now|then|also|instead|only)?"
    r"(?:see|seeing|get|encounter|receive|hit|face|runinto|aresee|areget)[^.!?]{0,150}$"
)
_PROGRAM = re.compile(
    r"(?:\} ?)?except\b[^\n]{0,200}:(?: *#.*)?$|from [\w.]+ import |import [\w.]+(?: as \w+)?$|(?:el)?if .{1,300}:$|"
    r"(?:raise|return|yield) \w+\(|print\(|(?:logger|logging|log|console|pytest)\.\w+\(|sys\.exit\(|assert |"
    r"(?:\} ?)?catch ?\(|(?:async )?def \w+\(|class \w+"
)
_ITS_ADDRESS = re.compile(r"(?:[:,]?toomanyrequests)?(?:forurl)?[:\s'\"(]{0,3}https?://([\w.-]{1,100})")  # normalized
_ADDRESS = re.compile(r"(?:https?://|host=')(?=([\w./-]{1,200}))")
_LOGGED_BY_A_SERVER = re.compile(r"http/\d(?:\.\d)?\\?\"$")  # its answer to somebody else: "GET / HTTP/1.1" 401
_SOMEBODY_ELSE = re.compile(
    r"remote:|fatal:|github|gitlab|bitbucket|docker|registry|jenkins|jira|smtp|imap|ldap|ftp|mysql|postgres|mongo|redis"
    r"|openai|anthropic|azure|amazon|aws|google|gemini|wandb|kaggle|civitai|nexus|artifactory|login:|ssh|wordpress|odoo"
)
_PROGRESS = re.compile(r"\d%\|")
_OWN_OUTPUT = re.compile(
    r"^✗ ((?:\w+ ){1,5})\S|\"event\": ?\"Failed\".{0,80}\"code\": ?\"(\w+)\"|\"verdict\": ?\"(\w+)\", ?\"cause\""
)


def find_matches(pasted: PastedText, own: bool, folded: bool = False) -> Iterator[PatternMatch]:
    normalized = fold(pasted.normalized) if folded else pasted.normalized
    harmless = [span for fragment in HARMLESS for span in find_all(fragment, normalized, folded=folded)]
    for rank, pattern in enumerate(ERROR_PATTERNS):
        if pattern.own and not own:
            continue
        for fragment in pattern.fragments:
            for start, end in islice(find_all(fragment, normalized, folded=folded), MOST_MATCHES):
                if any(start < to and end > since for since, to in harmless):
                    continue
                if not own and _is_only_mentioned(pasted, start):
                    continue
                if _fits_context(pasted, pattern, fragment, start, end, own):
                    yield PatternMatch(pattern, rank, start, end)


def find_misread_matches(pasted: PastedText) -> tuple[PatternMatch, ...]:
    """What is found when letters that look alike are the same: never certain, and names in it are not to be trusted."""
    matches = sorted(find_matches(pasted, own=False, folded=True), key=lambda match: (match.pattern.level, match.rank))
    return tuple(match for match in matches if match.end - match.start >= LONG_ENOUGH)


def find_own_verdicts(pasted: PastedText) -> Iterator[PatternMatch]:
    """Verdicts that this program itself has printed: a verdict on a line of its own, or its JSON."""
    for index, line in enumerate(pasted.lines):
        match = _OWN_OUTPUT.search(line)
        verdict = _verdict_in(next((group for group in match.groups() if group), "")) if match else ""
        if verdict and verdict != Verdict.READY.value:
            start = pasted.starts[index]
            pattern = ErrorPattern(verdict, (), "this program")
            yield PatternMatch(pattern, -1, start, start + len("".join(line.split())))


def _verdict_in(words: str) -> str:
    """The verdict that these words begin with, as JSON or as people read it; empty for none."""
    parts = words.split()
    named = ("_".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((name for name in named if name in ROWS), "")


def _is_only_mentioned(pasted: PastedText, start: int) -> bool:
    """Whether a pattern is only mentioned, in advice on what to do "if you see" it, or in a program."""
    line = pasted.line_at(start)
    quoted = pasted.normalized[start - 1 : start] in ("'", '"', "`")  # then the advice may have begun on another line
    since = max(start - ADVICE_DISTANCE, 0 if quoted else pasted.starts[line])
    return bool(_ADVICE.search(pasted.normalized, since, start)) or bool(_PROGRAM.match(pasted.lines[line]))


def _fits_context(pasted: PastedText, pattern: ErrorPattern, fragment: str, start: int, end: int, own: bool) -> bool:
    """Whether the neighbourhood is the right one for words that others say too."""
    if own and pattern.near in ("container", "runtime"):
        return True
    distance = NEAR_IF_STATUS_ONLY if pattern.level is Level.STATUS_ONLY else NEAR
    own_words = pasted.normalized[start:end] if names_address(fragment) else "\n"
    around = pasted.normalized[max(0, start - distance) : start] + own_words + pasted.normalized[end : end + distance]
    if _LOGGED_BY_A_SERVER.search(pasted.normalized, max(0, start - 12), start):
        return False
    if pattern.near and not CONTEXTS[pattern.near].search(around):
        return False
    if pattern.near == "alone":
        return _is_alone(pasted, start, end)
    if pattern.near in ("hub_address", "hub_file", "storage_address"):
        logged = (
            fragment.startswith("http/")
            and pasted.starts[pasted.line_at(start)] != start
            and pasted.normalized[start - 1] == '"'
        )
        asked = _next_address(pasted, start, end)
        wanted = pattern.near != "hub_file" or "/resolve/" in asked
        speaker = STORAGE_ADDRESS if pattern.near == "storage_address" else HUB_ADDRESS
        # what a client logs of every request it makes is no error yet
        return wanted and not logged and bool(speaker.match(asked))
    if "*" in fragment and names_address(fragment) and pasted.normalized.count("://", start, end) > 1:
        return False  # the status was that of another address
    if pattern.near == "hub" and not names_address(fragment):
        if (address := _ITS_ADDRESS.match(pasted.normalized, end)) and not HUB_ADDRESS.match(address.group(1)):
            return False
        first, last = pasted.line_at(start), pasted.line_at(end)
        lines = "".join("".join(line.lower().split()) for line in pasted.lines[max(0, first - 1) : last + 2])
        return not OTHER_SERVICES.search(lines) or bool(HUB_ADDRESS.search(lines))
    return True


def _is_alone(pasted: PastedText, start: int, end: int) -> bool:
    """Whether a sentence is nearly all of the text, and nothing in the rest names somebody else who could say it."""
    first, last = pasted.line_at(start), pasted.line_at(max(start, end - 1))
    since = pasted.starts[first]
    until = pasted.starts[last + 1] if last + 1 < len(pasted.starts) else len(pasted.normalized)
    others = [line for line in (*pasted.lines[:first], *pasted.lines[last + 1 :]) if not _PROGRESS.search(line)]
    rest = pasted.normalized[since:start] + pasted.normalized[end:until] + "".join(others).lower()
    said = sum(map(str.isalnum, rest))
    return said <= MOST_BESIDE and "://" not in rest and not _SOMEBODY_ELSE.search(rest)


def _next_address(pasted: PastedText, start: int, end: int) -> str:
    """The address, without its scheme, that a status belongs to: one on its own line, else the nearest.

    Pages that advice points to are no such address.
    """
    since, line = max(0, start - NEAR_IF_STATUS_ONLY), pasted.line_at(start)
    places = [
        (
            pasted.line_at(place := since + match.start()) != line,
            start - place if place < start else place - end,
            match.group(1),
        )
        for match in _ADDRESS.finditer(pasted.normalized[since : end + NEAR_IF_STATUS_ONLY])
        if not HUB_ADVICE_PAGE.match(match.group(1))
    ]
    return min(places, default=(True, 0, ""))[2]
