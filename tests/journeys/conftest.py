"""Journeys: the installed program, the real SDKs and command lines, and stand-ins at the far end of the wire.

Nothing is replaced inside of the program. Every person has folders of their own, so that journeys may run side by
side; a module shares one rehearsal where its journeys leave each other alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.person import Person, Serving, keep_together, one_person, one_rehearsal

HERE = Path(__file__).parent


@pytest.fixture
def person() -> Iterator[Person]:
    """Somebody with a machine of their own."""
    yield from one_person()


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    """A rehearsal that this module's journeys share."""
    yield from one_rehearsal()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys that share a rehearsal stay together under ``--dist loadgroup``."""
    keep_together(items, HERE, "serving")
