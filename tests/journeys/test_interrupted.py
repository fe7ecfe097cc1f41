"""Stopped anywhere: one sentence on how to go on, nothing left behind, and the next run finishes the job."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.support.person import APP, LONG, Person, Run, Running, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.long]

Moment = Callable[[Running], object]


def at(step: str) -> Moment:
    """When a step has started."""
    return lambda running: running.wait_for_event("StepStarted", step=step)


def in_the_build(running: Running) -> None:
    """When an image is being built."""
    running.wait_for(lambda line: "working, " in line)


def in_the_sample(running: Running) -> None:
    """When the container of the sample loads its model."""
    running.wait_for_event("StepStarted", step="sample")
    running.wait_for_event("LogLine", source="system")
    time.sleep(0.5)


def check_interrupted(done: Run) -> None:
    """130, and one sentence with what to do now."""
    assert done.code == 130, done
    assert (done.last["event"], done.last["code"], done.last["exit_code"]) == ("Failed", "interrupted", 130)
    assert "Run the same command again" in done.last["hint"]
    assert done.stderr == ""


@pytest.mark.parametrize("group", [False, True], ids=["process", "terminal"])
@pytest.mark.parametrize(
    ("moment", "scenario"),
    [(at("model"), "ready"), (at("modal"), "ready"), (at("deploy"), "ready"), (in_the_build, "slow-build")],
    ids=["model", "modal", "deploy", "build"],
)
def test_ctrl_c_leaves_nothing_behind(moment: Moment, scenario: str, group: bool, person: Person) -> None:
    running = person.start_wizard("deploy", "--scenario", scenario, "--yes", "--json")
    moment(running)
    running.interrupt(group=group)
    check_interrupted(running.end(15))
    person.wait_until_nothing_is_left(1)


def test_ctrl_c_during_the_sample_ends_the_call(person: Person) -> None:
    running = person.start_wizard("deploy", "--scenario", "ready", "--yes", "--json")
    in_the_sample(running)
    running.interrupt(group=True)
    check_interrupted(running.end(15))
    person.wait_until_nothing_is_left(1)


def test_after_ctrl_c_the_same_command_finishes_the_job(person: Person) -> None:
    """Interrupted in the build, in the download and in the sample; each run goes on from what exists."""
    serving = person.serve()
    serving.arm("build:*", "delay", seconds=1.0)
    building = person.start_wizard("deploy", "--rehearse", "--yes", "--json")
    in_the_build(building)
    building.interrupt(group=True)
    check_interrupted(building.end(15))
    serving.behave()
    assert person.wizard("list", "--rehearse", "--json").json()["apps"] == []

    serving.arm("container-input:download*", "delay", seconds=20.0)
    downloading = person.start_wizard("deploy", "--rehearse", "--yes", "--json")
    downloading.wait_for_event("Progress", step="deploy")
    downloading.wait_for_event("LogLine", source="system")
    downloading.interrupt(group=True)
    check_interrupted(downloading.end(15))
    assert serving.rpcs().get("FunctionCallCancel") == 1  # nothing goes on that is paid for
    serving.behave()

    sampling = person.start_wizard("deploy", "--rehearse", "--yes", "--json")
    in_the_sample(sampling)
    sampling.interrupt(group=True)
    interrupted = sampling.end(15)
    check_interrupted(interrupted)
    assert interrupted.outcomes()["secret"] == "kept"
    assert serving.rpcs().get("FunctionCallCancel") == 2

    finished = person.deploy()
    assert finished.one("SampleReady")["valid"] is True
    assert {step: finished.outcomes()[step] for step in ("secret", "function", "deploy")} == {
        "secret": "kept",
        "function": "kept",
        "deploy": "kept",
    }
    assert serving.versions() == ["v1"]


def test_termination_is_like_ctrl_c(person: Person) -> None:
    running = person.start_wizard("deploy", "--scenario", "slow-build", "--yes", "--json")
    in_the_build(running)
    running.process.terminate()
    check_interrupted(running.end(15))
    person.wait_until_nothing_is_left(1)


@pytest.mark.parametrize("moment", [in_the_build, in_the_sample], ids=["build", "sample"])
def test_a_killed_program_takes_its_stand_ins_and_containers_along(moment: Moment, person: Person) -> None:
    scenario = "slow-build" if moment is in_the_build else "ready"
    running = person.start_wizard("deploy", "--scenario", scenario, "--yes", "--json")
    moment(running)
    running.process.kill()
    running.end(5)
    person.wait_until_nothing_is_left(8)


def test_a_reader_that_goes_away_ends_the_program(person: Person) -> None:
    """`deploy … | head -1`."""
    line = f'"{sys.executable}" -m wizard deploy --scenario ready --yes --json | head -1'
    done = person.run("/bin/sh", "-c", line, seconds=30)
    assert done.events == [{"event": "StepStarted", "step": "model"}]
    assert "Traceback" not in done.stderr
    person.wait_until_nothing_is_left(8)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_served_rehearsal_ends_when_asked_and_takes_everything_along(number: signal.Signals, person: Person) -> None:
    serving = person.serve()
    plain = os.path.join(os.path.dirname(__file__), "apps", "plain.py")
    serving.modal("deploy", plain)
    serving.python("import modal\nmodal.Function.from_name('plain', 'shout').remote('x')")
    assert "shout" in serving.containers()
    ended = serving.stop(number)
    assert (ended.code, ended.stderr) == (0, "")
    assert not serving.address_file.exists()
    person.wait_until_nothing_is_left(1)


def test_a_killed_rehearsal_takes_its_containers_along(person: Person) -> None:
    serving = person.serve()
    plain = os.path.join(os.path.dirname(__file__), "apps", "plain.py")
    serving.modal("deploy", plain)
    serving.python("import modal\nmodal.Function.from_name('plain', 'shout').remote('x')")
    serving.running.kill()
    wait_until(lambda: not person.processes(), 8)


def test_ctrl_c_ends_the_wait_for_standard_input(person: Person) -> None:
    """Somebody typed `--token-from stdin` into a pipe that says nothing, and thinks better of it."""
    running = person.start_wizard(
        "deploy", "--scenario", "ready", "--yes", "--json", "--token-from", "stdin", stdin=subprocess.PIPE
    )
    running.wait_for_event("StepStarted", step="model")
    time.sleep(0.5)
    running.interrupt(group=True)
    check_interrupted(running.end(10))
    person.wait_until_nothing_is_left(1)


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, person: Person, *arguments: str) -> None:
        self.output = b""
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.chdir(person.project)
            os.execve(sys.executable, [sys.executable, "-m", "wizard", *arguments], person.env | {"TERM": "xterm"})

    def wait_for(self, text: bytes, seconds: float = LONG) -> None:
        """Read until a text is on the screen."""
        end = time.monotonic() + seconds
        while text not in self.output:
            assert time.monotonic() < end and self._read(), self.output.decode(errors="replace")

    def type(self, text: bytes) -> None:
        """Press keys."""
        os.write(self._terminal, text)

    def end(self, seconds: float = 15) -> int:
        """The exit code, once the program has ended."""
        end = time.monotonic() + seconds
        while True:
            self._read(0.05)
            gone, status = os.waitpid(self.pid, os.WNOHANG)
            if gone:
                os.close(self._terminal)
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError(f"it did not end:\n{self.output.decode(errors='replace')}")

    def _read(self, seconds: float = 0.2) -> bool:
        if select.select([self._terminal], [], [], seconds)[0]:
            try:
                more = os.read(self._terminal, 65536)
            except OSError:
                return False
            self.output += more
            return bool(more)
        return True


def test_on_a_terminal_the_plan_is_agreed_to_declined_or_left_with_ctrl_c(person: Person) -> None:
    serving = person.serve()
    for keys, code in ((b"\x03", 130), (b"n\n", 5), (b"\n", 5)):
        terminal = Terminal(person, "deploy", "--rehearse", "--no-sample")
        terminal.wait_for(b"Go ahead?")
        terminal.type(keys)
        assert terminal.end() == code, terminal.output.decode(errors="replace")
        assert b"Traceback" not in terminal.output
    assert serving.secrets() == []
    assert list(person.project.iterdir()) == []
    agreed = Terminal(person, "deploy", "--rehearse", "--no-sample")
    agreed.wait_for(b"Go ahead?")
    agreed.type(b"y\n")
    assert agreed.end(30) == 0, agreed.output.decode(errors="replace")
    assert serving.versions(APP) == ["v1"]
    agreed = Terminal(person, "teardown", APP, "--rehearse")
    agreed.wait_for(b"Delete these?")
    agreed.type(b"\x03")
    assert agreed.end() == 130, agreed.output.decode(errors="replace")
    assert serving.versions(APP) == ["v1"]


@pytest.mark.parametrize("command", ["lint", "deploy"])
def test_ctrl_c_ends_the_import_of_a_class_at_once(command: str, person: Person) -> None:
    begun = person.folder / "begun"
    (person.project / "slow.py").write_text(
        f"import pathlib, time\npathlib.Path({str(begun)!r}).touch()\ntime.sleep(60)\n"
    )
    running = person.start_wizard(command, "--rehearse", "--model-class", "slow:Thing", "--json")
    wait_until(begun.exists, 20)
    running.interrupt(group=False)
    check_interrupted(running.end(8))
    person.wait_until_nothing_is_left(1)
