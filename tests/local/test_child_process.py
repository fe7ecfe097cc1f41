"""What child processes may see."""

from __future__ import annotations

import asyncio
import os
import random
import string
import sys
import time

import pytest

from wizard.core import access_token
from wizard.core.access_token import AccessToken
from wizard.services.local import child_process
from wizard.services.local.child_process import end, environment_without_tokens


def letters(count: int = 34) -> str:
    return "".join(random.choices(string.ascii_letters, k=count))


@pytest.mark.parametrize(
    "name", ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_TOKEN", "HF_API_TOKEN", "HUGGINGFACEHUB_API_TOKEN"]
)
def test_the_known_variables_do_not_travel(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "whatever")
    assert name not in environment_without_tokens()


def test_a_token_in_any_other_variable_does_not_travel(monkeypatch: pytest.MonkeyPatch) -> None:
    value = "".join(random.choices(string.digits, k=30))
    AccessToken(value)
    monkeypatch.setenv("MY_COPY", f"x{value}x")
    monkeypatch.setenv("ANOTHER", "hf_" + letters())
    found = environment_without_tokens()
    assert "MY_COPY" not in found
    assert "ANOTHER" not in found


def test_what_a_child_needs_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "as-" + letters(22)
    monkeypatch.setenv("MODAL_TOKEN_SECRET", secret)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HOME", "/somewhere")
    found = environment_without_tokens()
    assert found["MODAL_TOKEN_SECRET"] == secret
    assert found["HF_ENDPOINT"] == "http://127.0.0.1:9"
    assert found["HF_HOME"] == "/somewhere"
    assert found["PATH"] == os.environ["PATH"]


def test_odd_characters_are_no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder whose name is not UTF-8 in PATH, a prompt with colours: these are not secrets."""
    path = os.environ["PATH"] + ":/home/caf\udce9/bin"
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("PS1", "\x1b[32m$ \x1b[0m")
    found = environment_without_tokens()
    assert found["PATH"] == path
    assert found["PS1"] == "\x1b[32m$ \x1b[0m"


def test_a_nonsense_token_does_not_empty_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_token, "_KNOWN", set())
    AccessToken("bin")
    assert environment_without_tokens()["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize("stubborn", [False, True])
async def test_a_child_is_gone_afterwards(stubborn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "GRACE_SECONDS", 0.3)
    ignore = "import signal as s; s.signal(s.SIGINT, s.SIG_IGN); s.signal(s.SIGTERM, s.SIG_IGN)\n" if stubborn else ""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        f"{ignore}import time\nprint('up', flush=True)\ntime.sleep(60)",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert child.stdout is not None
    await child.stdout.readline()
    started = time.monotonic()
    await end(child)
    assert child.returncode is not None
    assert time.monotonic() - started < 5
    await end(child)  # twice does no harm


def test_a_child_that_runs_what_is_not_ours_is_told_no_secret_of_modal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET", "MODAL_OAUTH_CLIENT_SECRET", "MODAL_PROFILE"):
        monkeypatch.setenv(name, "x" * 30)
    assert "MODAL_TOKEN_SECRET" in environment_without_tokens()
    told = {name for name in environment_without_tokens(modal=False) if name.startswith("MODAL_")}
    assert "MODAL_PROFILE" in told and not {name for name in told if name.startswith(("MODAL_TOKEN", "MODAL_OAUTH"))}
