"""Making a verdict more precise with what the whole text tells: other errors, the model, access tokens, containers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from wizard.core.explain.classification import Classification, PatternMatch
from wizard.core.explain.patterns.error_pattern import Level
from wizard.core.explain.patterns.table import is_of_gated_family


def refine(
    classification: Classification, best: PatternMatch, found: list[PatternMatch], *, token_here: bool
) -> Classification:
    """The classification by its best match, as everything else that was found and the clues of the text change it."""
    classification = _refine_conflicting(classification, best, found)
    classification = _refine_gate(classification, found)
    classification = _refine_status_only(classification)
    return _refine_forwarding(classification, best, token_here)


def _refine_conflicting(
    classification: Classification, best: PatternMatch, found: list[PatternMatch]
) -> Classification:
    """Other exact sentences of other verdicts: the text tells more than one story."""
    exact = {match.pattern.verdict for match in found if match.pattern.level is Level.EXACT}
    if best.pattern.level is not Level.EXACT or len(exact) == 1:
        network = [h for h in found if h.pattern.verdict == "hub_unreachable" and h.pattern.level is Level.STATUS_ONLY]
        vague = (
            best.pattern.level is Level.VAGUE
            and best.pattern.about != "storage"
            and classification.verdict == "hub_unreachable"
            and not classification.sure
        )
        if vague and network:
            return replace(classification, sure=True, others=())
        return classification
    if exact <= {"expired_token", "invalid_token"}:
        return replace(classification, verdict="expired_token", sure=True, others=())
    others = tuple(sorted(exact - {classification.verdict}))
    rivals = tuple(next(match for match in found if match.pattern.verdict == other) for other in others)
    return replace(classification, sure=False, others=others, matches=(best, *rivals, *classification.matches[1:]))


def _refine_gate(classification: Classification, found: list[PatternMatch]) -> Classification:
    """A gate without the Hub's words: a 403 beside it says that an access token was sent."""
    if classification.verdict != "no_token" or classification.others != ("not_requested",):
        return classification
    bare = {match.pattern.verdict for match in found if match.pattern.level is Level.STATUS_ONLY}
    if "blocked_other" in bare and "private_or_missing" not in bare:
        return replace(classification, verdict="not_requested", others=("pending_review", "rejected"))
    return classification


def _refine_status_only(classification: Classification) -> Classification:
    """A status without words: what is known of the model, and of what was sent, says more."""
    best = classification.matches[0]
    gated = is_of_gated_family(classification.model or "")
    if best.pattern.level is Level.STATUS_ONLY and gated and classification.verdict == "private_or_missing":
        if classification.clues.token_sent:
            return replace(classification, verdict="invalid_token", others=("no_token",))
        return replace(classification, verdict="no_token", others=("invalid_token", "not_requested"))
    if best.pattern.level is Level.STATUS_ONLY and gated and classification.verdict == "blocked_other":
        return replace(classification, verdict="not_requested", others=("fine_grained_lacks_gated", "pending_review"))
    if classification.verdict == "private_or_missing" and classification.clues.asked_whoami:
        return replace(classification, verdict="invalid_token", sure=True, others=())
    if classification.verdict == "private_or_missing" and classification.clues.token_sent:
        return replace(classification, verdict="invalid_token", sure=False, others=("private_or_missing",))
    return classification


def _refine_forwarding(classification: Classification, best: PatternMatch, token_here: bool) -> Classification:
    """No access token: was there none at all, or did it stay outside of the container?"""
    clues = classification.clues
    if classification.verdict != "no_token":
        return classification
    if clues.in_container and not clues.forwarded:
        if clues.token_outside:
            return replace(classification, verdict="env_not_forwarded", sure=True, others=())
        if token_here or (best.pattern.others == ("env_not_forwarded",) and clues.in_modal):
            return replace(classification, verdict="env_not_forwarded", sure=False, others=("no_token",))
        return replace(
            classification,
            sure=False,
            others=("env_not_forwarded", *_without(classification.others, "env_not_forwarded")),
        )
    if clues.forwarded or clues.token_outside or clues.token_sent:
        # one was there, they say, and yet none arrived: empty, of another name, or not accepted
        return replace(
            classification, sure=False, others=("invalid_token", *_without(classification.others, "invalid_token"))
        )
    return classification


def _without(verdicts: Iterable[str], verdict: str) -> tuple[str, ...]:
    return tuple(each for each in verdicts if each != verdict)
