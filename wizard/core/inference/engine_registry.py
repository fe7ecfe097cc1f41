"""Every inference engine that this program knows: the modules of the folder `engines`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from wizard.core.inference import engines as folder
from wizard.core.inference.engine import InferenceEngine
from wizard.core.lint.backend import StructuredOutputBackend
from wizard.core.lint.registry import backends


@cache
def engines() -> tuple[InferenceEngine, ...]:
    """All of them, the default first. A file in the folder is all that it takes."""
    modules = (
        importlib.import_module(f"{folder.__name__}.{each.name}") for each in pkgutil.iter_modules(folder.__path__)
    )
    return tuple(sorted((module.ENGINE for module in modules), key=lambda each: (each.preference, each.name)))


def engine_named(name: str) -> InferenceEngine:
    """The engine of that name. Raises LookupError for one that there is not."""
    return {each.name: each for each in engines()}[name]


def engine_choices() -> tuple[str, ...]:
    """What a person chooses from."""
    return ("auto", *(each.name for each in engines()))


def backends_of(engine: InferenceEngine) -> tuple[StructuredOutputBackend, ...]:
    """The structured-output backends that an engine has, in the order in which they are preferred."""
    return tuple(each for each in backends() if engine.has_backend(each))


DEFAULT_ENGINE = engines()[0]
