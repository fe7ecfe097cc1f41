"""How long each phase took on this computer's earlier runs: a small file in the state folder, and nothing secret in it.

It has seconds by model and GPU, no names of apps and no prompts. What cannot be read or written only means that nothing
is known.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from wizard.core.own_files import keep_json, state_folder
from wizard.core.phases import PHASE_TITLES, UsualTime

MOST_KEYS, MOST_RUNS = 60, 9  # of each model on each GPU, the last runs; of all pairs, those that were used last


def phase_times_file() -> Path:
    """Where the seconds are kept."""
    return state_folder() / "phase-times.json"


def run_key(model: str, gpu: str, *, rehearsal: bool) -> str:
    """What runs are alike; empty for a demo, which leaves nothing on this computer, and where the GPU is not known."""
    return f"{model} on {gpu}" if gpu and not rehearsal else ""


def usual_times(key: str) -> dict[str, UsualTime]:
    """By phase, the middle one of the last runs; nothing for an empty key."""
    return {phase: UsualTime(statistics.median(runs)) for phase, runs in _read().get(key, {}).items()}


def remember_phase(key: str, phase: str, seconds: float) -> None:
    """Add what a phase has taken; nothing for an empty key."""
    if not key:
        return
    known = _read()
    phases = known.pop(key, {})
    phases[phase] = [*phases.get(phase, []), round(seconds, 2)][-MOST_RUNS:]
    known[key] = phases
    keep_json(phase_times_file(), dict(list(known.items())[-MOST_KEYS:]))


def _read() -> dict[str, dict[str, list[float]]]:
    """What is well-formed of the file."""
    try:
        data = json.loads(phase_times_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    found: dict[str, dict[str, list[float]]] = {}
    for key, phases in data.items() if isinstance(data, dict) else ():
        kept = {name: _numbers(phases.get(name)) for name in PHASE_TITLES} if isinstance(phases, dict) else {}
        found[key] = {name: runs for name, runs in kept.items() if runs}
    return found


def _numbers(value: object) -> list[float]:
    runs = value if isinstance(value, list) else []
    return [float(each) for each in runs if isinstance(each, (int, float)) and not isinstance(each, bool) and each >= 0]
