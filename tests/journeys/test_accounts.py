"""Every way to be signed in to Modal, through the installed program and the real SDK, on a terminal and without one."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.person import Person, Run, Serving

PROFILES = """[acme]
token_id = "{id}"
token_secret = "{secret}"
{active}
[other]
token_id = "ak-x"
token_secret = "as-x"
"""


def variables_of(serving: Serving, config: Path, text: str | None = None, **more: str) -> dict[str, str]:
    """A shell that points at the stand-ins, without their Modal token, with a configuration file of its own."""
    if text is not None:
        token = {"id": serving.variables["MODAL_TOKEN_ID"], "secret": serving.variables["MODAL_TOKEN_SECRET"]}
        config.write_text(text.format(**{"active": "active = true"} | token))
    kept = {name: value for name, value in serving.variables.items() if not name.startswith("MODAL_TOKEN")}
    return kept | {"MODAL_CONFIG_PATH": str(config)} | more


def listed(serving: Serving, variables: dict[str, str]) -> Run:
    """`list`, which asks Modal and nothing else."""
    return serving.person.wizard("list", "--json", **variables)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "modal.toml"


@pytest.mark.slow
@pytest.mark.parametrize("way", ["variables", "profile", "named profile", "empty variables", "oauth"])
def test_every_way_to_be_signed_in_works(way: str, serving: Serving, config: Path) -> None:
    token, secret = serving.variables["MODAL_TOKEN_ID"], serving.variables["MODAL_TOKEN_SECRET"]
    text, more = {
        "variables": (None, {"MODAL_TOKEN_ID": token, "MODAL_TOKEN_SECRET": secret}),
        "profile": (PROFILES, {}),
        "named profile": (PROFILES.replace("{active}", ""), {"MODAL_PROFILE": "acme"}),
        "empty variables": (PROFILES, {"MODAL_TOKEN_ID": "", "MODAL_TOKEN_SECRET": ""}),
        "oauth": (
            None,
            {
                "MODAL_OAUTH_REFRESH_TOKEN": "a-refresh-token",
                "MODAL_OAUTH_CLIENT_ID": token,
                "MODAL_OAUTH_CLIENT_SECRET": secret,
            },
        ),
    }[way]
    done = listed(serving, variables_of(serving, config, text, **more))
    assert done.code == 0, done
    assert secret not in done.said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "variables", "code"),
    [
        (None, {}, "no_modal_token"),
        (PROFILES.replace("{active}", ""), {}, "modal_profile_undecided"),
        (PROFILES, {"MODAL_TOKEN_ID": "ak-half"}, "modal_token_half"),
        (PROFILES, {"MODAL_PROFILE": "nobody"}, "modal_profile_missing"),
        ("[acme\n", {}, "modal_config_broken"),
        (PROFILES, {"MODAL_PROFILE": "other"}, "modal_auth"),
    ],
)
def test_a_sign_in_that_cannot_work_ends_with_four_and_no_traceback(
    text: str | None, variables: dict[str, str], code: str, serving: Serving, config: Path
) -> None:
    done = listed(serving, variables_of(serving, config, text, **variables))
    assert (done.code, done.last["code"]) == (4, code), done
    assert done.last["hint"]
    assert "Traceback" not in done.said


@pytest.mark.slow
def test_the_environment_of_a_profile_is_the_one_that_counts(serving: Serving, config: Path) -> None:
    serving.modal("environment", "create", "staging")
    text = PROFILES.replace("{active}", '{active}\nenvironment = "staging"')
    variables = variables_of(serving, config, text)
    del variables["MODAL_ENVIRONMENT"]
    assert listed(serving, variables).json()["environment"] == "staging"
    assert listed(serving, variables | {"MODAL_ENVIRONMENT": "main"}).json()["environment"] == "main"
    missing = listed(serving, variables | {"MODAL_ENVIRONMENT": "nowhere"})
    assert missing.last["code"] == "environment_missing"


@pytest.mark.slow
def test_without_a_terminal_the_way_to_sign_in_is_named(serving: Serving, config: Path) -> None:
    done = serving.person.wizard(
        "deploy", "--model", "rehearsal-lab/tiny-character-open", "--text", "--yes", "--json",
        **variables_of(serving, config),
    )  # fmt: skip
    assert (done.code, done.last["code"], done.last["step"]) == (4, "no_modal_token", "modal")
    assert "modal token new" in done.last["hint"] and "MODAL_TOKEN_ID" in done.last["hint"]


@contextmanager
def on_a_terminal(
    person: Person, variables: dict[str, str], *arguments: str
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The program on a terminal of its own; its file descriptor, and the process."""
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "wizard", *arguments],  # -P: as the installed command, not this folder
        env={**person.env, **variables, "TERM": "xterm", "NO_COLOR": "1"},
        cwd=person.project, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    try:
        yield master, child
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait(10)
        os.close(master)


