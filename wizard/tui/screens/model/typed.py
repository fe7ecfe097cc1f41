"""What was typed into the search field: a full name, an address, a few words, or something that is none of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.core.models.model_info import ModelName, read_model_name
from wizard.core.problem import Problem

if TYPE_CHECKING:
    from wizard.flow.ports.hub import ModelSummary


def understood(text: str) -> tuple[ModelName | None, str]:
    """A full name or an address, or what is wrong with it; a word or two are a search, and neither."""
    if not text or ("/" not in text and not text.startswith("http")):
        return None, ""
    try:
        name = read_model_name(text)
        return (name, "") if "/" in name.repo_id or "://" in text else (None, "")
    except Problem as problem:
        return None, f"{problem.message} {problem.hint.removeprefix('Pass the name of a model.')}".strip()


def what_enter_does(name: ModelName | None, found: list[ModelSummary], text: str) -> str:
    """The one thing to know while typing."""
    if name is not None:
        at = f" at {name.revision}" if name.revision else ""
        return f"Press Enter to use {name.repo_id}{at}."
    if found:
        return "Press Enter to use the highlighted model."
    return f"Nothing on the Hub matches “{text[:60]}”. You can also type a full org/model name."
