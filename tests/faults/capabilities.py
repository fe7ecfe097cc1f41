"""What people do with a deployed function, each as something that a fault can strike: commands, and HTTP requests.

A `Job` is done once with a fault armed, and then again without it. It says itself what has to be there at the end.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2

from tests.codegen.tiny_vision import picture, seeing
from tests.support.lora import write_lora
from tests.support.person import APP, MODEL, Person, Run, Serving
from wizard.rehearsal.fixtures import model_folder

PROMPT = "Give me a character description: Conan, 40 year old man with an axe and no armor. It's Conan."
LONG_ANSWER = "[0-9]{420}"  # a token for each digit: there is time to kill what makes it
SECONDS = 90.0
SEES, TUNED, CHOICES, ROWS = "acme/sees", "acme/tuned", "yes,no,maybe", 60
DONE, FAILED_CLEANLY = "went on", "failed cleanly"


class World:
    """One rehearsal, and the functions that all cases use."""

    def __init__(self) -> None:
        self.person = Person()
        project = self.person.project
        served = {SEES: seeing("idefics3", project / "sees"), TUNED: write_lora(project / "tuned", 1, MODEL)}
        served["acme/other"] = write_lora(project / "other", 2, MODEL)
        self.serving: Serving = self.person.serve(*(f"--serve={path}={name}" for name, path in served.items()))
        self.endpoint: str = self.deploy(APP, "--endpoint").last["endpoint"]
        self.deploy("sees", "--model", SEES, "--choices", CHOICES)
        self.deploy("tuned", f"--adapter=a={TUNED}", "--adapter=b=acme/other", "--choices", CHOICES)
        self.deploy("batched", "--choices", CHOICES)
        self.keys: dict[str, str] = json.loads(self.serving.modal("workspace", "proxy-tokens", "create", "--json"))
        self._write_files()

    def deploy(self, app: str, *flags: str) -> Run:
        """Deploy a function for all cases; it has to succeed."""
        command = ("--rehearse", "--yes", "--json", "--app", app, "--no-sample", "--output-dir", app)
        done = self.person.wizard("deploy", *command, *flags, seconds=SECONDS * 2)
        assert done.code == 0, done
        return done

    def _write_files(self) -> None:
        project = self.person.project
        (project / "image.png").write_bytes(picture(90, 200))
        (project / "in.jsonl").write_text("".join(f'{{"prompt": "Is {n} even?", "id": {n}}}\n' for n in range(ROWS)))
        expected = {"expected": "yes"}
        cases = [{"prompt": f"Is {number} even?"} | expected for number in range(ROWS)]
        (project / "cases.jsonl").write_text("".join(f"{json.dumps(case)}\n" for case in cases))

    @property
    def secrets(self) -> dict[str, bytes]:
        """What no file, log or answer may hold, by its name."""
        held = {name: self.serving.variables[name] for name in ("HF_TOKEN", "MODAL_TOKEN_SECRET")}
        held["proxy token"] = self.keys["Modal-Secret"]
        return {name: value.encode() for name, value in held.items()}

    def kill_containers(self) -> int:
        """End those that hold a model; how many there were."""
        found = [
            number
            for number, environ in self.person.processes().items()
            if b"HF_HUB_OFFLINE=1" in environ and b"MODAL_CONTAINER_ARGUMENTS_PATH" in environ
        ]
        for number in found:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        return len(found)

    def close(self) -> None:
        """Leave nothing behind."""
        self.person.leave()


class Job(ABC):
    """Something that is done, by its name."""

    name: str
    codes: frozenset[str] = frozenset()
    """What it may fail with beside what the part of the world that misbehaves is known for."""

    def __init__(self, world: World) -> None:
        self.world = world

    @abstractmethod
    def once(self, case: str, *, again: bool) -> Run | str:
        """Do it; a run of the program, or what became of a request: `DONE`, `FAILED_CLEANLY` or what is wrong."""

    def wrong_at_the_end(self, case: str) -> str:
        """What is not as it must be after it was done at last; empty for nothing."""
        return ""


class Command(Job):
    """A command of the program."""

    def __init__(self, world: World, name: str, *words: str) -> None:
        super().__init__(world)
        self.name, self._words = name, words

    def words(self, case: str, *, again: bool) -> list[str]:
        """The command line."""
        return [*self._words, "--rehearse", "--json"]

    def once(self, case: str, *, again: bool) -> Run | str:
        return self.world.person.wizard(*self.words(case, again=again), seconds=SECONDS)


class Rows(Command):
    """A command that answers many prompts, and goes on where it was stopped."""

    def words(self, case: str, *, again: bool) -> list[str]:
        out = ["-o", f"{case}{'.json' if self.name == 'verify' else '.out'}"]
        return [*super().words(case, again=again), *out, *(["--resume"] if again and self._output(case) else [])]

    def _output(self, case: str) -> bool:
        return self._file(case).exists()

    def _file(self, case: str) -> Path:
        return self.world.person.project / (f"{case}.answers.jsonl" if self.name == "verify" else f"{case}.out")

    def wrong_at_the_end(self, case: str) -> str:
        """Every row is there, once; those of a batch in order and with an answer."""
        rows = [json.loads(line) for line in self._file(case).read_bytes().decode().splitlines()]
        if self.name == "verify":
            asked = [row["question"] for row in rows if "question" in row]  # others say what was run and spent
            twice = len(asked) - len({json.dumps(each, sort_keys=True) for each in asked})
            return "" if len(asked) == ROWS and not twice else f"{len(asked)} of {ROWS} cases, {twice} of them twice"
        if [row["id"] for row in rows] != list(range(ROWS)):
            return f"rows {[row['id'] for row in rows]}"
        return "" if all(row["valid"] and row["error"] is None for row in rows) else "a row without an answer"


class Upload(Command):
    """A model in a folder of its own, sent to a Volume of its own, and deployed."""

    def words(self, case: str, *, again: bool) -> list[str]:
        project = self.world.person.project
        folder, plan = project / f"{case}-model", project / f"{case}.toml"
        if not folder.exists():
            shutil.copytree(model_folder(), folder)
            plan.write_text(f'[function]\nvolume = "{case}"\n')
        flags = ["--yes", "--no-sample", "--app", case, "--output-dir", case, "--choices", "yes,no"]
        return [*super().words(case, again=again), "--model", f"./{folder.name}", "--plan", str(plan), *flags]


class AdapterDeploy(Command):
    """An adapter and its base model, downloaded to a Volume of its own, and deployed."""

    def words(self, case: str, *, again: bool) -> list[str]:
        plan = self.world.person.project / f"{case}.toml"
        plan.write_text(f'[function]\nvolume = "{case}"\nsecret = "{case}-secret"\n')
        flags = ["--yes", "--no-sample", "--app", case, "--output-dir", case, "--choices", "yes,no"]
        return [*super().words(case, again=again), "--model", TUNED, "--plan", str(plan), *flags]


class Request(Job):
    """A request to the endpoint: whole, or as a stream."""

    def __init__(self, world: World, *, streamed: bool, long: bool = False) -> None:
        super().__init__(world)
        self.streamed, self._body = streamed, {"messages": [{"role": "user", "content": PROMPT}], "stream": streamed}
        self.name = "endpoint, streamed" if streamed else "endpoint"
        if long:
            self._body |= {"structured_outputs": {"regex": LONG_ANSWER}, "max_tokens": 450}

    def once(self, case: str, *, again: bool) -> Run | str:
        try:
            with self._client() as client:
                return self._ask(client)
        except httpx2.HTTPError as error:
            return f"{type(error).__name__} instead of an answer: {error}"

    def _client(self) -> httpx2.Client:
        headers = {key: self.world.keys[key] for key in ("Modal-Key", "Modal-Secret")}
        return httpx2.Client(base_url=self.world.endpoint, headers=headers, follow_redirects=True, timeout=SECONDS)

    def _ask(self, client: httpx2.Client) -> str:
        with client.stream("POST", "/v1/chat/completions", json=self._body) as response:
            text = response.read().decode()
        if leaked := [name for name, value in self.world.secrets.items() if value.decode() in text]:
            return f"the answer holds {leaked}"
        if response.status_code == 200 and self.streamed:
            return _judge_stream(text)
        if response.status_code == 200:
            [choice] = json.loads(text)["choices"]
            return DONE if choice["finish_reason"] == "stop" and choice["message"]["content"] else f"half: {text[:200]}"
        if response.status_code in (429, 500, 502, 503, 504) and "Traceback" not in text:
            return FAILED_CLEANLY
        return f"status {response.status_code}: {text[:200]}"

    def leave_early(self) -> None:
        """Send it, and go away before it is answered."""
        try:
            with self._client() as client:
                client.timeout = httpx2.Timeout(0.5)
                with client.stream("POST", "/v1/chat/completions", json=self._body) as response:
                    end = time.monotonic() + 0.5
                    for _ in response.iter_bytes():
                        if time.monotonic() > end:
                            return
        except httpx2.HTTPError:
            return


def _judge_stream(text: str) -> str:
    """A stream ends with its finish reason and [DONE], or with an error in OpenAI's shape."""
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    if lines and lines[-1] == "[DONE]":
        finished = [json.loads(line)["choices"][0]["finish_reason"] for line in lines[:-1] if '"finish_reason"' in line]
        return DONE if finished[-1:] == ["stop"] else f"it says that it is done, and not how: {lines[-2:]}"
    last: dict[str, Any] = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return FAILED_CLEANLY if last.get("error", {}).get("type") == "server_error" else f"it breaks off: {text[-200:]!r}"


def jobs_of(world: World) -> list[Job]:
    """All of them; the first ones come by places that later ones come by too."""
    call = ("call", APP, "--prompt", PROMPT)
    return [
        Command(world, "call", *call),
        Command(world, "call --stream", *call, "--stream"),
        Command(world, "another output type", *call, "--choices", CHOICES),
        Command(world, "image", "call", "sees", "--prompt", "What is it?", "--image", "image.png"),
        Command(world, "adapter", "call", "tuned", "--prompt", PROMPT, "--adapter", "b"),
        Rows(world, "batch", "batch", "batched", "in.jsonl"),
        Rows(world, "verify", "verify", "batched", "--cases", "cases.jsonl"),
        Upload(world, "upload", "deploy"),
        AdapterDeploy(world, "adapter, deployed", "deploy"),
        Request(world, streamed=False),
        Request(world, streamed=True),
    ]
