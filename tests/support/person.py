"""A person at a machine of their own: home, folders, shell environment, and the programs that they run there."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.support import forked_program
from wizard.rehearsal.stand_ins import FORK_SERVER

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
MODEL = "rehearsal-lab/tiny-character"
OPEN_MODEL = "rehearsal-lab/tiny-character-open"
APP = "outlines-tiny-character"
LONG = 120.0  # seconds that any one program may take here; far above what it needs

T = TypeVar("T")


def need_local() -> None:
    """Skip where what runs the rehearsal's containers is not installed."""
    missing = [name for name in ("torch", "transformers", "outlines") if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"a rehearsal needs {', '.join(missing)}")


@dataclass
class Run:
    """A program that has ended."""

    command: list[str]
    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def events(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines with an `event`, and nothing else."""
        return read_events(self.stdout.splitlines(), self)

    @property
    def last(self) -> dict[str, Any]:
        """The event that ends the run."""
        assert self.events, f"nothing on standard output\n{self}"
        return self.events[-1]

    @property
    def said(self) -> str:
        """Both streams."""
        return self.stdout + self.stderr

    def all(self, event: str) -> list[dict[str, Any]]:
        """Every event of that name."""
        return [found for found in self.events if found["event"] == event]

    def one(self, event: str) -> dict[str, Any]:
        """The only event of that name."""
        found = self.all(event)
        assert len(found) == 1, f"{len(found)} × {event}\n{self}"
        return found[0]

    def outcomes(self) -> dict[str, str]:
        """Outcome by step, for the steps that finished."""
        return {event["step"]: event["outcome"] for event in self.all("StepFinished")}

    def changes(self) -> dict[str, str]:
        """Action by resource, as the plan announced them."""
        return {change["resource"]: change["action"] for change in self.one("PlanReady")["changes"]}

    def json(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.stdout)

    def __str__(self) -> str:
        return f"{' '.join(self.command)}: exit code {self.code}\n{self.stdout}\n--- stderr\n{self.stderr}"


def read_events(lines: Iterable[str], run: object) -> list[dict[str, Any]]:
    """JSON lines; each has to be an object with a string `event`."""
    events = []
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            raise AssertionError(f"not JSON on standard output: {line!r}\n{run}") from None
        assert isinstance(event, dict) and isinstance(event.get("event"), str), f"no event: {line!r}"
        events.append(event)
    return events


class Running:
    """A program that is still running; its lines are read as they come."""

    def __init__(self, command: list[str], env: dict[str, str], folder: Path, stdin: int) -> None:
        self.command, self.began = command, time.monotonic()
        self.process = forked_program.start(command, env, folder, stdin) or subprocess.Popen(
            command,
            env=env,
            cwd=folder,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.lines, self._new), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self.errors, None), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: Any, lines: list[str], new: queue.Queue[str | None] | None) -> None:
        with stream:
            for line in stream:
                lines.append(line.rstrip("\n"))
                if new is not None:
                    new.put(line.rstrip("\n"))
        if new is not None:
            new.put(None)

    def wait_for(self, wanted: Callable[[str], bool], seconds: float = LONG) -> str:
        """The first line from here on that is wanted."""
        end = time.monotonic() + seconds
        while True:
            try:
                line = self._new.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"it never came:\n{self._told()}") from None
            assert line is not None, f"it ended before:\n{self._told()}"
            if wanted(line):
                return line

    def wait_for_event(self, event: str, seconds: float = LONG, **keys: Any) -> dict[str, Any]:
        """The first event of that name, with those values, from here on."""

        def is_wanted(line: str) -> bool:
            data = json.loads(line)
            return data["event"] == event and all(data.get(key) == value for key, value in keys.items())

        found: dict[str, Any] = json.loads(self.wait_for(is_wanted, seconds))
        return found

    def interrupt(self, *, group: bool) -> None:
        """Ctrl-C: to the process alone, or to its whole group as a terminal does."""
        if group:
            os.killpg(self.process.pid, signal.SIGINT)
        else:
            self.process.send_signal(signal.SIGINT)

    def end(self, seconds: float = 30.0) -> Run:
        """Wait until it has ended by itself."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"it did not end within {seconds} s:\n{self._told()}") from None
        for reader in self._readers:
            reader.join(5)
        return Run(self.command, code, "\n".join(self.lines), "\n".join(self.errors), time.monotonic() - self.began)

    def kill(self) -> None:
        """The end, without a goodbye."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def _told(self) -> str:
        lines = [line[:300] for line in self.lines[-15:]]
        return "\n".join([" ".join(self.command), *lines, "--- stderr", *self.errors])


class Person:
    """Somebody with a home, a temporary folder, a state folder and a project folder that nobody else uses.

    Paths are short, as a person's are: a unix socket's path has a limit.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="jy-", dir="/tmp" if Path("/tmp").is_dir() else None)).resolve()
        self.home, self.tmp, self.state = (self.folder / name for name in ("home", "t", "state"))
        self.project = self.folder / "a project"
        for folder in (self.home, self.tmp, self.state, self.project):
            folder.mkdir()
        self._running: list[Running] = []

    @property
    def env(self) -> dict[str, str]:
        """The person's shell."""
        return {
            "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "TMPDIR": str(self.tmp),
            "XDG_STATE_HOME": str(self.state),
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "COLUMNS": "200",
            "BROWSER": "true",
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",  # nothing listens there: no test asks the real one
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            FORK_SERVER: os.environ.get(FORK_SERVER, ""),
        }

    def run(
        self, *command: str, stdin: str | None = None, folder: Path | None = None, seconds: float = LONG, **more: Any
    ) -> Run:
        """Run a program to its end."""
        began, env, where = time.monotonic(), self.env | more, folder or self.project
        how = subprocess.DEVNULL if stdin is None else subprocess.PIPE
        if program := forked_program.start(command, env, where, how):
            out, errors = program.communicate(stdin, seconds)
            return Run(list(command), program.wait(), out, errors, time.monotonic() - began)
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        done = subprocess.run(
            command,
            env=env,
            cwd=where,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
            **given,
        )
        return Run(list(command), done.returncode, done.stdout, done.stderr, time.monotonic() - began)

    def start(self, *command: str, stdin: int = subprocess.DEVNULL, folder: Path | None = None, **more: Any) -> Running:
        """Run a program in the background, in a session of its own."""
        running = Running(list(command), self.env | more, folder or self.project, stdin)
        self._running.append(running)
        return running

    def wizard(self, *arguments: str, **more: Any) -> Run:
        """Run outlines-wizard to its end."""
        return self.run(sys.executable, "-m", "wizard", *arguments, **more)

    def start_wizard(self, *arguments: str, **more: Any) -> Running:
        """Run outlines-wizard in the background."""
        return self.start(sys.executable, "-m", "wizard", *arguments, **more)

    def deploy(self, *arguments: str, code: int = 0, **more: Any) -> Run:
        """`deploy --rehearse --yes --json`, which has to end with `code`."""
        done = self.wizard("deploy", "--rehearse", "--yes", "--json", *arguments, **more)
        assert done.code == code, done
        return done

    def serve(self, *arguments: str) -> Serving:
        """`rehearse`, served until the person leaves or stops it."""
        return Serving(self, self.start_wizard("rehearse", "--json", *arguments))

    def processes(self) -> dict[int, bytes]:
        """Processes that know one of this person's folders, and their environments; containers among them."""
        return processes_with(str(self.folder))

    def leftovers(self) -> list[str]:
        """Temporary folders of a rehearsal."""
        return sorted(path.name for path in self.tmp.iterdir() if "rehears" in path.name)

    def wait_until_nothing_is_left(self, seconds: float = 8.0) -> None:
        """Every process that was started for this person is gone, and so are temporary folders."""
        wait_until(lambda: not self.processes(), seconds, lambda: describe(self.processes()))
        wait_until(lambda: not self.leftovers(), 1.0, lambda: str(self.leftovers()))

    def leave(self) -> None:
        """End what is still running, and clear up."""
        for running in self._running:
            if running.process.poll() is None:
                running.process.terminate()
        for running in self._running:
            try:
                running.process.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()
            if running.process.stdin is not None:
                running.process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Serving:
    """A rehearsal that is being served, and the command lines pointed at it."""

    def __init__(self, person: Person, running: Running) -> None:
        self.person, self.running = person, running
        described = json.loads(running.wait_for(lambda line: True))
        assert described["event"] == "Serving", described
        self.described = described
        self.variables: dict[str, Any] = described["env"]
        self.pages: dict[str, str] = described["pages"]
        self.address_file = person.state / "outlines-wizard" / "rehearsal.json"
        self.control: str = json.loads(self.address_file.read_text())["url"]

    def run(self, *command: str, code: int = 0, **more: Any) -> str:
        """Run a program in the person's shell with the rehearsal's variables; both its streams."""
        done = self.person.run(*command, **{**self.variables, **more})
        assert done.code == code, done
        return done.said

    def hf(self, *arguments: str, **more: Any) -> str:
        """The `hf` command line."""
        return self.run(str(BIN / "hf"), *arguments, **more)

    def modal(self, *arguments: str, **more: Any) -> str:
        """The `modal` command line."""
        return self.run(str(BIN / "modal"), *arguments, **more)

    def modal_json(self, *arguments: str) -> Any:
        """A `modal` command that prints JSON."""
        done = self.person.run(str(BIN / "modal"), *arguments, "--json", **self.variables)
        assert done.code == 0, done
        return done.json()

    def start_modal(self, *arguments: str, **more: Any) -> Running:
        """The `modal` command line in the background."""
        return self.person.start(str(BIN / "modal"), *arguments, **{**self.variables, **more})

    def python(self, source: str) -> str:
        """A program of the person's that uses the SDKs."""
        return self.run(sys.executable, "-W", "ignore", "-c", source)

    def secrets(self) -> list[str]:
        """Names of the Modal Secrets."""
        return [row["name"] for row in self.modal_json("secret", "list")]

    def versions(self, app: str = APP) -> list[str]:
        """Versions of an app, the newest first."""
        return [row["version"] for row in self.modal_json("app", "history", app)]

    def arm(self, where: str, kind: str, **more: Any) -> None:
        """Make a stand-in misbehave."""
        self._ask("POST", "faults", {"where": where, "kind": kind, **more})

    def behave(self) -> None:
        """Make the stand-ins behave again."""
        self._ask("DELETE", "faults")

    def change(self, changes: dict[str, Any]) -> None:
        """Change the world that the Hub serves."""
        self._ask("POST", "world", changes)

    def seen(self) -> dict[str, Any]:
        """What the stand-ins were asked: requests to the Hub, and counts of Modal's RPCs."""
        found: dict[str, Any] = self._ask("GET", "seen")
        return found

    def rpcs(self) -> dict[str, int]:
        """How often each RPC was called so far."""
        counts: dict[str, int] = self.seen()["modal"]
        return counts

    def containers(self) -> dict[str, dict[str, str]]:
        """Environments of running containers, by the function that they run (read from what Modal's runtime got)."""
        from modal_proto import api_pb2

        found = {}
        for environ in self.person.processes().values():
            variables = dict(part.split("=", 1) for part in environ.decode().split("\0") if "=" in part)
            if path := variables.get("MODAL_CONTAINER_ARGUMENTS_PATH"):
                arguments = api_pb2.ContainerArguments.FromString(Path(path).read_bytes())
                found[arguments.function_def.function_name] = variables
        return found

    def stop(self, number: int = signal.SIGTERM) -> Run:
        """Ask it to end."""
        self.running.process.send_signal(number)
        return self.running.end(15)

    def _ask(self, method: str, path: str, data: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.control}/{path}",
            method=method,
            data=None if data is None else json.dumps(data).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)


