"""The keyword battery: what each structured-output backend really does with each feature of JSON Schema.

Run by itself it writes down what it finds, in the form of the table in `wizard/core/lint/backend_support.py`:
``python -m tests.lint.battery``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from wizard.core.output.output_type import OutputType, engine_source
from wizard.core.schema.examples import as_texts
from wizard.services.lint.backends.protocol import Compiled, Vocabulary
from wizard.services.lint.backends.registry import ENGINES
from wizard.services.lint.random_model import SAMPLING_PROFILES, RandomModel
from wizard.services.validation.schema_validator import SchemaJudge

HERE = Path(__file__).parent
TOKENIZER = HERE.parents[1] / "assets" / "tiny-character" / "tokenizer.json"
BACKENDS = ("outlines_core", "llguidance", "xgrammar")


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
def engine(backend: str) -> Any:
    """A backend with its tables for these tokens."""
    return ENGINES[backend](vocabulary())


def examine(feature: Feature, backend: str, draws: int, seed: int = 1) -> Found:
    """Compile, ask about the known instances, and let a random model write `draws` answers in each temperament."""
    output = OutputType("schema", json.dumps(feature.schema))
    # What lint closes of its own accord is closed here too, except where the feature is about open objects.
    source = engine_source(output, backend) if "absent" not in feature.name else json.dumps(feature.schema)
    judge = SchemaJudge(feature.schema)
    assert [value for value in feature.good if not judge.valid(judge.root, value)] == [], feature.name
    try:
        compiled = engine(backend).compile("json_schema", source)
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
    """Write the table."""
    out = sys.stdout.write
    for name, feature in features().items():
        found = [examine(feature, backend, 15) for backend in BACKENDS]
        out(f"    {json.dumps(name, ensure_ascii=False)}: ({', '.join(json.dumps(f.status) for f in found)}),\n")
        for backend, each in zip(BACKENDS, found, strict=True):
            sys.stderr.write(f"{name} | {backend} | {each.status} | {each.why[:110]!r} {dict(each.drawn)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
