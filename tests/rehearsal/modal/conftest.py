"""The stand-ins that tests of this folder share or have to themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.modal.modal_rehearsal import QuickStart, Rehearsal


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker for this folder's shared stand-in under ``--dist loadgroup``."""
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("shared-stand-in"))


@pytest.fixture(scope="session")
def quick() -> Iterator[QuickStart]:
    """The process that the programs of this session fork from."""
    quick = QuickStart()
    yield quick
    quick.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, quick: QuickStart) -> Iterator[Rehearsal]:
    """A stand-in with `apps/basics.py` deployed, for tests that leave no trace."""
    os.environ["CANARY_OF_THE_SERVER"] = "sings too"
    rehearsal = Rehearsal(tmp_path_factory.mktemp("shared"), quick)
    rehearsal.modal("secret", "create", "greeting", "GREETING=hello")
    rehearsal.deploy("basics.py")
    yield rehearsal
    rehearsal.close()
    del os.environ["CANARY_OF_THE_SERVER"]


@pytest.fixture
def fresh(tmp_path: Path, quick: QuickStart) -> Iterator[Rehearsal]:
    """A stand-in of the test's own."""
    rehearsal = Rehearsal(tmp_path, quick)
    yield rehearsal
    rehearsal.close()
