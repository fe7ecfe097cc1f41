"""Somebody's class judges answers in a child process: what it says, and what a class costs that hangs or dies."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.core.problem import Problem
from wizard.services.validation import class_checker
from wizard.services.validation.validator import Validator

MODULE = """
import os, time
from dataclasses import dataclass
from datetime import date
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

print("imported")

class Person(BaseModel):
    model_config = ConfigDict(strict=True)
    name: str
    born: date

    @field_validator("name")
    @classmethod
    def capital(cls, name: str) -> str:
        if name == "hang":
            time.sleep(60)
        if name == "die":
            os._exit(3)
        if name == "odd":
            raise RuntimeError("odd")
        if not name.istitle():
            raise ValueError("a name begins with a capital")
        print("judged")
        return name

    @model_validator(mode="after")
    def token(self) -> "Person":
        if self.name == "Token" and "HF_TOKEN" in os.environ:
            raise ValueError("sees a token")
        return self

@dataclass
class Plain:
    number: int
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module in the current folder."""
    (tmp_path / "people.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_TOKEN", "of-nobody")
    return "people"


async def test_the_validators_of_a_class_run_and_their_words_come_back(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_checker, "CHECK_SECONDS", 2.0)
    async with Validator().class_checker(f"{module}:Person") as checker:
        assert await checker.check('{"name": "Conan", "born": "1932-12-01"}') == ()
        assert await checker.check('{"name": "Token", "born": "1932-12-01"}') == ()
        assert await checker.check('{"name": "conan", "born": "1932-12-01"}') == (
            "name: Value error, a name begins with a capital",
        )
        assert len(await checker.check("{}")) == 2
        assert await checker.check('{"name": "odd", "born": "1932-12-01"}') == ("RuntimeError: odd",)
        assert "ended its process" in (await checker.check('{"name": "die", "born": "1932-12-01"}'))[0]
        assert await checker.check('{"name": "Conan", "born": "1932-12-01"}') == ()
        assert "took longer than 2 s" in (await checker.check('{"name": "hang", "born": "1932-12-01"}'))[0]
        assert await checker.check('{"name": "Conan", "born": "1932-12-01"}') == ()


async def test_what_is_no_model_is_judged_by_its_types(module: str) -> None:
    async with Validator().class_checker(f"{module}:Plain") as checker:
        assert await checker.check('{"number": 5}') == ()
        assert await checker.check('{"number": "x"}') != ()


@pytest.mark.parametrize(
    ("reference", "code"),
    [("people", "model_class_invalid"), ("people:Nobody", "model_class_failed"), ("no_such:A", "model_class_failed")],
)
async def test_a_class_that_cannot_be_imported_is_said_before_anything_is_asked(
    module: str, reference: str, code: str
) -> None:
    with pytest.raises(Problem) as caught:
        async with Validator().class_checker(reference):
            raise AssertionError("it was imported")
    assert (caught.value.code, int(caught.value.exit_code)) == (code, 2)
