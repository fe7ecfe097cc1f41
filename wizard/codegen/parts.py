"""The texts that apps are put together from: those of an inference engine's own folder, and those of all."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template

from wizard.core.inference.engine import InferenceEngine


def part(engine: InferenceEngine, name: str) -> Template:
    """The part of that name: the engine's own where it has one, else the shared one."""
    return _read(engine.name, name) or _read("shared", name) or _missing(engine, name)


@cache
def _read(folder: str, name: str) -> Template | None:
    file = files("wizard.codegen").joinpath(folder, f"{name}.py.txt")
    return Template(file.read_text(encoding="utf-8")) if file.is_file() else None


def _missing(engine: InferenceEngine, name: str) -> Template:
    raise LookupError(f"there is no part {name} for {engine.name}")
