"""Who may import whom, and what a fresh process loads before it has to."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
HEAVY = {
    "huggingface_hub",
    "modal",
    "modal_proto",
    "keyring",
    "textual",
    "torch",
    "transformers",
    "outlines",
    "rich",
    "aiohttp",
    "grpclib",
    "jsonschema",
}
SDKS = {"huggingface_hub", "modal", "modal_proto", "keyring", "textual", "torch", "transformers", "outlines", "grpclib"}


def loaded_after(program: str) -> set[str]:
    """The top-level modules of a fresh process that ran a program."""
    report = "sys.stderr.write(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    source = f"import json, sys\n{program}\n{report}"
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_the_rooms_keep_to_their_contract() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", "pyproject.toml", "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "KEPT" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["deploy", "--help"], ["check", "--help"], ["rehearse", "--help"], ["nonsense"]],
    ids=" ".join,
)
def test_help_is_answered_before_anything_heavy_is_loaded(arguments: list[str]) -> None:
    loaded = loaded_after(f"from wizard.wiring import run\nrun({arguments!r})")
    assert "wizard" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["deploy", "--model", "a/b", "--choices", "yes,no", "--max-tokens", "0"],
        ["check", "not a name"],
        ["deploy", "--json"],
    ],
    ids=" ".join,
)
def test_a_usage_error_is_found_before_anything_heavy_is_loaded(arguments: list[str]) -> None:
    loaded = loaded_after(f"from wizard.wiring import run\nassert run({arguments!r}) == 2")
    assert loaded & HEAVY == set()


def modules(room: str) -> list[str]:
    folder = PROJECT / "wizard" / room
    files = [path for path in folder.rglob("*.py") if path.stem != "__init__"]
    return sorted(".".join(path.relative_to(PROJECT).with_suffix("").parts) for path in files)


FIRST_QUESTION = """
import os
from wizard.cli.session import SessionOptions
from wizard.wiring import ProgramWiring

class Noting(ProgramWiring):
    def session(self, options):  # services are opened once the first question is on screen
        os.write(1, json.dumps(sorted(sys.modules)).encode())
        os._exit(0)

Noting().screen(SessionOptions(rehearse=REHEARSE))
"""
AFTER_IT = (  # what nobody needs to read a question and to type
    "wizard.cli.output.reporters",
    "wizard.codegen",
    "wizard.core.access",
    "wizard.core.events",
    "wizard.core.explain",
    "wizard.core.inference",
    "wizard.core.lint",
    "wizard.core.models.loading",
    "wizard.core.plan.inference_engine",
    "wizard.core.plan.plan",
    "wizard.core.sizing",
    "wizard.flow.access",
    "wizard.flow.deploy.job",
    "wizard.flow.ports.hub",
    "wizard.flow.ports.modal",
    "wizard.rehearsal.control",
    "wizard.services",
    "wizard.tui.screens.access",
    "wizard.tui.screens.function",
    "wizard.tui.screens.model.hub_requests",
    "wizard.tui.screens.model.rows",
)
UNLESS_DEMO = ("wizard.core.output", "wizard.core.schema")  # a demo brings an output type along


@pytest.mark.parametrize("rehearse", [None, "all"])
def test_the_first_question_is_on_screen_before_anything_that_answers_it_is_loaded(rehearse: str | None) -> None:
    if rehearse and any(importlib.util.find_spec(name) is None for name in ("torch", "transformers", "outlines")):
        pytest.skip("a rehearsal needs the extra `local`")
    done = subprocess.run(
        [sys.executable, "-c", "import json, sys\n" + FIRST_QUESTION.replace("REHEARSE", repr(rehearse))],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "TEXTUAL_DRIVER": "textual.drivers.headless_driver:HeadlessDriver",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = set(json.loads(done.stdout))
    assert "wizard.tui.screens.model.screen" in loaded
    assert {
        name for name in loaded if name.partition(".")[0] in (HEAVY | {"httpx2", "anyio"}) - {"textual", "rich"}
    } == set()
    later = AFTER_IT if rehearse else AFTER_IT + UNLESS_DEMO
    assert {name for name in loaded if f"{name}.".startswith(tuple(f"{each}." for each in later))} == set()


@pytest.mark.parametrize("room", ["core", "codegen", "flow", "cli"])
def test_the_inner_rooms_and_the_command_line_load_no_sdk_and_no_screen(room: str) -> None:
    names = modules(room)
    assert names
    loaded = loaded_after("\n".join(f"import {name}" for name in names))
    assert loaded & SDKS == set()


def test_the_stand_ins_are_not_loaded_where_nobody_rehearses() -> None:
    program = (
        "from wizard.wiring import run\nrun(['check', '--help'])\nprint([m for m in sys.modules if 'rehearsal' in m])"
    )
    source = f"import sys\n{program}"
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_reading_a_schema_loads_no_package_that_builds_parsers_at_import() -> None:
    loaded = loaded_after("from wizard.services.validation.formats import format_checker\nformat_checker()")
    assert "jsonschema" in loaded and "rfc3987_syntax" not in loaded and "lark" not in loaded
