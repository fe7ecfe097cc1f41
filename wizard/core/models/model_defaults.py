"""What a config.json leaves out, because transformers fills it in: by `model_type`, written from the installed library.

Published configurations name only what differs from their class; Gemma 3's text part, for one, names no heads at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

FILE = "transformers_defaults.json"
TYPE_OF_TEXT, LAYOUT = "text_type", "layout"  # keys of the table that are no fields of a configuration
# Of a nested configuration about text: where the several kinds of input of a model each have their own.
NESTED = ("text_config", "llm_config", "language_config", "decoder", "thinker_config")


@dataclass(frozen=True)
class Fields:
    """The fields of a configuration about text, with the defaults of its class behind them."""

    given: Mapping[str, Any]
    defaults: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """The value as it is given, or as the class has it; one that is given as null stays None."""
        return self.given[name] if name in self.given else self.defaults.get(name)

    def number(self, *names: str) -> int | None:
        """The first of these that is a size: as given under any of the names, else by default."""
        for source in (self.given, self.defaults):
            for name in names:
                value = source.get(name)
                if isinstance(value, list):  # one for each layer
                    value = max((size for item in value if (size := size_of(item))), default=None)
                if size := size_of(value):
                    return size
        return None

    def is_default(self, name: str) -> bool:
        """Whether the configuration does not say it."""
        return name not in self.given

    @property
    def layout(self) -> str | None:
        """The kinds of the layers of this type, where nothing else says them: see `layer_kinds`."""
        found = self.defaults.get(LAYOUT)
        return found if isinstance(found, str) else None


def size_of(value: object) -> int | None:
    """The value where it can be a size."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**40 else None


def text_fields(config: Mapping[str, Any]) -> Fields:
    """The part of a configuration that is about text, with its defaults."""
    table = _table()
    found, kind = config, str(config.get("model_type") or "")
    for _ in range(3):
        if any(name in found for name in ("num_hidden_layers", "n_layer", "n_layers", "num_layers")):
            break
        inner = next((found[name] for name in NESTED if isinstance(found.get(name), Mapping)), None)
        if inner is None:
            break
        found = inner
        kind = str(found.get("model_type") or table.get(kind, {}).get(TYPE_OF_TEXT) or kind)
    entry = table.get(kind, {})
    return Fields(found, table.get(str(entry.get(TYPE_OF_TEXT)), entry))


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    read: Mapping[str, Mapping[str, Any]] = json.loads(
        files("wizard.core.models").joinpath(FILE).read_text(encoding="utf-8")
    )
    return read
