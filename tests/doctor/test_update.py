"""The notice of an update: from the package index that pip would ask, briefly, and silent where anything goes wrong."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.person import Person
from wizard import __version__
from wizard.services.local import machine


@dataclass
class Index:
    """A package index on loopback: what it answers, and what it was asked."""

    answer: bytes = b""
    status: int = 200
    wait: float = 0.0
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    found = Index()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            time.sleep(found.wait)
            self.send_response(found.status)
            self.end_headers()
            self.wfile.write(found.answer)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found.url = f"http://127.0.0.1:{server.server_port}/simple"
        monkeypatch.setenv("PIP_INDEX_URL", found.url)
        yield found
        server.shutdown()


@pytest.fixture
def person() -> Iterator[Person]:
    somebody = Person()
    yield somebody
    somebody.leave()


def newer() -> str | None:
    return asyncio.run(machine.Machine().newer_version())


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (["0.0.9", __version__], None),
        ([__version__, "99.0"], "99.0"),
        (["99.0", "100.1", "9.9"], "100.1"),
        (["99.0rc1", "99.0.dev2"], None),
        ([], None),
        (["not a version"], None),
    ],
)
def test_only_a_newer_release_is_told(index: Index, versions: list[str], expected: str | None) -> None:
    index.answer = json.dumps({"versions": versions}).encode()
    assert newer() == expected
    assert index.asked == ["/simple/outlines-wizard/"]


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b"{}", b'{"versions": 1}', b"\xff"])
def test_what_is_no_answer_says_nothing(index: Index, answer: bytes) -> None:
    index.answer = answer
    assert newer() is None and index.asked


def test_an_index_that_does_not_have_it_or_is_slow_says_nothing(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    index.status = 404
    assert newer() is None
    index.status, index.wait = 200, 6.0
    began = time.monotonic()
    assert newer() is None and time.monotonic() - began < 5.0
    monkeypatch.setenv("PIP_INDEX_URL", "nonsense")
    assert newer() is None


def test_doctor_tells_it_but_not_offline_and_not_in_a_demo(index: Index, person: Person) -> None:
    index.answer = b'{"versions": ["99.0"]}'
    nowhere = {
        "PIP_INDEX_URL": index.url,
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "MODAL_SERVER_URL": "http://127.0.0.1:9",
    }
    quiet = [person.wizard("doctor", flag, "--json", **nowhere) for flag in ("--offline", "--rehearse")]
    assert all("update" not in done.stdout for done in quiet) and index.asked == []
    told = person.wizard("doctor", "--json", **nowhere).json()
    (check,) = (check for check in told["checks"] if check["name"] == "update")
    assert check["status"] == "warning" and "99.0" in check["detail"]
