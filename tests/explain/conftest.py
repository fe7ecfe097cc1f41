"""The corpus lies beside the tests."""

from __future__ import annotations
