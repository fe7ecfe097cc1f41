"""Every structured-output backend that this program knows: the modules of the folder `backends`, and what registers."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from wizard.core.lint import backends as folder
from wizard.core.lint.backend import StructuredOutputBackend

_registered: dict[str, StructuredOutputBackend] = {}


@cache
def _built_in() -> dict[str, StructuredOutputBackend]:
    """The records of the folder, by name: a file there is all that it takes."""
    records = [_record_in(f"{folder.__name__}.{each.name}") for each in pkgutil.iter_modules(folder.__path__)]
    return {record.name: record for record in records}


def _record_in(module: str) -> StructuredOutputBackend:
    record = importlib.import_module(module).BACKEND
    assert isinstance(record, StructuredOutputBackend), module
    return record


def backends() -> tuple[StructuredOutputBackend, ...]:
    """All of them, in the order in which they are preferred where several enforce everything."""
    known = _built_in() | _registered
    return tuple(sorted(known.values(), key=lambda each: (each.preference, each.name)))


def backend_named(name: str) -> StructuredOutputBackend:
    """The backend of that name. Raises LookupError for one that nobody has registered."""
    return (_built_in() | _registered)[name]


def backend_choices() -> tuple[str, ...]:
    """What a person chooses from."""
    return ("auto", *sorted(each.name for each in backends()))


def register(record: StructuredOutputBackend) -> None:
    """Make a backend known to this process; child processes find it by its module."""
    _registered[record.name] = record


def unregister(name: str) -> None:
    """Forget a backend that was registered."""
    _registered.pop(name, None)


def register_module(module: str) -> StructuredOutputBackend:
    """The record that a module holds, registered unless it is known already."""
    record = _record_in(module)
    if _built_in().get(record.name) != record:
        register(record)
    return record
