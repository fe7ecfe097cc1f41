"""What holds for every run of the tests, as a pytest plugin: signals, time limits, what outlives a run, the last lines.

A test that fails now and then for a reason outside of this project is marked with `flaky`; it may be run again, and the
summary counts and names such tests. No other test is run twice.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

AGAIN = 2  # times that a flaky test may be run again
_SLOWEST = 10
T = TypeVar("T")
_STARTED = pytest.StashKey[float]()
_WATCHED = pytest.StashKey[subprocess.Popen[bytes]]()


def flaky(reason: str) -> pytest.MarkDecorator:
    """Mark a test that may be run again, and say why it fails now and then."""
    assert reason, "a flaky test says why it is one"
    return pytest.mark.flaky(reruns=AGAIN, reason=reason)


def nightly_beside(kept: Iterable[T], cases: Iterable[T]) -> list[Any]:
    """Cases of one kind as parameters: those that are kept run where their test does, the others in `make nightly`."""
    proving = list(kept)
    every = list(cases)
    assert proving and all(each in every for each in proving), f"{proving} are not all of {every}"
    return [each if each in proving else pytest.param(each, marks=pytest.mark.nightly) for each in every]


def is_worker(config: pytest.Config) -> bool:
    """Whether this process only runs tests for another one (pytest-xdist)."""
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Take back what a background job inherits, and start to watch over what this run starts."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:  # by nohup, or by a shell that starts a job in the background
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    config.stash[_STARTED] = time.monotonic()
    if not is_worker(config) and Path("/proc/self/stat").exists():
        watch = [sys.executable, "-m", "tests.support.leftovers", str(os.getpid())]
        config.stash[_WATCHED] = subprocess.Popen(
            watch, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, start_new_session=True
        )


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let whoever watches over this run end what is left of it."""
    watching = config.stash.get(_WATCHED, None)
    if watching is not None and watching.stdin is not None:
        watching.stdin.close()
        watching.wait(30)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests first: a long one that begins last is what everybody waits for."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> Iterator[None]:
    """After everything else: flaky tests that were run again, the slowest tests, and how long it all took."""
    yield
    write = terminalreporter.write_line
    reruns = [report.nodeid for report in terminalreporter.stats.get("rerun", [])]
    if reruns:
        write(f"flaky tests that were run again: {len(reruns)}")
        for nodeid in sorted(set(reruns)):
            write(f"  {nodeid} ({reruns.count(nodeid)} times)")
    seconds: dict[str, float] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid] = seconds.get(report.nodeid, 0.0) + report.duration
    slowest = sorted(seconds.items(), key=lambda item: -item[1])[:_SLOWEST]
    write(f"the {len(slowest)} slowest tests, in seconds:")
    for nodeid, took in slowest:
        write(f"  {took:6.1f}  {nodeid}")
    total = time.monotonic() - config.stash[_STARTED]
    write(f"all of it took {int(total // 60)} min {int(total % 60)} s")
