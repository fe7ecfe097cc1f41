"""The line mode: questions, answers, what is said to a wrong one, and the whole job in a plain pipe."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.person import Person, need_local
from wizard.cli.lines.dialog import Choice, Dialog, Question, Quit, WentBack
from wizard.cli.lines.function import _read
from wizard.core.plan.draft import Draft
from wizard.core.problem import Problem
from wizard.core.sizing.gpus import read_gpu

COLOURS = Question("Which colour?", (Choice("r", "red"), Choice("g", "green")), "g", explanation="Colours differ.")
STATE = "Library/Application Support/outlines-wizard" if sys.platform == "darwin" else ".local/state/outlines-wizard"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


async def answer(typed: str, question: Question, read: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, str]:
    """What comes of typed lines, and all that was said."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    monkeypatch.setattr(sys, "stdout", out)
    try:
        return await Dialog().ask(question, read), out.getvalue()
    except (WentBack, Quit, Problem) as end:
        return type(end), out.getvalue()


@pytest.mark.parametrize(
    ("typed", "value", "said"),
    [
        ("1\n", "r", "1. red"),
        ("\n", "g", "Number [2]:"),
        ("g\n", "g", ""),
        ("b\n", WentBack, ""),
        ("Q\n", Quit, ""),
        ("?\n1\n", "r", "Colours differ.\nAt any question: b goes back"),
        ("3\nblue\n2\n", "g", "Please type a number from 1 to 2.\nNumber [2]:\nPlease type a number from 1 to 2."),
        ("", Problem, ""),
    ],
)
async def test_a_question_with_choices(typed: str, value: object, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, shown = await answer(typed, COLOURS, str, monkeypatch)
    assert found == value
    assert said in shown
    assert not CONTROL.search(shown)


async def test_what_is_wrong_is_said_in_one_sentence_and_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question("Which GPU?", (Choice("L4", "L4"),), free=True)
    found, shown = await answer("warp\nh100:2\n", question, lambda text: read_gpu(text).spec, monkeypatch)
    assert found == "H100:2"
    assert "Modal has no GPU called" in shown
    found, shown = await answer("\nyes\n", Question("Prompt"), str, monkeypatch)
    assert found == "yes" and "Please type an answer." in shown
    found, shown = await answer("\x1b[2Jhello\x07\n", Question("Prompt"), str, monkeypatch)
    assert found == "hello"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("max_tokens", "64", 64),
        ("max_tokens", "0", Problem),
        ("max_tokens", "many", Problem),
        ("endpoint", "yes", True),
        ("endpoint", "no", None),
        ("backend", "auto", None),
        ("backend", "xgrammar", "xgrammar"),
        ("app", "not a name!", Problem),
    ],
)
def test_settings_are_read_by_their_records(name: str, text: str, value: object) -> None:
    setting = next(each for each in Draft.settings() if each.name == name)
    if value is Problem:
        with pytest.raises(Problem) as caught:
            _read(setting, text)
        assert setting.label.partition(" (")[0] in caught.value.message
    else:
        assert _read(setting, text) == value


@pytest.mark.parametrize(("variables", "flags"), [({"ACCESSIBLE": "1"}, []), ({}, ["--plain"]), ({"TERM": "dumb"}, [])])
def test_lines_where_somebody_wants_them_or_the_terminal_can_do_no_more(
    variables: dict[str, str], flags: list[str], tmp_path: Path
) -> None:
    shown, code = on_terminal(flags, "2\nq\n", "How do you want to begin?", tmp_path, variables)
    assert "You get: A function on Modal" in shown and "Try the demo: on this computer, no account" in shown
    assert "Hugging Face: missing: free at" in shown and "Modal: missing: free at" in shown
    assert "Step 1 of 8: Model" in shown and "Bye." in shown
    assert not CONTROL.search(shown.replace("\r\n", "\n").replace("\t", ""))
    assert code == 0
    shown, code = on_terminal(flags, "q\n", "Which model", tmp_path, variables)
    assert "How do you want to begin?" not in shown and code == 0, "it is asked once"