def one_person() -> Iterator[Person]:
    """For a fixture: somebody with a machine of their own, which has what a demo needs."""
    need_local()
    somebody = Person()
    yield somebody
    somebody.leave()


def one_rehearsal() -> Iterator[Serving]:
    """For a fixture: a rehearsal that is served until the tests that share it are done."""
    for somebody in one_person():
        yield somebody.serve()


def keep_together(items: Iterable[pytest.Item], folder: Path, fixture: str) -> None:
    """Tests of a module in `folder` that share a rehearsal stay together under ``--dist loadgroup``."""
    for item in items:
        if folder in item.path.parents and fixture in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def processes_with(text: str) -> dict[int, bytes]:
    """Processes, zombies apart, whose environment or command line holds a text, and their environments."""
    found, wanted = {}, text.encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environ = (entry / "environ").read_bytes()
                if wanted in environ or wanted in (entry / "cmdline").read_bytes():
                    found[int(entry.name)] = environ
            except OSError:
                continue
    return found


def describe(processes: Iterable[int]) -> str:
    """Command lines, for a failed assertion."""
    lines = []
    for number in processes:
        try:
            lines.append(f"{number}: {Path(f'/proc/{number}/cmdline').read_bytes().decode().replace(chr(0), ' ')}")
        except OSError:
            continue
    return "still there:\n" + "\n".join(lines)


def wait_until(condition: Callable[[], T], seconds: float = 10.0, why: Callable[[], str] = lambda: "") -> T:
    """Poll; the condition's value once it is true."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {seconds} s. {why()}"
        time.sleep(0.05)
    return value
