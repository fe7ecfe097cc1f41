"""The models that were chosen lately: a short list in the person's state folder, without anything secret."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from wizard.core.access_token import clean_line
from wizard.core.models.model_info import is_model_name
from wizard.core.own_files import keep_json, state_folder
from wizard.flow.ports.hub import ModelSummary

MOST = 8


def recent_file() -> Path:
    """Where the list is kept."""
    return state_folder() / "recent-models.json"


def read_recent() -> list[ModelSummary]:
    """The latest first; empty when there is no list, or none that can be read."""
    try:
        data = json.loads(recent_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    found = [_summary(item) for item in data if isinstance(item, dict)] if isinstance(data, list) else []
    return [item for item in found if item is not None][:MOST]


def remember_model(summary: ModelSummary) -> None:
    """Put a model at the head of the list. A folder that cannot be written only means that nothing is remembered."""
    others = [item for item in read_recent() if item.repo_id != summary.repo_id]
    keep_json(recent_file(), [asdict(item) for item in (summary, *others)][:MOST])


def bare(repo_id: str) -> ModelSummary:
    """A model of which only the name is known."""
    return ModelSummary(repo_id, "", None, None, None, None)


def _summary(item: dict[str, object]) -> ModelSummary | None:
    name, gate, licence = item.get("repo_id"), item.get("gate"), item.get("licence")
    if not isinstance(name, str) or not is_model_name(name):
        return None
    return ModelSummary(
        repo_id=name,
        gate=gate if gate in ("open", "auto", "manual") else "",
        parameters=_whole(item.get("parameters")),
        licence=clean_line(licence, 80) if isinstance(licence, str) else None,
        downloads=_whole(item.get("downloads")),
        task=None,
        private=item.get("private") is True,
    )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
