"""The program on docs/python.md: it is typed, and calls an app in the demo as it is printed."""

from __future__ import annotations

import re
import sys

import pytest

from tests.support.person import CHECKOUT, Person

PAGE = (CHECKOUT / "docs/python.md").read_text(encoding="utf-8")
HELPER, USE = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
TOO_SHORT = """
try:
    ask("outlines-tiny-character", "Who?", Person, max_tokens=2)
except ValueError as error:
    print("refused:", error)
"""


@pytest.mark.long
def test_the_helper_is_typed(person: Person) -> None:
    (person.project / "program.py").write_text(HELPER + USE)
    done = person.run(sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", "program.py")
    assert done.code == 0, done


@pytest.mark.long
@pytest.mark.slow
def test_the_program_runs_as_it_is_printed(person: Person) -> None:
    serving = person.serve()
    person.deploy("--choices", "yes,no", "--no-sample")
    said = serving.python(HELPER + USE + TOO_SHORT)
    assert re.search(r"^.+ is \d+ years old$", said, re.MULTILINE), said
    assert "refused: the answer was cut short" in said


def test_every_key_that_the_page_names_is_one_of_the_app() -> None:
    template = (CHECKOUT / "wizard/codegen/shared/calls.py.txt").read_text()
    (promised,) = re.findall(r"Both take `prompt` first; by name (.*?), and an output type", PAGE, re.DOTALL)
    for name in re.findall(r"`(\w+)`", promised):
        assert name in ("role", "content") or f"        {name}:" in template, name
    for key in ("text", "truncated", "refused", "tokens", "cold", "seconds"):
        assert f'"{key}":' in template and f"`{key}`" in PAGE
