"""What was typed wrongly ends with exit code 2, one sentence, and a way on; never with a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
KEYS = {"event", "step", "code", "message", "hint", "url", "retryable", "exit_code"}
DEPLOY = ["deploy", "--model", "acme/model", "--yes"]
TEXT = [*DEPLOY, "--text"]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Files that have something wrong with them."""
    (tmp_path / "latin1.json").write_bytes(b'{"title": "caf\xe9"}')
    (tmp_path / "broken.json").write_text('{\n  "type": "object",\n  "oops"\n}')
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "deep.json").write_text('{"a":' * 50_000)
    (tmp_path / "good.json").write_text('{"type": "object"}')
    (tmp_path / "broken.toml").write_text("[model\n")
    (tmp_path / "number.toml").write_text(f"[output]\nmax_tokens = {'9' * 5000}\n")
    (tmp_path / "unknown.toml").write_text('[model]\nname = "acme/model"\n')
    (tmp_path / "choices.toml").write_text('[model]\nmodel = "acme/model"\n[output]\nkind = "choices"\nspec = "a,b"\n')
    (tmp_path / "folder").mkdir()
    (tmp_path / "raises.py").write_text("raise RuntimeError('own words')\n")
    (tmp_path / "odd.py").write_text("import pydantic\nThing = type('Thing', (), {})\n")
    (tmp_path / "fine.py").write_text("class NotPydantic:\n    pass\n")
    return tmp_path