def on_terminal(
    arguments: list[str], typed: str, asks: str, folder: Path, variables: dict[str, str]
) -> tuple[str, int]:
    """The wizard on a terminal, with a Hub that nobody serves."""
    nobody = "http://127.0.0.1:9"
    env = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "HF_ENDPOINT": nobody, "OUTLINES_WIZARD_TRUST_ENDPOINT": nobody, "MODAL_SERVER_URL": nobody, "TERM": "xterm",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", **variables,
    }  # fmt: skip
    mine, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "wizard", *arguments], cwd=folder, env=env, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown, end, sent = b"", time.monotonic() + 60, False
    while time.monotonic() < end:
        if not sent and asks.encode() in shown:
            os.write(mine, typed.encode())
            sent = True
        if select.select([mine], [], [], 0.1)[0]:
            try:
                shown += os.read(mine, 65536)
            except OSError:
                break
    os.close(mine)
    return shown.decode(), child.wait(10)


@pytest.mark.long
def test_the_whole_job_in_a_plain_pipe() -> None:
    need_local()
    somebody = Person()
    try:
        # A gated model by its name, Modal, a schema, its prompt, a GPU, settings; then the plan, and one prompt more.
        answers = ["2", "1", "1", "", "L4", "", "4", "96", "", "1", "Describe Conan.", ""]
        done = somebody.wizard("--rehearse", stdin="\n".join(answers) + "\n", ACCESSIBLE="1")
        assert done.code == 0, done
        assert done.stderr == ""
        assert not CONTROL.search(done.stdout)
        values = [json.loads(found) for found in re.findall(r"^\{\n.*?^\}$", done.stdout, re.MULTILINE | re.DOTALL)]
        assert len(values) == 2 and values[1]["name"] == "Conan"
        assert done.stdout.count("valid (checked independently)") == 2
        app = (somebody.project / "outlines_tiny_character.py").read_text()
        assert '"L4"' in app and "96" in app
        somebody.wait_until_nothing_is_left()
    finally:
        somebody.leave()


@pytest.mark.long
def test_a_closed_gate_has_its_ways_on_and_another_model_deploys() -> None:
    need_local()
    somebody = Person()
    try:
        # The model that waits for an answer; another access token that is none; an open model instead; back; quit.
        answers = ["rehearsal-lab/tiny-character-pending", "3", "not a token", "5", "b", "q"]
        done = somebody.wizard("demo", "--plain", stdin="\n".join(answers) + "\n")
        assert done.code == 0, done
        assert "have not answered yet" in done.stdout and "Wait here until access is granted" in done.stdout
        assert "✓ done  Model         rehearsal-lab/tiny-character-open: open" in done.stdout
        assert re.search(r"✓ done  Access .* can read the weights of rehearsal-lab/tiny-character-open", done.stdout)
        assert done.stdout.count("Step 3 of 8: Output type") == 1
        assert done.stdout.count("Step 1 of 8: Model") == 2, "b goes back to the question before"
    finally:
        somebody.leave()


@pytest.mark.long
def test_q_in_the_middle_of_a_deploy_asks_first(tmp_path: Path) -> None:
    need_local()
    mine, theirs = pty.openpty()
    env = {**os.environ, "HOME": str(tmp_path), "TERM": "dumb", "XDG_STATE_HOME": str(tmp_path / ".local/state")}
    child = subprocess.Popen(
        [sys.executable, "-m", "wizard", "demo", "--scenario", "slow-build"],
        cwd=tmp_path, env=env, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    shown = ""
    try:
        for until, typed in (
            ("Number or text [2]:", ""), ("Number [1]:", ""), ("Number or text [1]:", ""), ("armor.]:", ""),
            ("Number or text [1]:", ""), ("Number [1]:", ""), ("Number [1]:", ""), ("Number:", "1"),
            ("Step 1", "q"), ("Quit anyway?", "n"), ("Step 2", "q"), ("Quit anyway?", "y"), ("Bye.", None),
        ):  # fmt: skip
            end = time.monotonic() + 60
            while until not in shown:
                assert time.monotonic() < end, f"{until} never came:\n{shown}"
                if select.select([mine], [], [], 0.1)[0]:
                    shown += os.read(mine, 65536).decode()
            shown = shown.split(until, 1)[1]
            if typed is not None:
                os.write(mine, f"{typed}\n".encode())
        assert child.wait(30) == 130
        (left,) = (tmp_path / STATE / "unfinished").glob("*.json")
        assert json.loads(left.read_text())["app"] == "outlines-tiny-character", "the next session offers to go on"
    finally:
        child.kill()
        os.close(mine)
