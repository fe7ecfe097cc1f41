"""Containers that fork: like fresh interpreters, made only where that is so, and gone with what made them."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.modal.modal_rehearsal import QuickStart, Rehearsal
from wizard.rehearsal.container_faults import CONTAINER_FAULTS
from wizard.rehearsal.modal.containers.forking import can_fork

pytestmark = pytest.mark.skipif(not can_fork(), reason="nothing forks on this system")

APP = """
import os, signal, sys, threading, time, modal

app = modal.App("itself")
image = modal.Image.debian_slim().env({"PLAIN": "as it is"})

@app.function(image=image)
def look():
    main = sys.modules["__main__"]
    files = {int(each): os.path.realpath(f"/proc/self/fd/{each}") for each in os.listdir("/proc/self/fd")}
    return {
        "environment": dict(os.environ),
        "as the system sees it": open("/proc/self/environ").read(),
        "folder": os.getcwd(),
        "arguments": [sys.argv, sys.orig_argv, str(sys.flags)],
        "search path": sys.path,
        "main": [main.__name__, main.__file__, main.__spec__.name, sorted(vars(main))],
        "groups": [os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid()],
        "signals": [re_named(signal.getsignal(each)) for each in signal.valid_signals() if each not in (9, 19)],
        "threads": sorted(each.name for each in threading.enumerate()),
        "modules": sorted(sys.modules),
        "standard files": [files.get(0), sorted(number for number in files if number > 2)],
        "streams": [
            [str(each), each.errors, each.line_buffering, each.write_through, each.seekable(), each.isatty(),
             each.newlines, each.reconfigure(errors="replace")]
            for each in (sys.stdin, sys.stdout, sys.stderr)
        ],
        "config": modal.config.user_config_path,
        "import": re_named(__builtins__["__import__"]),
        "finders": [getattr(each, "__name__", type(each).__name__) for each in sys.meta_path],
    }

def re_named(handler):
    return getattr(handler, "__qualname__", str(handler))

@app.function(image=image)
def parent():
    return open(f"/proc/{os.getppid()}/cmdline").read().split(chr(0))

@app.function(image=image)
def parent_id():
    return os.getppid()

@app.function(image=image)
def stay():
    import subprocess
    subprocess.Popen(["sleep", "300"])
    time.sleep(300)

@app.function(image=modal.Image.debian_slim().pip_install("torch==2.0.0"), gpu="T4")
def heavy():
    import numpy.random
    return ["torch" in sys.modules, "transformers" in sys.modules, len(os.listdir("/proc/self/task")) < 20,
            float(numpy.random.random())]
"""


def ask(rehearsal: Rehearsal, function: str) -> Any:
    return rehearsal.script(f'result = modal.Function.from_name("itself", "{function}").remote()')


def deploy(rehearsal: Rehearsal, text: str = APP) -> None:
    (rehearsal.folder / "itself.py").write_text(text)
    rehearsal.modal("deploy", "itself.py")


def is_forked(rehearsal: Rehearsal) -> bool:
    return any("fork_server" in word for word in ask(rehearsal, "parent"))


@pytest.mark.parametrize("fault", ["", "out-of-memory", "package-missing"])
def test_a_forked_container_is_no_different_from_a_fresh_interpreter(
    tmp_path: Path, quick: QuickStart, fault: str
) -> None:
    seen = []
    customization = tmp_path / "customization"
    customization.mkdir()
    (customization / "sitecustomize.py").write_text(CONTAINER_FAULTS.get(fault, ""))
    for is_quick in (False, True):
        folder = tmp_path / str(is_quick)
        folder.mkdir()
        more = {"customization": customization} if fault else {}
        rehearsal = Rehearsal(folder, quick, fork_containers=is_quick, **more)
        try:
            deploy(rehearsal)
            assert is_forked(rehearsal) == is_quick
            found = ask(rehearsal, "look")
        finally:
            rehearsal.close()
        found["as the system sees it"] = sorted(filter(None, found["as the system sees it"].split("\0")))
        found["modules"] = [name for name in found["modules"] if name != "gc"]  # it is part of the interpreter
        text = json.dumps(found).replace(str(folder), "FOLDER")
        seen.append(json.loads(re.sub(r"(/tmp/mrh-\w+|FOLDER/state/run)/\w+\.sock|ta-\w+|im-\w+", "ID", text)))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("more", "file"),
    [
        ({"PYTHONPATH": "/somewhere"}, ""),
        ({"HOME": "/somewhere", "MODAL_LOGLEVEL": "INFO"}, ""),
        ({}, "sitecustomize.py"),
        ({}, "calendar.py"),
    ],
)
def test_where_a_fork_would_differ_it_is_a_fresh_interpreter(
    tmp_path: Path, quick: QuickStart, more: dict[str, str], file: str
) -> None:
    rehearsal = Rehearsal(tmp_path, quick, container_env=more)
    try:
        text = APP
        if file:
            (tmp_path / file).write_text("")
            text = text.replace('"as it is"})', f'"as it is"}}).add_local_file("{tmp_path / file}", "/root/{file}")')
        deploy(rehearsal, text)
        assert not is_forked(rehearsal)
    finally:
        rehearsal.close()


def test_a_gpu_function_finds_torch_imported_and_draws_numbers_of_its_own(fresh: Rehearsal) -> None:
    pytest.importorskip("torch")
    deploy(fresh)
    first = ask(fresh, "heavy")
    fresh.modal("container", "stop", fresh.json("container", "list")[0]["container_id"], "--yes")
    second = ask(fresh, "heavy")
    assert first[:3] == second[:3] == [True, False, True]
    assert first[3] != second[3]


def test_when_the_process_that_it_forked_from_dies_a_container_is_lost(tmp_path: Path, quick: QuickStart) -> None:
    rehearsal = Rehearsal(tmp_path, quick, fork_server=None, crash_retries=0)
    try:
        deploy(rehearsal)
        parent = ask(rehearsal, "parent_id")
        call = rehearsal.script('result = modal.Function.from_name("itself", "stay").spawn().object_id')
        rehearsal.wait_until(lambda: any(each.inflight for each in rehearsal.stand_in.state.containers.values()))
        os.kill(parent, signal.SIGKILL)
        outcome = rehearsal.script(f"""
        try:
            result = modal.FunctionCall.from_id("{call}").get(timeout=20)
        except Exception as error:
            result = str(error)
        """)
        assert "Runner failed with exit code: 137" in outcome
        assert is_forked(rehearsal), "another one is started"
    finally:
        rehearsal.close()
    rehearsal.wait_until(lambda: not rehearsal.containers(), 2)
