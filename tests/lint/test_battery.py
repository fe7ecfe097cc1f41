"""The table of keywords against the installed backends: it fails when they behave otherwise than it says.

`make nightly` draws many answers of each feature; the normal run draws few, and so may miss what shows only now and
then, but never takes an enforced feature for a broken one.
"""

from __future__ import annotations

import os
from importlib.metadata import version

import pytest

from tests.lint import battery
from wizard.core.lint.backend_support import BACKENDS, TABLE, VERSIONS, feature_of

NIGHTLY = "WIZARD_EXAMPLES" in os.environ
pytestmark = pytest.mark.xdist_group("battery")


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_table_is_about_the_installed_version(backend: str) -> None:
    assert version(backend) == VERSIONS[backend], "run tests/lint/battery.py and bring the table up to date"


def test_every_feature_has_its_row_and_there_are_many() -> None:
    assert set(TABLE) == set(battery.features())
    assert len(TABLE) >= 35


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_backend_does_what_the_table_says(backend: str) -> None:
    drifted = {}
    for name, feature in battery.features().items():
        expected = TABLE[name][BACKENDS.index(backend)]
        found = battery.examine(feature, backend, draws=25 if NIGHTLY else 1, seed=1)
        rare = not NIGHTLY and expected == "ignored" and found.status in ("enforced", "narrowed")
        if found.status != expected and not rare:
            drifted[name] = f"the table says {expected}, found {found.status}: {found.why[:200]}"
    assert drifted == {}


def test_the_battery_notices_a_backend_that_breaks_its_word() -> None:
    """outlines_core does not keep to bounds: known instances show it, and so do answers by chance."""
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
    assert rows - {None} <= set(TABLE)
    assert len(rows) > 12
