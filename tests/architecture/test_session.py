"""What holds for every run of the tests: shown on runs of a small file of tests in a pytest of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PYTEST = (sys.executable, "-m", "pytest", "-p", "tests.support.session", "-p", "no:cacheprovider", "--rootdir=.")
SLEEPER = """
import subprocess, time
from pathlib import Path

def test_that_leaves_something_behind():
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    Path("pid").write_text(str(child.pid))
    time.sleep({seconds})
"""
INTERRUPTED = """
import signal, subprocess

def test_a_child_can_be_interrupted():
    child = subprocess.Popen(["sleep", "600"])
    child.send_signal(signal.SIGINT)
    assert child.wait(5) == -signal.SIGINT
"""
STUMBLES = """
from pathlib import Path
from tests.support.session import flaky

@flaky("to show what is said of it")
def test_that_fails_once():
    seen = Path("seen").exists()
    Path("seen").touch()
    assert seen

def test_that_always_fails():
    Path("runs").open("a").write("x")
    assert False
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start a pytest on a file of tests."""

    def run(source: str, ignored: int | None = None) -> subprocess.Popen[str]:
        (tmp_path / "test_it.py").write_text(source)
        return subprocess.Popen(
            [*PYTEST, "test_it.py"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(PROJECT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=None if ignored is None else lambda: signal.signal(ignored, signal.SIG_IGN),
        )

    return run


def is_alive(pid: int) -> bool:
    """Whether the process is there and not only waiting to be collected."""
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait(until: Callable[[], bool]) -> None:
    """Wait for it, for half a minute at the most."""
    end = time.monotonic() + 30
    while not until() and time.monotonic() < end:
        time.sleep(0.1)
    assert until()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("killed", [True, pytest.param(False, marks=pytest.mark.long)])
def test_nothing_outlives_a_run_even_when_it_is_killed(start: Start, tmp_path: Path, killed: bool) -> None:
    runner = start(SLEEPER.format(seconds=600 if killed else 2))
    pid = tmp_path / "pid"
    wait(lambda: pid.exists() and bool(pid.read_text()))
    left = int(pid.read_text())
    if killed:
        time.sleep(1.5)  # until it has been noticed
        assert is_alive(left)
        runner.kill()
    runner.communicate(timeout=60)
    wait(lambda: not is_alive(left))


def test_a_run_in_the_background_is_no_different(start: Start) -> None:
    runner = start(INTERRUPTED, ignored=signal.SIGINT)
    said, _ = runner.communicate(timeout=60)
    assert runner.returncode == 0, said


def test_a_flaky_test_is_run_again_and_told_and_no_other_is(start: Start, tmp_path: Path) -> None:
    said, _ = start(STUMBLES).communicate(timeout=60)
    assert (tmp_path / "runs").read_text() == "x"
    assert "flaky tests that were run again: 1" in said and "1 failed, 1 passed, 1 rerun" in said
    assert "slowest tests, in seconds" in said and "all of it took 0 min" in said
