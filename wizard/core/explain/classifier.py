"""Which verdict a text bears out: the sentence that decides, weighed with what else the text gives away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from wizard.core.access.verdicts import Verdict
from wizard.core.explain.context_clues import ContextClues, find_context_clues, model_in
from wizard.core.explain.explanations import ROWS
from wizard.core.explain.pasted_text import Pasted
from wizard.core.explain.patterns.error_pattern import (
    ADVICE_OF_THE_HUB,
    FOREIGN,
    NEIGHBOURS,
    OF_THE_HUB,
    ErrorPattern,
    Level,
    find_all,
    fold,
)
from wizard.core.explain.patterns.table import ERROR_PATTERNS, GATED_FAMILIES, HARMLESS

NOT_RECOGNISED = "not_recognised"
NEAR = 3_000  # characters of text without white space on each side
BESIDE = 600  # the same, for words that anybody may say
MOST_HITS = 200  # of one fragment
LONG_ENOUGH = 16  # characters that are not a chance when letters may be read as others
TOLD = 200  # how far before a sentence advice on it may begin

# In dense text, up to the sentence itself.
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

_RETRYING = re.compile(r"retry|will try|falling back|fallback|ignor|continuing|skipping|warn")
_WENT_ON = re.compile(
    r"application startup complete|uvicorn running on|fetching \d+ files: 100%|shards: 100%|download complete|"
    r"app deployed in|server is ready|\bconnected\b(?! to proxy)|loaded successfully|"
    r"downloaded successfully|model loaded|retry succeeded|succeeded on (?:attempt|retry)|"
    r"is ready on|exit code:? 0\b|completed successfully|now ready"
)
_OF_ADDRESS = re.compile(r"(?:[:,]?toomanyrequests)?(?:forurl)?[:\s'\"(]{0,3}https?://([\w.-]{1,100})")  # dense text
_ADDRESS = re.compile(r"(?:https?://|host=')(?=([\w./-]{1,200}))")
_LOGGED_BY_A_SERVER = re.compile(r"http/\d(?:\.\d)?\\?\"$")  # its answer to somebody else: "GET / HTTP/1.1" 401
_MERELY_LOGGED = ("httprequest:head", "httprequest:get", "httprequest:post")  # every request, whatever came of it
_WENT_WRONG = re.compile(r"traceback \(most recent|error:|exception:|failed\b|\bfatal\b")
_OURS = re.compile(
    r"^✗ (\w+) {1,2}\S|\"event\": ?\"Failed\".{0,80}\"code\": ?\"(\w+)\"|\"verdict\": ?\"(\w+)\", ?\"cause\""
)


@dataclass(frozen=True)
class Hit:
    """One place where a sentence of the table was found; `start` and `end` are places in the dense text."""

    sentence: ErrorPattern
    rank: int
    start: int
    end: int


@dataclass(frozen=True)
class Classification:
    """What the table says of a text, before it is put into words."""

    verdict: str
    sure: bool
    others: tuple[str, ...]
    hits: tuple[Hit, ...]
    model: str | None
    around: ContextClues

    @property
    def may_be_forwarding(self) -> bool:
        """True when all depends on whether an access token exists where the person sits."""
        return self.verdict == "no_token" and self.around.in_container and not self.around.forwarded


def read(pasted: Pasted, *, own: bool = False, token_here: bool = False) -> Classification:
    """Find the sentence that decides, and weigh it with what else the text gives away."""
    found = sorted([*_hits(pasted, own), *_own_words(pasted)], key=lambda hit: (hit.sentence.level, hit.rank))
    around = find_context_clues(pasted)
    live = found if own else [hit for hit in found if not _healed(pasted, hit)]
    if not found and not own and (slips := _read_from_a_picture(pasted)):
        return Classification(slips[0].sentence.verdict, False, slips[0].sentence.others, slips, None, around)
    if not live:
        return Classification(NOT_RECOGNISED, False, (), tuple(found), None, around)
    best = _decide(live)
    model = model_in(pasted, pasted.line_at(best.start))
    others = best.sentence.others
    reading = Classification(best.sentence.verdict, best.sentence.sure, others, _support(best, live), model, around)
    return _weigh_forwarding(_weigh_status(_weigh_gate(_weigh_rivals(reading, best, live), live)), best, token_here)


def _read_from_a_picture(pasted: Pasted) -> tuple[Hit, ...]:
    """What is found when letters that look alike are the same: never certain, and names in it are not to be trusted."""
    hits = sorted(_hits(pasted, own=False, folded=True), key=lambda hit: (hit.sentence.level, hit.rank))
    return tuple(hit for hit in hits if hit.end - hit.start >= LONG_ENOUGH)


def _hits(pasted: Pasted, own: bool, folded: bool = False) -> Iterator[Hit]:
    normalized = fold(pasted.normalized) if folded else pasted.normalized
    harmless = [span for fragment in HARMLESS for span in find_all(fragment, normalized, folded=folded)]
    for rank, sentence in enumerate(ERROR_PATTERNS):
        if sentence.own and not own:
            continue
        for fragment in sentence.says:
            for start, end in islice(find_all(fragment, normalized, folded=folded), MOST_HITS):
                if any(start < to and end > since for since, to in harmless):
                    continue
                if not own and _merely_told(pasted, start):
                    continue
                if _belongs(pasted, sentence, fragment, start, end, own):
                    yield Hit(sentence, rank, start, end)


def _merely_told(pasted: Pasted, start: int) -> bool:
    """Whether a sentence is only talked of, in advice on what to do "if you see" it, or in a program."""
    line = pasted.line_at(start)
    quoted = pasted.normalized[start - 1 : start] in ("'", '"', "`")  # then the advice may have begun on another line
    since = max(start - TOLD, 0 if quoted else pasted.starts[line])
    return bool(_ADVICE.search(pasted.normalized, since, start)) or bool(_PROGRAM.match(pasted.lines[line]))


def _own_words(pasted: Pasted) -> Iterator[Hit]:
    """What this program itself has said: a verdict on a line of its own, or its JSON."""
    for index, line in enumerate(pasted.lines):
        match = _OURS.search(line)
        verdict = next((group for group in match.groups() if group), "") if match else ""
        if verdict in ROWS and verdict != Verdict.READY.value:
            start = pasted.starts[index]
            sentence = ErrorPattern(verdict, (), "this program")
            yield Hit(sentence, -1, start, start + len("".join(line.split())))


def _belongs(pasted: Pasted, sentence: ErrorPattern, fragment: str, start: int, end: int, own: bool) -> bool:
    """Whether the neighbourhood is the right one for words that others say too."""
    if own and sentence.near in ("container", "runtime"):
        return True
    reach = BESIDE if sentence.level is Level.BARE else NEAR
    said = pasted.normalized[start:end] if "{hub" in fragment else "\n"
    around = pasted.normalized[max(0, start - reach) : start] + said + pasted.normalized[end : end + reach]
    if _LOGGED_BY_A_SERVER.search(pasted.normalized, max(0, start - 12), start):
        return False
    if sentence.near and not NEIGHBOURS[sentence.near].search(around):
        return False
    if sentence.near in ("hub_address", "hub_file"):
        logged = (
            fragment.startswith("http/")
            and pasted.starts[pasted.line_at(start)] != start
            and pasted.normalized[start - 1] == '"'
        )
        asked = _next_address(pasted, start, end)
        wanted = sentence.near == "hub_address" or "/resolve/" in asked
        # what a client logs of every request it makes is no error yet
        return wanted and not logged and bool(OF_THE_HUB.match(asked))
    if "*" in fragment and "{hub" in fragment and pasted.normalized.count("://", start, end) > 1:
        return False  # the status was that of another address
    if sentence.near == "hub" and "{hub" not in fragment:
        if (address := _OF_ADDRESS.match(pasted.normalized, end)) and not OF_THE_HUB.match(address.group(1)):
            return False
        first, last = pasted.line_at(start), pasted.line_at(end)
        lines = "".join("".join(line.lower().split()) for line in pasted.lines[max(0, first - 1) : last + 2])
        return not FOREIGN.search(lines) or bool(OF_THE_HUB.search(lines))
    return True


def _next_address(pasted: Pasted, start: int, end: int) -> str:
    """The address, without its scheme, that a status belongs to: one on its own line, else the nearest.

    Pages that advice points to are no such address.
    """
    since, line = max(0, start - BESIDE), pasted.line_at(start)
    places = [
        (
            pasted.line_at(place := since + match.start()) != line,
            start - place if place < start else place - end,
            match.group(1),
        )
        for match in _ADDRESS.finditer(pasted.normalized[since : end + BESIDE])
        if not ADVICE_OF_THE_HUB.match(match.group(1))
    ]
    return min(places, default=(True, 0, ""))[2]


def _healed(pasted: Pasted, hit: Hit) -> bool:
    """Whether the log went on after this: it was tried again, passed over, or only looked up, and then it worked."""
    first, last = pasted.line_at(hit.start), pasted.line_at(hit.end)
    beside = "\n".join(pasted.lines[max(0, first - 2) : last + 3]).lower()
    if not (_RETRYING.search(beside) or pasted.normalized[max(0, hit.start - 20) : hit.start].endswith(_MERELY_LOGGED)):
        return False
    after = [line.lower() for line in pasted.lines[last + 1 :]]
    good = next((i for i in range(len(after) - 1, -1, -1) if _WENT_ON.search(after[i])), None)
    return good is not None and not any(_WENT_WRONG.search(line) for line in after[good:])


def _decide(found: list[Hit]) -> Hit:
    top = [hit for hit in found if hit.sentence.level == found[0].sentence.level]
    if found[0].sentence.level is Level.EXACT:
        last = max(top, key=lambda hit: (hit.end, -hit.rank))
        beside = [hit for hit in top if last.start - 400 <= hit.end and hit.sentence.verdict != last.sentence.verdict]
        return min([last, *beside], key=lambda hit: hit.rank) if beside else last
    chosen = top[0]
    if chosen.sentence.verdict == "hub_unreachable" and chosen.sentence.sure:
        # an answer of the Hub after it could not be reached: now it can
        answers = [hit for hit in found if hit.sentence.level is Level.BARE and not hit.sentence.near]
        return next((hit for hit in answers if hit.start > chosen.end and _is_refusal(hit)), chosen)
    if not chosen.sentence.sure and chosen.sentence.verdict == "hub_unreachable":
        # "couldn't connect" is said of any refusal; where the refusal itself is in the text, it decides
        refusals = [hit for hit in found if hit.sentence.level is Level.BARE and _is_refusal(hit)]
        named = [hit for hit in found if hit.sentence.verdict == "hub_unreachable" and hit.rank > chosen.rank]
        return next(iter([hit for hit in refusals if not hit.sentence.near] or named), chosen)
    return chosen


def _is_refusal(hit: Hit) -> bool:
    return hit.sentence.verdict != "hub_unreachable"


def _support(best: Hit, found: list[Hit]) -> tuple[Hit, ...]:
    same = [hit for hit in found if hit is not best and hit.sentence.verdict == best.sentence.verdict]
    return (best, *sorted(same, key=lambda hit: abs(hit.start - best.start)))


def _weigh_rivals(reading: Classification, best: Hit, found: list[Hit]) -> Classification:
    """Other exact sentences of other verdicts: the text tells more than one story."""
    exact = {hit.sentence.verdict for hit in found if hit.sentence.level is Level.EXACT}
    if best.sentence.level is not Level.EXACT or len(exact) == 1:
        network = [h for h in found if h.sentence.verdict == "hub_unreachable" and h.sentence.level is Level.BARE]
        vague = best.sentence.level is Level.VAGUE and reading.verdict == "hub_unreachable" and not reading.sure
        if vague and network:
            return replace(reading, sure=True, others=())
        return reading
    if exact <= {"expired_token", "invalid_token"}:
        return replace(reading, verdict="expired_token", sure=True, others=())
    others = tuple(sorted(exact - {reading.verdict}))
    rivals = tuple(next(hit for hit in found if hit.sentence.verdict == other) for other in others)
    return replace(reading, sure=False, others=others, hits=(best, *rivals, *reading.hits[1:]))


def _weigh_gate(reading: Classification, found: list[Hit]) -> Classification:
    """A gate without the Hub's words: a 403 beside it says that an access token was sent."""
    if reading.verdict != "no_token" or reading.others != ("not_requested",):
        return reading
    bare = {hit.sentence.verdict for hit in found if hit.sentence.level is Level.BARE}
    if "blocked_other" in bare and "private_or_missing" not in bare:
        return replace(reading, verdict="not_requested", others=("pending_review", "rejected"))
    return reading


