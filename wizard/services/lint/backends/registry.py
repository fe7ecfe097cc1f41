"""The three structured-output backends, asked directly: compile an output type, and say what it lets through.

Used in the child process only. Each is set up as Outlines 1.3 sets it up (its `backends` folder), so that what is found
here is what the deployed function does; torch is loaded by xgrammar alone, which cannot do without it.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from wizard.services.lint.backends.llguidance import LLGuidance
from wizard.services.lint.backends.outlines_core import OutlinesCore
from wizard.services.lint.backends.xgrammar import XGrammar

ENGINES: dict[str, type[LLGuidance] | type[OutlinesCore] | type[XGrammar]] = {
    "llguidance": LLGuidance,
    "outlines_core": OutlinesCore,
    "xgrammar": XGrammar,
}


def engine_version(name: str) -> str | None:
    """The installed version of a structured-output backend; None when it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
