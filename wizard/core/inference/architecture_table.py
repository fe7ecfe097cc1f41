"""Which models an inference engine loads, and what they do: read from the table beside the engine's record.

A line of the table is a `model_type`, the class that stands in `architectures`, and what such a model does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast, get_args

Does = Literal["text", "images", "image-only", "speech", "encoder", "encoder-decoder", "diffusion", "drafts", "other"]
GENERATES: tuple[Does, ...] = ("text", "images")  # answers a prompt of text, token by token


@dataclass(frozen=True)
class ArchitectureTable:
    """What an engine knows: what each class does, and the classes that each `model_type` has."""

    by_class: Mapping[str, Does]
    by_type: Mapping[str, tuple[str, ...]]

    def does(self, architecture: str) -> Does | None:
        """What a model of this class does; None for a class that is not in the table."""
        return self.by_class.get(architecture)

    def loads(self, model_type: str) -> bool:
        """Whether models of this type are loaded to generate text, with or without images."""
        return any(self.by_class[name] in GENERATES for name in self.by_type.get(model_type, ()))

    def type_does(self, model_type: str) -> Does | None:
        """What models of this type usually do, where no class is named; None for a type that is not in the table.

        A type that also has a class which generates text is often something else: of a BERT, the encoder is meant.
        """
        found = [self.by_class[name] for name in self.by_type.get(model_type, ())]
        return next((does for does in found if does not in GENERATES), found[0] if found else None)


@cache
def read_table(name: str) -> ArchitectureTable:
    """The table of that file name, in the folder of the engines' records."""
    return parse_table(files("wizard.core.inference.engines").joinpath(name).read_text(encoding="utf-8"))


@cache
def read_classes(name: str) -> frozenset[str]:
    """Classes that stand in a file of that name, one a line."""
    text = files("wizard.core.inference.engines").joinpath(name).read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def parse_table(text: str) -> ArchitectureTable:
    """The table in a text. Raises ValueError for a line that is none."""
    by_class: dict[str, Does] = {}
    by_type: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        model_type, architecture, does = line.split()
        if does not in get_args(Does):
            raise ValueError(f"{line!r} does not say what such a model does")
        by_class[architecture] = cast(Does, does)
        by_type[model_type] = (*by_type.get(model_type, ()), architecture)
    return ArchitectureTable(by_class, by_type)
