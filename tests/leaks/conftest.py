"""Where the helpers of these tests are, and nothing of this machine's own accounts."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def alone(no_accounts: None) -> None:
    """The person's own variables have no part in these tests."""
