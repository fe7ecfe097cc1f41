"""What the person has set for the screen: a theme and keys, in their configuration folder. Nothing is ever written.

``config.toml`` may say ``theme = "outlines-light"``; ``keymap.toml`` has one line per binding, as in
``"frame.back" = "escape,ctrl+b"``. The ids are those that the help shows.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textual.binding import Binding

from wizard.core.own_files import config_folder


@dataclass(frozen=True)
class Preferences:
    """Preferences, and one sentence for each file that could not be understood."""

    theme: str | None = None
    keymap: dict[str, str] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()


def read_preferences(folder: Path | None = None) -> Preferences:
    """Read both files; a missing one means defaults, a broken one a complaint."""
    folder = folder or config_folder()
    complaints: list[str] = []
    config = _read(folder / "config.toml", complaints)
    keys = _read(folder / "keymap.toml", complaints)
    theme = config.get("theme")
    rows = _flat(keys)
    known = binding_ids() if rows else frozenset()
    keymap = {name: value for name, value in rows if isinstance(value, str) and name in known}
    for name, _ in rows:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            complaints.append(
                f"keymap.toml: there is no action {name!r}" + (f". Did you mean {near[0]!r}?" if near else ".")
            )
        elif name not in keymap:
            complaints.append(f'keymap.toml: write the keys of {name!r} as text, like "escape,ctrl+b".')
    return Preferences(theme if isinstance(theme, str) else None, keymap, tuple(complaints))


def binding_ids() -> frozenset[str]:
    """The id of every key that can be changed. Loads every screen, so only those who change keys wait for it."""
    from wizard import tui

    modules = [importlib.import_module(found.name) for found in pkgutil.walk_packages(tui.__path__, "wizard.tui.")]
    classes = [each for module in modules for each in vars(module).values() if isinstance(each, type)]
    bindings = [binding for each in classes for binding in getattr(each, "BINDINGS", ())]
    return frozenset(binding.id for binding in bindings if isinstance(binding, Binding) and binding.id)


def _read(path: Path, complaints: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        complaints.append(f"{path.name} was ignored: {error}")
        return {}


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """TOML reads ``frame.back`` without quotation marks as a table in a table."""
    rows: list[tuple[str, Any]] = []
    for name, value in table.items():
        rows += _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else [(prefix + name, value)]
    return rows
