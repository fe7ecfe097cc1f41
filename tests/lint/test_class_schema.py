"""A class that cannot be used: a sentence that says why, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.core.problem import Problem
from wizard.services.lint.class_schema import ask_class

MODULE = """
from typing import Callable
from pydantic import BaseModel
class Lock: ...
class Holder(BaseModel):
    model_config = {"arbitrary_types_allowed": True}
    lock: Lock
class Calls(BaseModel):
    then: Callable[[], int]
class Good(BaseModel):
    age: int
"""


@pytest.mark.parametrize(
    ("reference", "why", "hint"),
    [
        ("nowhere:Person", "there is no module named nowhere here", "install it"),
        ("shapes:Persn", "shapes has no class Persn", "spelling"),
        ("shapes:Lock", "Lock is not a Pydantic class", "pydantic.BaseModel"),
        ("shapes:Holder", "has no JSON Schema", "Use types that JSON has"),
        ("shapes:Calls", "has no JSON Schema", "Use types that JSON has"),
        ("shapes", "not of the form module:Class", "shapes:Invoice"),
    ],
)
async def test_why_and_what_to_do(
    reference: str, why: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shapes.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Problem) as caught:
        await ask_class(reference)
    assert why in caught.value.message and hint in caught.value.hint
    assert "For further information" not in caught.value.message and "Error:" not in caught.value.message
    assert '"age"' in await ask_class("shapes:Good")
