"""Deploying: build logs, versions, redeploy, rollback, stop."""

from __future__ import annotations

import pytest

from tests.rehearsal.modal.modal_rehearsal import Rehearsal

VERSIONED = """
import modal
app = modal.App("versioned")

@app.function()
def version() -> int:
    return {number}

@app.function()
def slow() -> int:
    import time
    print("slow begins")
    time.sleep(1.5)
    return {number}
"""


def deploy_version(fresh: Rehearsal, number: int, *options: str) -> None:
    file = fresh.folder / "versioned.py"
    file.write_text(VERSIONED.format(number=number))
    fresh.modal("deploy", str(file), "--tag", f"tag{number}", *options)


@pytest.mark.long
@pytest.mark.slow
def test_versions(fresh: Rehearsal) -> None:
    ask = 'result = modal.Function.from_name("versioned", "version").remote()'
    deploy_version(fresh, 1)
    assert fresh.script(ask) == 1
    deploy_version(fresh, 2)
    assert fresh.script(ask) == 2
    fresh.modal("app", "rollback", "versioned")
    assert fresh.script(ask) == 1
    history = fresh.json("app", "history", "versioned")
    assert [row["version"] for row in history] == ["v3", "v2", "v1"]
    assert [row["tag"] for row in history][1:] == ["tag2", "tag1"]
    fresh.modal("app", "rollback", "versioned", "v2", "--strategy", "recreate")
    assert fresh.script(ask) == 2
    fresh.modal("app", "rollover", "versioned")
    assert len(fresh.json("app", "history", "versioned")) == 5
    pinned = 'result = modal.Function.from_name("versioned", "version", version=1).remote()'
    assert fresh.script(pinned) == 1
    fresh.modal("app", "stop", "versioned", "--yes")
    assert "not found" in fresh.script(
        """
        try:
            result = modal.Function.from_name("versioned", "version").remote()
        except modal.exception.NotFoundError as error:
            result = str(error)
        """
    )
    fresh.wait_until(lambda: not fresh.containers())
    assert "already stopped" in fresh.modal("app", "stop", "versioned", "--yes", code=1)


@pytest.mark.long
@pytest.mark.slow
def test_a_redeploy_lets_calls_in_flight_finish(fresh: Rehearsal) -> None:
    deploy_version(fresh, 1)
    program = """
        call = modal.Function.from_name("versioned", "slow").spawn()
        result = call.object_id
    """
    call = fresh.script(program)
    state = fresh.stand_in.state
    fresh.wait_until(lambda: any(each.inflight for each in state.containers.values()))
    (old,) = state.containers.values()
    deploy_version(fresh, 2)
    assert fresh.script(f'result = modal.FunctionCall.from_id("{call}").get(timeout=20)') == 1
    fresh.wait_until(lambda: old.ended)
    assert old.exit_code == 0
    assert fresh.script('result = modal.Function.from_name("versioned", "slow").remote()') == 2


def test_the_build_log_is_honest(fresh: Rehearsal) -> None:
    text = fresh.deploy("pinned.py")
    assert "=> Step 1: COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /.uv/uv" in text
    assert "nothing is built" in text
    assert "[demo] grpclib 0.4.9 is pinned; 0.4.9 on this computer is used instead" in text
    assert "[demo] WARNING: protobuf 3.20.0 is pinned; " in text
    assert "WARNING: surely-not-installed 1.0 is pinned but not installed on this computer" in text
    assert "WARNING: Python 3.13" in text
    assert "=> Step" not in fresh.deploy("pinned.py"), "the second time the image is there"
    assert fresh.script('result = modal.Function.from_name("pinned", "last").remote()') == "layer"


def test_the_page_of_an_app(fresh: Rehearsal) -> None:
    import urllib.request

    deploy_version(fresh, 1)
    (app,) = fresh.json("app", "list")
    page = urllib.request.urlopen(f"{fresh.stand_in.pages_url}/apps/{app['app_id']}").read().decode()
    assert "versioned" in page
    assert "nothing is billed" in page
    index = urllib.request.urlopen(fresh.stand_in.pages_url).read().decode()
    assert app["app_id"] in index
