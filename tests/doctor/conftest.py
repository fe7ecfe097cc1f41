"""Scripts with known faults and clean ones, and the people of the journeys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent

from tests.support.person import Serving, keep_together, one_rehearsal  # noqa: E402 - its folder is only now on the path


@pytest.fixture(scope="module")
def doctored() -> Iterator[Serving]:
    """A rehearsal that the tests of a module share, and the person it belongs to."""
    yield from one_rehearsal()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a rehearsal stay together under ``--dist loadgroup``."""
    keep_together(items, HERE, "doctored")
