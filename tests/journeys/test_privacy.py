"""Nothing of the person's own is read, written, sent or shown by a rehearsal, and no secret ends up anywhere."""

from __future__ import annotations

import hashlib
import json
import secrets
import socket
import string
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from tests.support.person import Person, Running, processes_with, wait_until

pytestmark = pytest.mark.slow


def make_token(prefix: str = "hf_", length: int = 34) -> str:
    """A value in the shape of a real one, made now."""
    return prefix + "".join(secrets.choice(string.ascii_letters) for _ in range(length))


def snapshot(folder: Path) -> dict[str, str]:
    """Every file under a folder, and what is in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Canaries:
    """Values of the person's own, in every place where the SDKs look for some."""

    def __init__(self, person: Person) -> None:
        self.values: dict[str, str] = {}
        home = person.home
        self._write(home / ".modal.toml", "[own]\ntoken_id = '{}'\ntoken_secret = '{}'\nactive = true\n", "ak-", "as-")
        hub = home / ".cache" / "huggingface"
        self._write(hub / "token", "{}", "hf_")
        self._write(hub / "stored_tokens", "[own]\nhf_token = {}\n", "hf_")
        self._write(hub / "hub" / "models--own--model" / "refs" / "main", "{}", "")
        own = home / "own-hf-home"
        self._write(own / "token", "{}", "hf_")
        self._write(home / ".netrc", "machine 127.0.0.1 login own password {}\n", "")
        self.environment = {
            "HF_HOME": str(own),
            "HF_TOKEN": self._new("HF_TOKEN", "hf_"),
            "HUGGING_FACE_HUB_TOKEN": self._new("HUGGING_FACE_HUB_TOKEN", "hf_"),
            "HUGGINGFACE_TOKEN": self._new("HUGGINGFACE_TOKEN", "hf_"),
            "HF_API_TOKEN": self._new("HF_API_TOKEN", "hf_"),
            "HUGGINGFACEHUB_API_TOKEN": self._new("HUGGINGFACEHUB_API_TOKEN", "hf_"),
            "MODAL_TOKEN_ID": self._new("MODAL_TOKEN_ID", "ak-"),
            "MODAL_TOKEN_SECRET": self._new("MODAL_TOKEN_SECRET", "as-"),
            "MODAL_OAUTH_REFRESH_TOKEN": self._new("MODAL_OAUTH_REFRESH_TOKEN", ""),
            "MODAL_PROFILE": self._new("MODAL_PROFILE", "own-profile-"),
            "MODAL_ENVIRONMENT": self._new("MODAL_ENVIRONMENT", "own-environment-"),
            "HF_ENDPOINT": f"http://127.0.0.1:9/{self._new('HF_ENDPOINT', '')}",
            "HF_HUB_OFFLINE": "1",
            "TRANSFORMERS_OFFLINE": "1",
        }

    def _new(self, name: str, prefix: str) -> str:
        self.values[name] = make_token(prefix)
        return self.values[name]

    def _write(self, path: Path, text: str, *prefixes: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(*(self._new(f"{path.name} {path.parent.name} {p}", p) for p in prefixes)))

    def in_text(self, text: str | bytes) -> list[str]:
        """Names of the canaries that a text holds."""
        raw = text.encode() if isinstance(text, str) else text
        return [name for name, value in self.values.items() if value.encode() in raw]


class Watch:
    """Looks at every process of a person again and again while something runs."""

    def __init__(self, person: Person, top: int) -> None:
        self.seen: dict[tuple[int, bytes], bytes] = {}
        self._person, self._top, self._stop = person, top, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        own = self._command(self._top)
        while not self._stop.is_set():
            for number, environ in processes_with(str(self._person.folder)).items():
                command = self._command(number)
                if command is None:
                    continue
                # What the person's own shell gave to the program is no finding, and a child of it that has been forked
                # and runs nothing of its own yet is still the program.
                self.seen[number, command] = b"" if number == self._top or command == own else environ
            time.sleep(0.05)

    @staticmethod
    def _command(number: int) -> bytes | None:
        try:
            return Path(f"/proc/{number}/cmdline").read_bytes()
        except OSError:
            return None

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join(5)


@contextmanager
def watching(person: Person, running: Running) -> Iterator[Watch]:
    """Watch while a program runs."""
    watch = Watch(person, running.process.pid)
    try:
        yield watch
    finally:
        watch.stop()


