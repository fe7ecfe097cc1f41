"""The log of the deploy or call that runs: one key leads to it from every screen."""

from __future__ import annotations

from typing import Any

from textual.app import App

from wizard.tui.step_view import StepView

KEY = "l"


def leads_to_log(app: App[Any], key: str) -> bool:
    """Whether `key` is the one for the log right now: l, and another one where l is typed or has its own meaning."""
    shown = app.screen
    deploy, sample = _screens(app)
    if not isinstance(shown, StepView) or shown is deploy or not (deploy.running or sample.asking):
        return False
    is_typed = app.focused is not None and app.focused.check_consume_key(KEY, KEY)
    has_own = any(getattr(binding, "key", "") == KEY for binding in app.screen.BINDINGS)
    if key == KEY:
        return not is_typed and not has_own
    shows_the_same = bool(sample.is_own) and sample is app.screen
    return is_typed or (has_own and not shows_the_same)


def place_of_log(app: App[Any]) -> str:
    """The screen that shows it: that of the deploy, or home, beside the function that is called."""
    deploy, sample = _screens(app)
    return "deploy" if deploy.running or sample.is_own else "home"


def _screens(app: App[Any]) -> tuple[Any, Any]:
    return app.get_screen("deploy"), app.get_screen("sample")
