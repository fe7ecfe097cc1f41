"""Sentences of the Hub that are pasted alone: nothing beside them proves that it was the Hub who said them."""

from __future__ import annotations

from wizard.core.explain.patterns.error_pattern import ErrorPattern, Level

BARE: tuple[ErrorPattern, ...] = (
    ErrorPattern(
        "invalid_token",
        ("invalid credentials in authorization header",),
        "Hub, error reports 2024-2026",
        level=Level.VAGUE,
        near="alone",
        sure=False,
        others=("private_or_missing",),
    ),
    ErrorPattern(
        "private_or_missing",
        ("invalid username or password.",),
        "Hub, live 2026-10: also for a dead access token",
        level=Level.VAGUE,
        near="alone",
        sure=False,
        others=("invalid_token", "no_token"),
    ),
    ErrorPattern(
        "pending_review",
        (
            "is pending a review from the repo's authors",
            "is awaiting a review from the repo authors",
            "is awaiting a review from the repo's authors",
        ),
        "the Hub's website, and its answer cut short",
        level=Level.VAGUE,
        sure=False,
    ),
    ErrorPattern(
        "no_token",
        ("access to model * is restricted", "access to dataset * is restricted", "access to space * is restricted"),
        "Hub, cut short",
        level=Level.VAGUE,
        sure=False,
        others=("not_requested",),
    ),
    ErrorPattern(
        "region_blocked",
        ("this model is not available in your region", "this dataset is not available in your region"),
        "Hub, error report 2026",
        level=Level.VAGUE,
        near="alone",
        sure=False,
        others=("blocked_other",),
    ),
    ErrorPattern(
        "no_token",
        ("error: authorizationrequired", "authorizationrequired"),
        "swift-transformers",
        level=Level.VAGUE,
        near="alone",
        sure=False,
        others=("not_requested", "private_or_missing"),
    ),
)
