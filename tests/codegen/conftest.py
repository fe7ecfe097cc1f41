"""One pace for the generated examples of this folder: the same ones every time, and no files left behind."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("codegen", max_examples=60, deadline=None, database=None, derandomize=True)
settings.load_profile("codegen")