@pytest.mark.long
def test_nothing_of_the_persons_own_is_touched(person: Person) -> None:
    canaries = Canaries(person)
    before = snapshot(person.home)
    running = person.start_wizard("deploy", "--rehearse", "--yes", "--json", **canaries.environment)
    with watching(person, running) as watch:
        done = running.end(120)
    assert done.code == 0, done
    assert done.one("SampleReady")["valid"] is True
    assert snapshot(person.home) == before
    assert canaries.in_text(done.said) == []
    assert {name for (_, command) in watch.seen for name in canaries.in_text(command)} == set()
    assert any(b"modal._container_entrypoint" in command for (_, command) in watch.seen)
    assert {
        (name, command.replace(b"\0", b" ").decode()[-60:])
        for (_, command), environ in watch.seen.items()
        for name in canaries.in_text(environ)
    } == set(), "the person's own values are in the environment of a child"
    assert list(person.state.rglob("*")) == []
    assert canaries.in_text((person.project / "outlines_tiny_character.py").read_text()) == []
    person.wait_until_nothing_is_left()


@pytest.mark.long
def test_what_a_served_rehearsal_sees_and_keeps_holds_no_secret(person: Person) -> None:
    canaries = Canaries(person)
    before = snapshot(person.home)
    serving = person.serve()
    running = person.start_wizard(
        "deploy", "--rehearse", "--yes", "--json", "--no-sample", "--save-plan", "plan.toml", **canaries.environment
    )
    with watching(person, running) as watch:
        done = running.end(60)
    assert done.code == 0, done
    assert canaries.in_text(str(serving.seen())) == []
    fingerprints = {seen["fingerprint"] for seen in serving.seen()["hub"]} - {None}
    token = serving.variables["HF_TOKEN"]
    assert fingerprints == {hashlib.sha256(token.encode()).hexdigest()[:12]}  # one access token was sent, and only that
    assert snapshot(person.home) == before

    address = serving.address_file
    assert address.stat().st_mode & 0o777 == 0o600
    own = [token, serving.variables["MODAL_TOKEN_SECRET"], serving.variables["MODAL_TOKEN_ID"]]
    for secret in [*own, *canaries.values.values()]:
        assert secret not in address.read_text()
        assert secret not in done.said
        for _, command in watch.seen:
            assert secret.encode() not in command
    for file in [path for folder in (person.tmp, person.project, person.state) for path in folder.rglob("*")]:
        if file.is_file():
            held = file.read_bytes()
            assert [secret for secret in own if secret.encode() in held] == [], file
            assert canaries.in_text(held) == [], file
    for (_, command), environ in watch.seen.items():
        if token.encode() in environ:  # only the container that the Modal Secret is attached to
            assert b"modal._container_entrypoint" in command or b"sh\0-c\0exec 3<&0" in command, command
    plan = (person.project / "plan.toml").read_text()
    assert 'model = "rehearsal-lab/tiny-character"' in plan

    assert serving.stop().code == 0
    assert not address.exists()
    person.wait_until_nothing_is_left()


@pytest.mark.long
@pytest.mark.parametrize("change_case", [str.upper, str.lower])
def test_a_proxy_sees_nothing_of_a_rehearsal(change_case: Callable[[str], str], person: Person) -> None:
    """Company machines name a proxy for everything; what is served on loopback must not go there, token and all."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                asked.append(connection.recv(2000))
                connection.close()

        threading.Thread(target=take, daemon=True).start()
        names = [change_case(name) for name in ("http_proxy", "https_proxy", "all_proxy")]
        proxy = f"http://127.0.0.1:{server.getsockname()[1]}"
        done = person.wizard("deploy", "--rehearse", "--yes", "--json", "--no-sample", **dict.fromkeys(names, proxy))
    assert [line.partition(b"\r\n")[0] for line in asked] == []
    assert done.code == 0, done


@pytest.mark.long
def test_a_stale_address_is_passed_over(person: Person) -> None:
    """A rehearsal that was killed leaves its address; the next one neither hangs nor trips over it."""
    serving = person.serve()
    serving.running.kill()
    wait_until(lambda: serving.running.process.poll() is not None)
    assert serving.address_file.exists()
    done = person.deploy("--no-sample")
    assert done.last["next"].keys() == {"keep"}


class Impostor(BaseHTTPRequestHandler):
    """Whoever has the port of a rehearsal that is gone, and knows how it would answer."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        env = {
            "HF_ENDPOINT": "http://127.0.0.1:9",
            "PYTHONPATH": "/somewhere/else",
            "MODAL_SERVER_URL": "http://127.0.0.1:9",
        }
        body = json.dumps({"event": "Serving", "env": env, "proof": "any"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def test_whoever_answers_on_a_stale_address_is_not_believed(person: Person) -> None:
    serving = person.serve()
    serving.running.kill()
    wait_until(lambda: serving.running.process.poll() is not None)
    address = json.loads(serving.address_file.read_text())
    with ThreadingHTTPServer(("127.0.0.1", urlsplit(address["url"]).port or 0), Impostor) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = person.wizard("token", "show", "--rehearse", "--json")
        server.shutdown()
    assert Impostor.asked, "it was asked"
    assert done.code == 0, done
    assert "127.0.0.1:9/" not in done.said and '"endpoint": "http://127.0.0.1:9"' not in done.said
