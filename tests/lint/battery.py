"""The keyword battery: what each structured-output backend really does with each feature of JSON Schema.

Run by itself it writes down what it finds, in the form of the records in `wizard/core/lint/backends`:
``python -m tests.lint.battery [BACKEND …]``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from wizard.core.lint.registry import backend_named, backends
from wizard.core.output.output_type import OutputType
from wizard.core.schema.examples import as_texts
from wizard.services.lint.adapters import make_adapter
from wizard.services.lint.backends.protocol import BackendAdapter, Compiled, Vocabulary
from wizard.services.lint.random_model import SAMPLING_PROFILES, RandomModel
from wizard.services.validation.schema_validator import SchemaJudge

HERE = Path(__file__).parent
TOKENIZER = HERE.parents[1] / "assets" / "tiny-character" / "tokenizer.json"
BACKENDS = tuple(sorted(each.name for each in backends()))


@dataclass(frozen=True)
class Feature:
    """One feature: a schema, instances that are valid, instances that are not, and texts that are no JSON at all."""

    name: str
    schema: dict[str, Any]
    good: list[Any]
    bad: list[Any]
    broken: tuple[str, ...] = ()


@dataclass
class Found:
    """What a backend did with a feature."""

    status: str
    why: str = ""
    drawn: Counter[str] = field(default_factory=Counter)


@cache
def features() -> dict[str, Feature]:
    """Every feature by its name."""
    rows = json.loads((HERE / "features.json").read_text(encoding="utf-8"))
    return {
        row["feature"]: Feature(row["feature"], row["schema"], row["good"], row["bad"], tuple(row.get("broken", ())))
        for row in rows
    }


@cache
def vocabulary() -> Vocabulary:
    """The tokens of the rehearsal's model."""
    return Vocabulary(TOKENIZER.read_text(encoding="utf-8"), 0)


@cache
def adapter(backend: str) -> BackendAdapter:
    """A backend with its tables for these tokens."""
    return make_adapter(backend_named(backend), vocabulary())


def examine(feature: Feature, backend: str, draws: int, seed: int = 1) -> Found:
    """Compile, ask about the known instances, and let a random model write `draws` answers in each temperament."""
    output = OutputType("schema", json.dumps(feature.schema))
    # What lint closes of its own accord is closed here too, except where the feature is about open objects.
    source = backend_named(backend).source(output) if "absent" not in feature.name else json.dumps(feature.schema)
    judge = SchemaJudge(feature.schema)
    assert [value for value in feature.good if not judge.valid(judge.root, value)] == [], feature.name
    try:
        compiled = adapter(backend).compile("json_schema", source)
    except ValueError as error:
        return Found("refused", str(error))
    if through := [text for text in feature.broken if compiled.accepts(text)]:
        return Found("ignored", through[0])
    for value in feature.bad:
        if through := [text for text in as_texts(value) if compiled.accepts(text)]:
            return Found("ignored", through[0])
    drawn = Counter[str]()
    if wrong := draw(judge, compiled, draws, seed, drawn):
        return Found("ignored", wrong, drawn)
    for value in feature.good:
        if not any(compiled.accepts(text) for text in as_texts(value)):
            return Found("narrowed", json.dumps(value, ensure_ascii=False), drawn)
    return Found("enforced", "", drawn)


def draw(judge: SchemaJudge, compiled: Compiled, draws: int, seed: int, drawn: Counter[str]) -> str:
    """The first answer by chance that is not valid; empty for none."""
    model = RandomModel(vocabulary(), vocabulary().end, seed)
    for sampling_profile in SAMPLING_PROFILES:
        for _ in range(draws):
            text = model.draw(compiled, sampling_profile, 160)
            if text is None:
                drawn["unfinished"] += 1
                continue
            try:
                good = judge.valid(judge.root, json.loads(text))
            except ValueError:
                good = False
            drawn["valid" if good else "invalid"] += 1
            if not good:
                return text
    return ""


def main() -> None:
    """Write what each backend's record has to say, the reasons to standard error."""
    for backend in sys.argv[1:] or BACKENDS:
        sys.stdout.write(f"{backend}\n")
        for name, feature in features().items():
            found = examine(feature, backend, 15)
            sys.stdout.write(f"    {json.dumps(name, ensure_ascii=False)}: Support.{found.status.upper()},\n")
            sys.stdout.flush()
            sys.stderr.write(f"{name} | {backend} | {found.status} | {found.why[:110]!r} {dict(found.drawn)}\n")


if __name__ == "__main__":
    main()
