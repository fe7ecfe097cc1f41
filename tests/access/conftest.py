"""Terminals, and nothing of this machine's own accounts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.terminal import Terminal
from wizard.rehearsal.hub.server import StandInHub


@pytest.fixture(autouse=True)
def alone(no_accounts: None) -> None:
    """The person's own variables have no part in these tests."""


@pytest.fixture
def terminal(stand_in: StandInHub) -> Iterator[Terminal]:
    """A shell that knows the stand-in."""
    shell = Terminal(stand_in.url)
    yield shell
    shell.leave()
