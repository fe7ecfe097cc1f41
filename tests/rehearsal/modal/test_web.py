"""Web functions, asked with curl: who is let in, and that requests and answers arrive whole."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.modal.modal_rehearsal import QuickStart, Rehearsal
from tests.support.person import wait_until

CURL = shutil.which("curl")
pytestmark = pytest.mark.skipif(CURL is None, reason="curl is not installed")
MISSING = "modal-http: missing credentials for proxy authorization"
INVALID = "modal-http: invalid credentials for proxy authorization"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, quick: QuickStart) -> Iterator[Rehearsal]:
    rehearsal = Rehearsal(tmp_path_factory.mktemp("web"), quick, web_patience=0.4)
    rehearsal.deploy("web.py")
    yield rehearsal
    rehearsal.close()


@pytest.fixture(scope="module")
def token(web: Rehearsal) -> list[str]:
    """The headers of a proxy token, made with the real command line."""
    made = web.json("workspace", "proxy-tokens", "create", "--name", "caller")
    return ["-H", f"Modal-Key: {made['Modal-Key']}", "-H", f"Modal-Secret: {made['Modal-Secret']}"]


def curl(url: str, *arguments: str, stdin: bytes = b"") -> tuple[int, str]:
    """Status and body."""
    command = [str(CURL), "-s", "--noproxy", "*", "-w", "\n%{http_code}", *arguments, url]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=True)
    body, _, status = done.stdout.decode().rpartition("\n")
    return int(status), body


def address(web: Rehearsal, name: str) -> str:
    return str(web.script(f"result = modal.Function.from_name('web', {name!r}).get_web_url()"))


def test_addresses_are_named_as_modal_names_them(web: Rehearsal) -> None:
    assert address(web, "closed").endswith("/web/rehearsal--web-closed")
    assert address(web, "open_to_all").endswith("/web/rehearsal--web-open-to-all")
    assert address(web, "slow").endswith("/web/rehearsal--slow-one")
    assert not address(web, "double")


def test_nobody_without_a_proxy_token_is_let_in(web: Rehearsal, token: list[str]) -> None:
    url = address(web, "closed")
    assert curl(url) == (401, MISSING)
    assert curl(url, "-H", "Modal-Key: wk-123") == (401, MISSING)
    assert curl(url, token[0], token[1], "-H", "Modal-Secret: ws-123") == (401, INVALID)
    api = ["-H", f"Modal-Key: {web.token_id}", "-H", f"Modal-Secret: {web.token_secret}"]
    assert curl(url, *api) == (401, INVALID), "a Modal token is not a proxy token"
    assert "bytes" not in web.modal("app", "logs", "web", "--tail", "50"), "a refused request reached a container"


def test_a_request_and_its_answer_arrive_whole(web: Rehearsal, token: list[str]) -> None:
    url = address(web, "closed")
    status, body = curl(f"{url}/a/b?c=d%20e", *token, "-L", "-d", '{"x": 21}')
    assert (status, json.loads(body)) == (201, {"path": "/a/b", "query": "c=d%20e", "size": 9, "doubled": 42})
    status, body = curl(url, *token, "-L", "-i", "-H", "Expect:", "--data-binary", "@-", stdin=b"x" * 5_000_000)
    assert status == 201 and json.loads(body.splitlines()[-1])["size"] == 5_000_000
    assert "x-kind: test" in body.lower()


def test_a_bearer_token_says_the_same(web: Rehearsal) -> None:
    made = web.json("workspace", "proxy-tokens", "create")
    url = address(web, "closed")
    header = f"Authorization: {made['Authorization']}"
    assert curl(url, "-L", "-H", header)[0] == 200
    assert made["Modal-Key"] in web.modal("workspace", "proxy-tokens", "list")
    web.modal("workspace", "proxy-tokens", "delete", made["Modal-Key"], "--yes")
    assert curl(url, "-L", "-H", header) == (401, INVALID)


def test_a_function_that_asks_for_no_token_is_open(web: Rehearsal) -> None:
    assert curl(address(web, "open_to_all"), "-L") == (200, "one two three")


@pytest.mark.parametrize(
    ("name", "told", "said"), [("endless", "tick tick", "the caller has left"), ("silent", "", "nobody waits any more")]
)
def test_a_caller_who_goes_away_is_noticed(web: Rehearsal, name: str, told: str, said: str) -> None:
    """While an answer streams, and before it begins."""
    command = [str(CURL), "-sLN", "--noproxy", "*", "--max-redirs", "100", "--max-time", "3", address(web, name)]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 28, "curl itself has ended it"
    assert told in done.stdout.decode()
    wait_until(lambda: said in web.modal("app", "logs", "web", "--tail", "50"))


def test_a_slow_answer_is_asked_for_again(web: Rehearsal) -> None:
    url = address(web, "slow")
    status, body = curl(url, "-i")
    assert status == 303 and "__modal_function_call_id=fc-" in body
    assert curl(url, "-L", "--max-redirs", "100") == (200, '"late"')


def test_a_function_that_fails_is_said_to_have(web: Rehearsal) -> None:
    status, body = curl(address(web, "broken"), "-L")
    assert status == 500
    assert "Internal Server Error" in body or "not today" in body


def test_an_address_of_nothing(web: Rehearsal, fresh: Rehearsal) -> None:
    assert curl(f"{web.stand_in.pages_url}/web/rehearsal--web-nothing")[0] == 404
    fresh.deploy(Path(__file__).parent / "apps" / "web.py")
    url = address(fresh, "open_to_all")
    assert curl(url, "-L")[0] == 200
    fresh.modal("app", "stop", "web", "--yes")
    assert curl(url)[0] == 404
