"""Where the helpers of these tests are, and a stand-in Hub whose access tokens are canaries."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "access"))


@pytest.fixture(autouse=True)
def no_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person's own variables have no part in these tests."""
    for name in [name for name in os.environ if name.startswith(("HF_", "HUGGING", "MODAL_", "DBUS_"))]:
        monkeypatch.delenv(name)
