"""Scripts with known faults and clean ones, and the people of the journeys."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "journeys"))

from person import Serving, keep_together, one_rehearsal  # noqa: E402 - its folder is only now on the path


@pytest.fixture(scope="module")
def doctored() -> Iterator[Serving]:
    """A rehearsal that the tests of a module share, and the person it belongs to."""
    yield from one_rehearsal()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a rehearsal stay together under ``--dist loadgroup``."""
    keep_together(items, HERE, "doctored")
