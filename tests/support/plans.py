"""A plan that says nothing in particular, for tests that change one thing of it."""

from __future__ import annotations

from typing import Any

from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.draft import Draft
from wizard.core.plan.plan import Plan

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def plan(**changes: Any) -> Plan:
    """The plan, with these changes."""
    values: dict[str, Any] = {
        "model": "acme/model",
        "revision": COMMIT,
        "app": "outlines-model",
        "output": CHARACTER,
        "prompt": "Describe somebody.",
        "gpu": "L4",
        "needs_token": True,
    }
    return Plan(**(values | changes))


def draft_of(whole: Plan) -> Draft:
    """A Draft that decides all that this plan says."""
    return Draft(**{setting.name: getattr(whole, setting.name) for setting in Draft.settings()})