# Command line, and what has to be named in what is said.
PROBLEMS: list[tuple[list[str], list[str]]] = [
    (["deploy"], ["model"]),
    (["deploy", "--text"], ["model", "--model"]),
    (["deploy", "--model", "acme/model"], ["--schema", "--choices", "--text"]),
    (["deploy", "--model", "acme/model", "--text"], ["--yes"]),
    ([*TEXT, "--environment", "bad name!"], ["--environment", "bad name!"]),
    (["list", "--environment", "a/b"], ["--environment", "a/b"]),
    ([*DEPLOY, "--schema", "-", "--token-from", "stdin"], ["--schema -", "--token-from stdin"]),
    ([*DEPLOY, "--choices", "one"], ["--choices"]),
    ([*DEPLOY, "--choices", ""], ["--choices is empty"]),
    (["deploy", "--rehearse", "--yes", "--choices", ""], ["--choices is empty"]),
    (["deploy", "--rehearse", "--yes", "--gpu", " "], ["--gpu is empty"]),
    ([*TEXT, "--prompt", ""], ["--prompt is empty"]),
    (["call", "app", "--prompt", ""], ["--prompt is empty"]),
    ([*DEPLOY, "--regex", "("], ["--regex"]),
    ([*DEPLOY, "--regex", ""], ["--regex"]),
    ([*DEPLOY, "--type", "decimal"], ["decimal", "datetime"]),
    ([*DEPLOY, "--text", "--type", "int"], ["--text", "--type"]),
    ([*DEPLOY, "--schema", "good.json", "--choices", "a,b"], ["--schema", "--choices"]),
    ([*DEPLOY, "--schema", "missing.json"], ["--schema", "missing.json"]),
    ([*DEPLOY, "--schema", "folder"], ["--schema", "folder"]),
    ([*DEPLOY, "--schema", "latin1.json"], ["latin1.json", "UTF-8"]),
    ([*DEPLOY, "--schema", "broken.json"], ["broken.json", "line 4"]),
    ([*DEPLOY, "--schema", "list.json"], ["list.json", "object"]),
    ([*DEPLOY, "--schema", "deep.json"], ["deep.json"]),
    ([*DEPLOY, "--grammar", "missing.lark"], ["--grammar", "missing.lark"]),
    ([*DEPLOY, "--model-class", "nocolon"], ["--model-class", "module:Class"]),
    ([*DEPLOY, "--model-class", "raises:Thing"], ["raises:Thing", "own words"]),
    ([*DEPLOY, "--model-class", "odd:Thing"], ["odd:Thing", "is not a Pydantic class"]),
    ([*DEPLOY, "--model-class", "fine:Missing"], ["fine:Missing"]),
    ([*TEXT, "--gpu", "L5"], ["L5", "H100"]),
    ([*TEXT, "--gpu", "H100:99"], ["99"]),
    ([*TEXT, "--max-tokens", "0"], ["--max-tokens", "1"]),
    ([*TEXT, "--max-containers", "0"], ["--max-containers"]),
    ([*TEXT, "--scaledown-window", "0"], ["--scaledown-window"]),
    ([*TEXT, "--app", "not a name"], ["--app", "not a name"]),
    ([*TEXT, "--secret", "not/a/name"], ["--secret"]),
    ([*TEXT, "--plan", "missing.toml"], ["--plan", "missing.toml"]),
    ([*TEXT, "--plan", "broken.toml"], ["broken.toml", "TOML"]),
    ([*TEXT, "--plan", "unknown.toml"], ["unknown.toml", "name"]),
    ([*TEXT, "--plan", "number.toml"], ["number.toml", "4300 digits"]),
    (["deploy", "--yes", "--plan", "choices.toml"], ["choices.toml"]),
    ([*TEXT, "--max-cost", "nan"], ["--max-cost"]),
    ([*TEXT, "--max-cost", "abc"], ["--max-cost: 'abc' is not a number."]),
    (["call", "app", "--max-tokens", "0"], ["--max-tokens 0 is outside 1 to 131072."]),
    (["call", "app", "--max-tokens", "x"], ["--max-tokens: 'x' is not a whole number."]),
    (["check", "m/m", "--every", "9999"], ["--every 9999.0 is outside 0.1 to 3600."]),
    (["check", "not a name"], ["not a name"]),
    (["check", " "], ["No model is named.", "Name one as organisation/name"]),
    (["check", "datasets/acme/things"], ["dataset"]),
    (["check", "https://[acme/name"], ["[acme/name"]),
    (["check", "acme/name@\udcff"], ["MODEL is not text"]),
    (["check", "./" + "long" * 70], ["is not a folder"]),
    (["check", "~nobody-of-that-name/model"], ["~nobody-of-that-name"]),
    (["call", "app", "--prompt", "caf\udce9"], ["--prompt is not text: its character 4"]),
    (["call", "app"], ["--prompt"]),
    (["logs", "app", "--since", "yesterday"], ["--since", "30m"]),
]
# The same from the parser of flags.
PARSED: list[tuple[list[str], list[str]]] = [
    (["deplyo"], ["deplyo", "deploy"]),
    (["teardwon", "x"], ["teardown"]),
    (["xyzzy"], ["xyzzy"]),
    (["deploy", "--nonsense"], ["--nonsense"]),
    (["deploy", "--max-token", "5"], ["--max-token"]),
    ([*TEXT, "--backend", "vllm"], ["vllm", "llguidance"]),
    ([*TEXT, "--max-tokens", "many"], ["--max-tokens", "many"]),
    ([*TEXT, "--token-from", "argv"], ["argv", "stdin"]),
    ([*TEXT, "--rehearse=hub"], ["hub", "modal"]),
    ([*TEXT, "--output-dir", "good.json"], ["good.json"]),
    (["check"], ["MODEL"]),
    (["check", "a/b", "c/d"], ["c/d", "check --help"]),
    (["deploy", "acme/model"], ["acme/model", "outlines-wizard deploy --model acme/model"]),
    (["acme/model"], ["acme/model", "outlines-wizard deploy --model acme/model"]),
    (["call"], ["APP"]),
    (["call", "app", "--max-tokens", "0"], ["--max-tokens"]),
    (["deploy", "--model"], ["--model"]),
    (["rehearse", "--hub-port", "99999"], ["99999"]),
]


def name(value: list[str]) -> str:
    return " ".join(value)


def told(ran: Any, words: list[str]) -> None:
    assert ran.code == 2, ran.stderr
    assert ran.stdout == "", "standard output is data"
    assert "Traceback" not in ran.stderr
    assert "Internal error in outlines-wizard" not in ran.stderr
    flat = " ".join(ran.stderr.split())
    for word in words:
        assert word in flat


@pytest.mark.parametrize(("arguments", "words"), PROBLEMS, ids=[name(arguments) for arguments, _ in PROBLEMS])
def test_a_person_reads_one_sentence_and_a_hint(
    arguments: list[str], words: list[str], wizard: Run, files: Path
) -> None:
    ran = wizard(*arguments)
    told(ran, words)
    assert ran.stderr.startswith("✗ failed")
    assert len(ran.stderr.splitlines()) <= 4


@pytest.mark.parametrize(("arguments", "words"), PARSED, ids=[name(arguments) for arguments, _ in PARSED])
def test_flags_that_do_not_exist_are_named(arguments: list[str], words: list[str], wizard: Run, files: Path) -> None:
    ran = wizard(*arguments)
    told(ran, words)
    assert "--help" in ran.stderr or "→" in ran.stderr, "a way on"


