"""The one renderer: words and what is to be copied are never broken, and colour is there where it is wanted."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wizard.cli.commands.logs import _block
from wizard.cli.output.layout import Block, Canvas, Exact, Facts, Paragraph, Table, canvas_of, render, wrap
from wizard.cli.output.plan_summary import plan_blocks
from wizard.core.events import Change, LogLine, PlanReady
from wizard.core.plan.cost import CostEstimate

PROJECT = Path(__file__).resolve().parents[2]
ADDRESS = "https://huggingface.co/settings/tokens/new?canReadGatedRepos=true&tokenType=fineGrained"
LONG_PATH = "/home/somebody/.local/state/outlines-wizard/log/acme/main/outlines-mistral-7b/2026-11-30.log"
COMMAND = "`outlines-wizard deploy --model mistralai/Mistral-7B-Instruct-v0.2 --yes`"
TEXT = f"Run {COMMAND} again, look at {ADDRESS} and into {LONG_PATH}, or pass --backend auto in a well-known way."


@pytest.mark.parametrize("width", [None, 40, 60, 80, 120])
@pytest.mark.parametrize("head", ["", "  → ", "✗ failed  ", "! library huggingface_hub  "])
def test_words_and_what_is_to_be_copied_stay_whole(width: int | None, head: str) -> None:
    lines = list(render([Paragraph(TEXT, head)], Canvas(width)))
    for whole in (ADDRESS, LONG_PATH, COMMAND, "--backend auto", "well-known"):
        assert sum(whole in line for line in lines) == 1, lines
    assert " ".join("\n".join(lines).split()) == " ".join((head + TEXT).split())
    if width is None:
        assert len(lines) == 1
    for line in lines[1:]:
        assert line.startswith("  ") or not head, "the continuation stands under the text"
    for line in lines if width else []:
        assert len(line) <= width or any(each in line for each in (ADDRESS, LONG_PATH, COMMAND))


def test_what_is_exact_and_spaces_inside_of_a_text_are_kept() -> None:
    assert list(render([Exact("a  " * 60)], Canvas(40))) == ["a  " * 60]
    assert wrap("x = 1    # spaces  of a log stay", 80) == ["x = 1    # spaces  of a log stay"]
    assert "".join(wrap("你" * 30 + " " + "好" * 5, 66, hang=0)) == "你" * 30 + "好" * 5, "two columns each"


def test_text_from_outside_makes_no_lines_and_no_escapes() -> None:
    hostile = "one\x1b[2J\ntwo\r\nthree\u202e"
    blocks: list[Block] = [
        Paragraph(hostile, hostile),
        Exact(hostile),
        Facts(((hostile, hostile),)),
        Table([[hostile]]),
    ]
    lines = list(render(blocks, Canvas(color=True)))
    assert len(lines) == 4
    assert not re.search(r"[\r\n\u202e]|\x1b\[2J", "".join(lines))


def test_a_table_lines_up_and_wraps_its_widest_column() -> None:
    rows = [("first", "a text of several words that has to be wrapped somewhere", "7"), ("second", "short", "10")]
    lines = list(render([Table(rows, ("name", "what", "n"), numbers=(2,))], Canvas(48)))
    assert len(lines) == 4
    assert all(len(line) <= 48 for line in lines)
    assert [len(line) for line in lines if line[-1] in "n70"] == [48, 48, 48], "numbers end in one column"


def test_costs_are_a_table_and_add_up() -> None:
    cost = CostEstimate(
        gpu_per_hour=0.8, first_run=0.13, idle_tail=0.03, storage_per_month=1.23, build=0.01, download=0.02,
        cold_start=0.03, sample=0.04, per_hour=0.92, per_thousand_calls=0.5,
        as_of="today",
        assumptions=("nothing",),
    )  # fmt: skip
    plan = PlanReady(plan=None, changes=(Change("app", "x", "create", "new"),), cost=cost)  # type: ignore[arg-type]
    lines = list(render(plan_blocks(plan, rehearsal=True), Canvas(80)))
    amounts = [line for line in lines if re.search(r"\$\d", line) and line.startswith("    ") and "Assumed" not in line]
    assert len({re.search(r"\$[\d.]+", line).end() for line in amounts}) == 1, amounts  # type: ignore[union-attr]
    assert any("First run, in total" in line and "$0.13" in line for line in amounts)
    assert "  Cost, estimated (on Modal; the demo is free)" in lines


def test_a_log_line_does_not_break_inside_of_a_path() -> None:
    line = LogLine("stdout", f"writing weights of the model to {LONG_PATH[:50]} which takes a while and is kept", 0.0)
    lines = list(render([_block(line)], Canvas(80)))
    assert len(lines) > 1 and sum(LONG_PATH[:50] in each for each in lines) == 1


@pytest.mark.parametrize(
    ("variables", "flag", "terminal", "wanted"),
    [
        ({}, True, True, True),
        ({}, True, False, False),
        ({}, False, True, False),
        ({"NO_COLOR": "1"}, True, True, False),
        ({"NO_COLOR": ""}, True, True, True),
        ({"FORCE_COLOR": "1"}, True, False, True),
        ({"FORCE_COLOR": "0"}, True, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, True, False),
        ({"FORCE_COLOR": "1"}, False, True, False),
        ({"TERM": "dumb"}, True, True, False),
    ],
)
def test_who_decides_on_colour(
    variables: dict[str, str], flag: bool, terminal: bool, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    assert canvas_of(Stream(), color=flag).color is wanted


COMMANDS = [
    ("deploy", "--scenario", "list"),
    ("doctor", "--offline"),
    ("check", "acme/some-model-with-a-long-name-for-a-line"),
    ("lint", "--schema", "schema.json"),
    ("status", "outlines-app"),
    ("explain", "error.log"),
    ("token", "show"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_every_command_at_80_columns_says_the_same_words_in_colour(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"type": "array", "uniqueItems": true, "items": {"type": "string"}}')
    (tmp_path / "error.log").write_text(f"Cannot access gated repo for url {ADDRESS.replace('settings', 'acme/one')}\n")
    nobody = "http://127.0.0.1:9"
    env = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(PROJECT), "TERM": "xterm",
        "HF_ENDPOINT": nobody, "OUTLINES_WIZARD_TRUST_ENDPOINT": nobody, "MODAL_SERVER_URL": nobody,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "COLUMNS": "80",
    }  # fmt: skip
    piped = subprocess.run(
        [sys.executable, "-m", "wizard", *command],
        cwd=tmp_path, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert "\x1b" not in piped.stdout + piped.stderr, "no colour in a pipe"
    shown = on_terminal(command, env, tmp_path)
    assert "\x1b[3" in shown or "\x1b[1m" in shown, "colour on a terminal"
    plain = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", shown)
    words = [set(text.split()) for text in (plain, piped.stdout + piped.stderr)]
    seen = {word for word in words[0] - words[1] if not re.search(r"\d|xterm", word)}  # sizes and times differ
    if command[0] != "doctor":  # which says something else of a terminal
        assert seen == set(), "a word was broken"
    for line in plain.splitlines():
        assert len(line) <= 80 or len(max(line.split(), key=len)) > 30, line


def on_terminal(command: tuple[str, ...], env: dict[str, str], folder: Path) -> str:
    mine, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "wizard", *command],
        cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    shown, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([mine], [], [], 0.1)[0]:
            try:
                piece = os.read(mine, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
    os.close(mine)
    child.wait(10)
    return shown.decode()
