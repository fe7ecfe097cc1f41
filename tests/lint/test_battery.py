"""The backends' records against the installed backends: it fails when they behave otherwise than is written there.

`make nightly` draws many answers of each feature; the normal run draws few, and so may miss what shows only now and
then, but never takes an enforced feature for a broken one.
"""

from __future__ import annotations

import os
from importlib.metadata import version

import pytest

from tests.lint import battery
from wizard.core.inference.engine_registry import backends_of, engines
from wizard.core.lint.backend import StructuredOutputBackend
from wizard.core.lint.features import FEATURES, feature_of
from wizard.core.lint.registry import backends

NIGHTLY = "WIZARD_EXAMPLES" in os.environ
pytestmark = pytest.mark.xdist_group("battery")
EACH_BACKEND = pytest.mark.parametrize("backend", backends(), ids=lambda each: each.name)


@EACH_BACKEND
def test_the_record_is_about_the_installed_version(backend: StructuredOutputBackend) -> None:
    known = {backend.version, *backend.same_table}
    assert version(backend.distribution) in known, "run tests/lint/battery.py and bring the record up to date"


def test_what_an_engine_brings_along_has_been_measured() -> None:
    for engine in engines():
        for backend in backends_of(engine):
            brought = engine.image_packages(backend).get(backend.distribution, backend.version)
            assert brought in {backend.version, *backend.same_table}, engine.name


@EACH_BACKEND
def test_the_record_says_something_of_every_feature(backend: StructuredOutputBackend) -> None:
    assert list(backend.support) == list(FEATURES) == list(battery.features())
    assert len(FEATURES) >= 35


@EACH_BACKEND
def test_the_backend_does_what_its_record_says(backend: StructuredOutputBackend) -> None:
    drifted = {}
    for name, feature in battery.features().items():
        expected = backend.support[name]
        found = battery.examine(feature, backend.name, draws=25 if NIGHTLY else 1, seed=1)
        rare = not NIGHTLY and expected == "ignored" and found.status in ("enforced", "narrowed")
        if found.status != expected and not rare:
            drifted[name] = f"the record says {expected}, found {found.status}: {found.why[:200]}"
    assert drifted == {}


def test_the_battery_notices_a_backend_that_breaks_its_word() -> None:
    """outlines_core doesn't always enforce bounds: known instances show it, and so do answers by chance."""
    bounds = battery.features()["integer minimum/maximum (10..25)"]
    assert battery.examine(bounds, "outlines_core", draws=1).status == "ignored"
    blind = battery.Feature(bounds.name, bounds.schema, bounds.good, bad=[])
    found = battery.examine(blind, "outlines_core", draws=3)
    assert found.status == "ignored"
    assert found.drawn["invalid"] == 1


def test_every_row_that_a_keyword_leads_to_exists() -> None:
    nodes = [
        {"type": "integer", "minimum": 1, "multipleOf": 2},
        {"type": "number", "exclusiveMaximum": 1, "multipleOf": 0.5},
        {"type": "string", "minLength": 1, "maxLength": 3},
        {"type": "string", "pattern": "^(?=a)b$", "maxLength": 3},
        {"type": "string", "format": "hostname"},
        {"type": "string", "format": "nobody-knows"},
        {"type": "array", "items": [{}], "uniqueItems": True, "contains": {}},
        {"allOf": [{}, {}], "not": {}, "if": {}, "propertyNames": {}, "maxProperties": 1, "dependentRequired": {}},
    ]
    rows = {feature_of(keyword, node) for node in nodes for keyword in node}
    assert rows - {None} <= set(FEATURES)
    assert len(rows) > 12