@pytest.mark.parametrize(
    ("arguments", "words"), PROBLEMS + PARSED[3:], ids=[name(arguments) for arguments, _ in PROBLEMS + PARSED[3:]]
)
def test_a_script_reads_a_failed_object(arguments: list[str], words: list[str], wizard: Run, files: Path) -> None:
    ran = wizard(*arguments, "--json") if arguments[-1] != "--model" else wizard(arguments[0], "--json", arguments[-1])
    assert ran.code == 2
    failed = ran.failed
    assert set(failed) >= KEYS
    assert failed["exit_code"] == 2
    assert failed["retryable"] is False
    assert failed["code"] not in ("", "internal_error")
    for word in words:
        assert word in failed["message"] + " " + failed["hint"]
    assert "Traceback" not in ran.stderr


def test_nothing_was_written(wizard: Run, tmp_path: Path) -> None:
    wizard(*TEXT, "--gpu", "L5", "--save-plan", "plan.toml", "--output-dir", "out")
    assert list(tmp_path.iterdir()) == []


def test_an_access_token_is_not_the_value_of_a_flag(wizard: Run) -> None:
    for flag in ("--token", "--hf-token", "--access-token"):
        assert wizard(*TEXT, flag, "x").code == 2


# --- in a process of its own ----------------------------------------------------------------------------------------


def test_an_unknown_scenario_is_told_the_known_ones(process: Run) -> None:
    pytest.importorskip("torch")
    ran = process("deploy", "--yes", "--json", "--scenario", "nonsense")
    assert ran.code == 2
    assert ran.failed["code"] == "scenario_unknown"
    assert "hub-down" in ran.failed["hint"]


def test_an_access_token_from_an_empty_standard_input(process: Run) -> None:
    ran = process("check", "acme/model", "--token-from", "stdin", "--json")
    assert ran.code == 2
    assert ran.failed["code"] == "no_token_on_stdin"


def test_an_access_token_that_is_not_text(process: Run) -> None:
    ran = process(
        "check", "acme/model", "--token-from", "stdin", "--json", stdin=b"\xff\xfeh\x00f\x00", PYTHONIOENCODING="utf-8"
    )
    assert ran.code == 4, ran.stderr
    said = json.loads(ran.stdout.splitlines()[-1])
    assert "invalid_token" in (said.get("code"), said.get("verdict"))
    assert "Traceback" not in ran.stderr


def test_standard_input_that_is_closed_is_no_terminal(process: Run) -> None:
    ran = process("deploy", "--model", "acme/model", "--text", "--json", stdin=None)
    assert ran.code == 2, ran.stderr
    assert ran.failed["code"] == "missing_yes"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_of_another_encoding_gets_a_verdict_all_the_same(encoding: str, process: Run) -> None:
    ran = process("check", "acme/model", PYTHONIOENCODING=encoding)
    assert ran.code == 6, ran.stderr
    assert "hub unreachable" in ran.stdout
    assert "Traceback" not in ran.stderr


def test_a_verdict_as_one_object(process: Run) -> None:
    ran = process("check", "acme/model", "--json")
    assert ran.code == 6
    data = json.loads(ran.stdout)
    assert data["verdict"] == "hub_unreachable"
    assert {"model", "revision", "gated", "private", "verdict", "cause", "hint", "url", "raw", "token"} <= set(data)


def test_a_hub_that_is_down_does_not_make_a_token_unknown(process: Run) -> None:
    ran = process("check", "acme/model", HF_TOKEN="hf_" + "aB3dE6gH9" * 4)
    assert ran.code == 6
    assert "the Hub doesn't say whose it is" in ran.stdout and "the Hub doesn't know it" not in ran.stdout


def test_nobody_is_signed_in_to_modal(process: Run) -> None:
    ran = process("list", "--json")
    assert ran.code == 4
    assert ran.failed["code"] == "no_modal_token"


def test_a_scenario_does_not_read_the_real_world(process: Run) -> None:
    ran = process("deploy", "--scenario", "list", "--json")
    assert ran.code == 0
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {"ready", "no-token", "hub-down"} <= {row["scenario"] for row in rows if row["event"] == "Row"}


def test_a_group_without_a_command_shows_its_help_as_it_is(wizard: Run) -> None:
    said = wizard("token")
    assert (said.code, said.stdout) == (2, "")
    assert "\nCommands:\n" in said.stderr and "✗" not in said.stderr
