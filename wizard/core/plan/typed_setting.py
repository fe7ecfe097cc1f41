"""A setting as a person types it: its value, or a sentence that names the field and what it takes."""

from __future__ import annotations

from wizard.core.access_token import clean_line
from wizard.core.plan.setting import Setting
from wizard.core.problem import Problem


def read_typed(setting: Setting, text: str) -> tuple[str | int | None, str]:
    """The value that was typed; or None, and a sentence that names the field and what it takes."""
    title = f'"{setting.label.partition(" (")[0]}"'
    try:
        value: str | int = int(text) if setting.value_type is int else text
    except ValueError:
        return None, f"{title} must be a whole number{_range_words(setting, ', ')}."
    if isinstance(value, int) and setting.limits is not None and not setting.limits[0] <= value <= setting.limits[1]:
        return None, f"{title} must be {_range_words(setting)}."
    try:
        if setting.check is not None:
            setting.check(title, str(value))
    except Problem as problem:
        return None, clean_line(f"{problem.message} {problem.hint}", 200)
    return value, ""


def _range_words(setting: Setting, before: str = "") -> str:
    return f"{before}{setting.limits[0]:,}-{setting.limits[1]:,}" if setting.limits is not None else ""
