"""Which verdict a text bears out: the match that decides, made more precise with what else the text tells."""

from __future__ import annotations

import re

from wizard.core.explain.classification import NOT_RECOGNISED, Classification, PatternMatch
from wizard.core.explain.context_clues import find_context_clues
from wizard.core.explain.pasted_text import PastedText
from wizard.core.explain.pattern_search import find_matches, find_misread_matches, find_own_verdicts
from wizard.core.explain.patterns.error_pattern import Level
from wizard.core.explain.refinement import refine
from wizard.core.explain.repository import repository_in

_RETRYING = re.compile(r"retry|will try|falling back|fallback|ignor|continuing|skipping|warn")
_SUCCEEDED = re.compile(
    r"application startup complete|uvicorn running on|fetching \d+ files: 100%|shards: 100%|download complete|"
    r"app deployed in|server is ready|\bconnected\b(?! to proxy)|loaded successfully|"
    r"downloaded successfully|model loaded|retry succeeded|succeeded on (?:attempt|retry)|"
    r"is ready on|exit code:? 0\b|completed successfully|now ready"
)
_REQUEST_LOGS = ("httprequest:head", "httprequest:get", "httprequest:post")  # every request, whatever came of it
_FAILED = re.compile(r"traceback \(most recent|error:|exception:|failed\b|\bfatal\b")


def classify(pasted: PastedText, *, own: bool = False, token_here: bool = False) -> Classification:
    """Find the pattern that decides, and weigh it with what else the text gives away."""
    found = sorted(
        [*find_matches(pasted, own), *find_own_verdicts(pasted)], key=lambda match: (match.pattern.level, match.rank)
    )
    clues = find_context_clues(pasted)
    live = found if own else [match for match in found if not _recovered(pasted, match)]
    if not found and not own and (slips := find_misread_matches(pasted)):
        return Classification(slips[0].pattern.verdict, False, slips[0].pattern.others, slips, None, clues)
    if not live:
        return Classification(NOT_RECOGNISED, False, (), tuple(found), None, clues)
    best = _choose_match(pasted, live)
    repository = repository_in(pasted, pasted.line_at(best.start))
    others = best.pattern.others
    classification = Classification(
        best.pattern.verdict, best.pattern.sure, others, _supporting_matches(best, live), repository, clues
    )
    return refine(classification, best, live, token_here=token_here)


def _recovered(pasted: PastedText, match: PatternMatch) -> bool:
    """Whether the log went on after this: it was tried again, passed over, or only looked up, and then it worked."""
    first, last = pasted.line_at(match.start), pasted.line_at(match.end)
    beside = "\n".join(pasted.lines[max(0, first - 2) : last + 3]).lower()
    if not (
        _RETRYING.search(beside) or pasted.normalized[max(0, match.start - 20) : match.start].endswith(_REQUEST_LOGS)
    ):
        return False
    after = [line.lower() for line in pasted.lines[last + 1 :]]
    good = next((i for i in range(len(after) - 1, -1, -1) if _SUCCEEDED.search(after[i])), None)
    return good is not None and not any(_FAILED.search(line) for line in after[good:])


def _choose_match(pasted: PastedText, found: list[PatternMatch]) -> PatternMatch:
    top = [match for match in found if match.pattern.level == found[0].pattern.level]
    if found[0].pattern.level is Level.EXACT:
        last = max(top, key=lambda match: (match.end, -match.rank))
        beside = [
            match for match in top if last.start - 400 <= match.end and match.pattern.verdict != last.pattern.verdict
        ]
        return min([last, *beside], key=lambda match: match.rank) if beside else last
    chosen = top[0]
    if chosen.pattern.verdict == "hub_unreachable" and chosen.pattern.sure:
        # an answer of the Hub after it could not be reached: now it can
        answers = [match for match in found if match.pattern.level is Level.STATUS_ONLY and not match.pattern.near]
        return next((match for match in answers if match.start > chosen.end and _is_refusal(match)), chosen)
    if not chosen.pattern.sure and chosen.pattern.verdict == "hub_unreachable":
        # "couldn't connect" is said of any refusal; where the refusal itself is in the text, it decides
        refusals = [match for match in found if match.pattern.level is Level.STATUS_ONLY and _is_refusal(match)]
        if chosen.pattern.about == "storage":  # a refusal of the Hub itself names its address
            refusals = [match for match in refusals if "://" in pasted.normalized[match.start : match.end]]
        named = [
            match
            for match in found
            if match.pattern.verdict == "hub_unreachable" and match.rank > chosen.rank
            if chosen.pattern.about != "storage"  # a refusal of the storage is no network that is down
        ]
        return next(iter([match for match in refusals if not match.pattern.near] or named), chosen)
    return chosen


def _is_refusal(match: PatternMatch) -> bool:
    return match.pattern.verdict != "hub_unreachable"


def _supporting_matches(best: PatternMatch, found: list[PatternMatch]) -> tuple[PatternMatch, ...]:
    same = [match for match in found if match is not best and match.pattern.verdict == best.pattern.verdict]
    return (best, *sorted(same, key=lambda match: abs(match.start - best.start)))