def read_until(master: int, pattern: str, seconds: float = 60.0) -> tuple[str, re.Match[str]]:
    """What the terminal shows until a pattern is there."""
    said, end = "", time.monotonic() + seconds
    while (found := re.search(pattern, said)) is None:
        ready, _, _ = select.select([master], [], [], max(0.0, end - time.monotonic()))
        assert ready, f"it never showed {pattern}:\n{said}"
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the other side is gone
            chunk = b""
        assert chunk, f"it ended before {pattern}:\n{said}"
        said += chunk.decode("utf-8", "replace")
    return said, found


def approve(page: str) -> None:
    """What a person does in the browser."""
    with urllib.request.urlopen(page, timeout=10) as shown:
        key = re.search(r'name="key" value="([^"]+)"', shown.read().decode())
    assert key is not None
    data = urllib.parse.urlencode({"decision": "approve", "key": key[1]}).encode()
    with urllib.request.urlopen(urllib.request.Request(page, data=data), timeout=10) as answer:
        assert "Approved" in answer.read().decode()


@pytest.mark.slow
@pytest.mark.parametrize("before", [None, "[acme\n"])
def test_on_a_terminal_deploy_signs_in_by_browser_and_goes_on(
    before: str | None, serving: Serving, config: Path
) -> None:
    if before is not None:
        config.write_text(before)
    in_the_way = serving.person.project / "modal.py"
    in_the_way.write_text("raise SystemExit('this is not modal')\n")
    variables = variables_of(serving, config)
    arguments = ("deploy", "--model", "rehearsal-lab/tiny-character-open", "--text", "--dry-run")
    with on_a_terminal(serving.person, variables, *arguments) as (master, child):
        said, page = read_until(master, r"(http://127\S+/token-flow/\S+)\s")
        assert re.search(r"code [A-Z]{4}-\d{4}", said), said
        approve(page[1])
        more, _ = read_until(master, r"Nothing was changed")
        assert "workspace rehearsal, environment main, signed in by profile" in re.sub(r"\s+", " ", more)
        child.wait(20)
    in_the_way.unlink()
    assert child.returncode == 0
    assert config.stat().st_mode & 0o077 == 0, "for nobody else to read"
    if before is not None:
        assert config.with_name("modal.toml.broken").read_text() == before
    assert listed(serving, variables).code == 0, "and the next program is signed in"


@pytest.mark.parametrize("command", [("deploy", "--model", "acme/model", "--text"), ("rotate", "app")])
def test_with_json_nobody_is_asked_on_a_terminal_either(command: tuple[str, ...], person: Person) -> None:
    with on_a_terminal(person, {}, *command, "--json") as (master, child):
        said, _ = read_until(master, r"missing_yes")
        assert child.wait(20) == 2 and "--yes" in said


@pytest.mark.long
@pytest.mark.slow
def test_a_modal_that_never_answers_is_given_ten_seconds(serving: Serving, config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        variables = {**serving.variables, "MODAL_SERVER_URL": url, "MODAL_CONFIG_PATH": str(config)}
        done = listed(serving, variables)
    assert (done.code, done.last["code"]) == (6, "modal_unreachable"), done
    assert 9 < done.seconds < 20
