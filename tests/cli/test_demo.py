"""`demo` opens what `--rehearse` opens, with the flags of both."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from wizard.cli.main import main
from wizard.cli.session import SessionOptions
from wizard.wiring import ProgramWiring

Run = Callable[..., Any]


class Opened(ProgramWiring):
    """The real wiring, which only writes down what would be opened on screen."""

    def __init__(self) -> None:
        super().__init__()
        self.options: list[SessionOptions] = []

    def screen(self, options: SessionOptions) -> int:
        self.options.append(options)
        return 0


@pytest.mark.parametrize("more", [[], ["--scenario", "pending"], ["--environment", "staging"], ["--rehearse=modal"]])
def test_demo_opens_what_rehearse_opens(more: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    wiring = Opened()
    assert main(["demo", *more], wiring) == 0
    assert main([*(more if "--rehearse=modal" in more else ["--rehearse", *more])], wiring) == 0
    assert wiring.options[0] == wiring.options[1]
    assert wiring.options[0].rehearse is not None


def test_without_a_terminal_both_say_the_same(wizard: Run) -> None:
    assert wizard("demo") == wizard("--rehearse")
    assert "deploy --help" in wizard("demo").stderr


def test_the_list_of_scenarios_and_json(wizard: Run) -> None:
    listed = wizard("demo", "--scenario", "list").stdout
    assert re.search(r"^not-requested +The licence has not been accepted yet$", listed, re.M), "a title in words"
    assert "not_requested" not in listed and "outlines-wizard demo --scenario NAME" in listed, (
        "no code, but what to type"
    )
    assert wizard("demo", "--json").failed["hint"].endswith("deploy --rehearse --yes --json")