def _weigh_status(reading: Classification) -> Classification:
    """A status without words: what is known of the model, and of what was sent, says more."""
    best = reading.hits[0]
    gated = (reading.model or "").lower().startswith(GATED_FAMILIES)
    if best.sentence.level is Level.BARE and gated and reading.verdict == "private_or_missing":
        if reading.around.token_sent:
            return replace(reading, verdict="invalid_token", others=("no_token",))
        return replace(reading, verdict="no_token", others=("invalid_token", "not_requested"))
    if best.sentence.level is Level.BARE and gated and reading.verdict == "blocked_other":
        return replace(reading, verdict="not_requested", others=("fine_grained_lacks_gated", "pending_review"))
    if reading.verdict == "private_or_missing" and reading.around.asked_whoami:
        return replace(reading, verdict="invalid_token", sure=True, others=())
    if reading.verdict == "private_or_missing" and reading.around.token_sent:
        return replace(reading, verdict="invalid_token", sure=False, others=("private_or_missing",))
    return reading


def _weigh_forwarding(reading: Classification, best: Hit, token_here: bool) -> Classification:
    """No access token: was there none at all, or did it stay outside of the container?"""
    around = reading.around
    if reading.verdict != "no_token":
        return reading
    if around.in_container and not around.forwarded:
        if around.token_outside:
            return replace(reading, verdict="env_not_forwarded", sure=True, others=())
        if token_here or (best.sentence.others == ("env_not_forwarded",) and around.in_modal):
            return replace(reading, verdict="env_not_forwarded", sure=False, others=("no_token",))
        return replace(
            reading, sure=False, others=("env_not_forwarded", *_without(reading.others, "env_not_forwarded"))
        )
    if around.forwarded or around.token_outside or around.token_sent:
        # one was there, they say, and yet none arrived: empty, of another name, or not accepted
        return replace(reading, sure=False, others=("invalid_token", *_without(reading.others, "invalid_token")))
    return reading


def _without(verdicts: Iterable[str], verdict: str) -> tuple[str, ...]:
    return tuple(each for each in verdicts if each != verdict)
