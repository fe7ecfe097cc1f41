"""Which keywords a structured-output backend refuses a schema for: found by leaving them out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from wizard.core.lint.probes import removable
from wizard.core.schema.nodes import Pointer, drop_keywords, replace_at, value_at
from wizard.core.schema.subschemas import subschemas

MOST_ERRORS = 12  # that are looked into, one after the other
CompileError = Callable[[dict[str, Any]], str | None]  # what a backend says of a schema; None where it compiles
Place = tuple[Pointer, str]  # of a keyword


@dataclass(frozen=True)
class _Step:
    """Keywords without which the backend no longer says the same, and what it says then."""

    places: tuple[Place, ...]
    schema: dict[str, Any]
    told: str | None


class _OutOfTime(Exception):
    pass


def blamed_keywords(
    schema: dict[str, Any], error: str, compile_error: CompileError, until: float
) -> Iterator[tuple[Pointer, str, str]]:
    """Each keyword without which the schema would compile, with what the backend says of it.

    Ends at `until`, in CPU seconds.
    """

    def ask(changed: dict[str, Any]) -> str | None:
        if time.process_time() > until:
            raise _OutOfTime
        return compile_error(changed)

    try:
        for _ in range(MOST_ERRORS):
            step = _next_step(schema, error, ask)
            if step is None:
                return
            yield from ((pointer, keyword, error) for pointer, keyword in step.places)
            if step.told is None:
                return
            schema, error = step.schema, step.told
    except _OutOfTime:
        return


def _next_step(schema: dict[str, Any], error: str, ask: CompileError) -> _Step | None:
    """What the error names is asked first, one by one and then all of a kind; then everything else."""
    # Without its type, the rest of a subschema is often refused for that: what else it says is asked first.
    places = [(place.pointer, key) for place in subschemas(schema) for key in removable(place)]
    places.sort(key=lambda each: (each[1] == "type", -len(each[0])))
    named = [each for each in places if each[1] != "type" and each[1].lower() in error.lower()]
    others = [each for each in places if each not in named]
    return (
        _single(schema, named, error, ask)
        or _repeated(schema, named, error, ask)
        or _single(schema, others, error, ask)
    )


def _single(schema: dict[str, Any], places: list[Place], error: str, ask: CompileError) -> _Step | None:
    for place in places:
        shorter = _without(schema, [place])
        if (told := ask(shorter)) != error:
            return _Step((place,), shorter, told)
    return None


def _repeated(schema: dict[str, Any], named: list[Place], error: str, ask: CompileError) -> _Step | None:
    """A keyword that is refused at several places: leaving out one of them changes nothing."""
    for keyword in dict.fromkeys(keyword for _, keyword in named):
        places = [each for each in named if each[1] == keyword]
        shorter = _without(schema, places)
        if len(places) > 1 and (told := ask(shorter)) != error:
            guilty = [each for each in places if ask(_without(schema, [p for p in places if p != each])) == error]
            return _Step(tuple(guilty or places), shorter, told)
    return None


def _without(schema: dict[str, Any], places: list[Place]) -> dict[str, Any]:
    for pointer, keyword in sorted(places, key=lambda each: -len(each[0])):
        schema = replace_at(schema, pointer, drop_keywords(value_at(schema, pointer), keyword))
    return schema
