"""Containers: clean environments, start-up failures, scale-down, stopping, and that none is ever left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.rehearsal.modal.modal_rehearsal import APPS, QuickStart, Rehearsal, processes_with

ASK = 'result = modal.Function.from_name("basics", "{}").remote()'


def test_the_environment_is_clean(shared: Rehearsal) -> None:
    got = shared.script(ASK.format("environment"))
    assert got.pop("files at home") == ""
    assert got["GREETING"] == "hello"
    assert got["HF_ENDPOINT"] == "http://127.0.0.1:9"
    assert got["PLAIN"] == "as it is"
    assert got["MODAL_TASK_ID"].startswith("ta-")
    assert not [key for key in got if "CANARY" in key]
    assert not {"MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET", "VIRTUAL_ENV", "USER", "BROWSER"} & set(got)
    allowed = {"PATH", "HOME", "LANG", "PYTHONUNBUFFERED", "PYTHONPATH", "GREETING", "HF_ENDPOINT"}
    ours = allowed | {"PLAIN", "WEIGHTS", "LC_CTYPE"}
    assert {key for key in got if not key.startswith("MODAL_")} <= ours


def test_an_ephemeral_app_hands_a_failed_start_to_its_caller(fresh: Rehearsal) -> None:
    text = fresh.modal("run", f"{APPS / 'broken.py'}::main", code=1)
    assert "FileNotFoundError" in text
    assert "weights are missing" in text
    text = fresh.modal("run", f"{APPS / 'unimportable.py'}::main", code=1)
    assert "a_module_that_is_not_there" in text


@pytest.mark.long
@pytest.mark.slow
def test_a_deployed_app_tries_for_ever(fresh: Rehearsal) -> None:
    fresh.deploy("broken.py")
    fresh.script('result = modal.Cls.from_name("broken", "Stumbling")().work.spawn().object_id')
    text = fresh.wait_until(
        lambda: "next try in 0.4 s" in (log := fresh.modal("app", "logs", "broken", "--tail", "1000")) and log, 20
    )
    assert "next try in 0.2 s" in text
    assert text.count("FileNotFoundError: weights are missing") >= 2
    fixed = (APPS / "broken.py").read_text().replace("raise FileNotFoundError", "return FileNotFoundError")
    (fresh.folder / "broken.py").write_text(fixed)
    fresh.modal("deploy", "broken.py")
    assert fresh.script('result = modal.Cls.from_name("broken", "Stumbling")().work.remote()') == 1


def test_scale_down_runs_the_exit_handler(shared: Rehearsal) -> None:
    shared.script('result = modal.Cls.from_name("basics", "Greeter")(name="eve").greet.remote("x")')
    text = shared.wait_until(
        lambda: (log := shared.modal("app", "logs", "basics", "--search", "eve")).count("goodbye") and log
    )
    assert "greeter eve is up" in text


def test_containers_listed_and_stopped(fresh: Rehearsal) -> None:
    fresh.modal("secret", "create", "greeting", "GREETING=hello")
    fresh.deploy("basics.py")
    call = fresh.script('result = modal.Function.from_name("basics", "nap").spawn(1.5).object_id')
    row = fresh.wait_until(lambda: fresh.json("container", "list"))[0]
    assert row["app_name"] == "basics"
    fresh.wait_until(lambda: any(each.inflight for each in fresh.stand_in.state.containers.values()))
    fresh.modal("container", "stop", row["container_id"], "--yes")
    assert "napping" in fresh.modal("container", "logs", row["container_id"])
    assert fresh.script(f'result = modal.FunctionCall.from_id("{call}").get(timeout=20)') == "rested"


def test_volumes_reach_their_mount_path_and_say_what_is_not_enforced(fresh: Rehearsal) -> None:
    source = """
    import os, pathlib, modal
    app = modal.App("mounts")
    weights = modal.Volume.from_name("weights", create_if_missing=True)
    image = modal.Image.debian_slim().env({"HF_HOME": "/cache/hub"})

    @app.function(image=image, volumes={"/cache": weights})
    def write():
        folder = pathlib.Path(os.environ["HF_HOME"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model").write_text("heavy")
        weights.commit()

    @app.function(image=image, volumes={"/cache": weights.with_mount_options(read_only=True)})
    def read():
        weights.reload()
        return pathlib.Path(os.environ["HF_HOME"], "model").read_text()
    """
    (fresh.folder / "mounts.py").write_text(textwrap.dedent(source))
    fresh.modal("deploy", "mounts.py")
    fresh.script('result = modal.Function.from_name("mounts", "write").remote()')
    assert fresh.script('result = modal.Function.from_name("mounts", "read").remote()') == "heavy"
    listed = fresh.json("volume", "ls", "weights", "hub")
    assert [row["filename"] for row in listed] == ["hub/model"]
    assert "on Modal this mount is read-only" in fresh.modal("app", "logs", "mounts")


def bind_works() -> bool:
    command = ["unshare", "--user", "--map-root-user", "--mount", "true"]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not bind_works(), reason="this kernel lets no ordinary user mount")
def test_bind_mode_makes_the_path_real_and_read_only(tmp_path: Path, quick: QuickStart) -> None:
    rehearsal = Rehearsal(tmp_path, quick, volume_mode="bind")
    source = """
    import pathlib, modal
    app = modal.App("mounts")
    weights = modal.Volume.from_name("weights", create_if_missing=True)

    @app.function(volumes={"/cache-of-this-test": weights})
    def write():
        pathlib.Path("/cache-of-this-test/model").write_text("heavy")

    @app.function(volumes={"/cache-of-this-test": weights.with_mount_options(read_only=True)})
    def spoil():
        try:
            pathlib.Path("/cache-of-this-test/model").write_text("spoilt")
        except OSError as error:
            return [error.errno, pathlib.Path("/cache-of-this-test/model").read_text()]
    """
    try:
        (tmp_path / "mounts.py").write_text(textwrap.dedent(source))
        rehearsal.modal("deploy", "mounts.py")
        rehearsal.script('result = modal.Function.from_name("mounts", "write").remote()')
        assert rehearsal.script('result = modal.Function.from_name("mounts", "spoil").remote()') == [30, "heavy"]
    finally:
        rehearsal.close()


def test_nothing_survives_close(tmp_path: Path, quick: QuickStart) -> None:
    rehearsal = Rehearsal(tmp_path, quick)
    source = """
    import subprocess, sys, time, modal
    app = modal.App("stubborn")

    @app.function()
    def stay():
        import signal
        subprocess.Popen(["sleep", "300"])
        while True:
            try:
                time.sleep(300)
            except BaseException:
                pass
    """
    (tmp_path / "stubborn.py").write_text(textwrap.dedent(source))
    rehearsal.modal("deploy", "stubborn.py")
    rehearsal.script('result = modal.Function.from_name("stubborn", "stay").spawn().object_id')
    rehearsal.wait_until(lambda: len(rehearsal.containers()) >= 2)
    rehearsal.wait_until(lambda: any(each.inflight for each in rehearsal.stand_in.state.containers.values()))
    began = time.monotonic()
    rehearsal.close()
    assert time.monotonic() - began < 3.5
    rehearsal.wait_until(lambda: not rehearsal.containers(), 1)
    assert not (tmp_path / "state" / "containers").exists()


SERVE = """
import asyncio, sys
from pathlib import Path
from wizard.rehearsal.faults import Faults
from wizard.rehearsal.modal import ModalSettings, StandInModal

async def main():
    state, token_id, secret = sys.argv[1:]
    stand_in = StandInModal(ModalSettings(state=Path(state), tokens={token_id: secret}), Faults())
    await stand_in.start()
    print(stand_in.server_url, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_nothing_survives_a_killed_server(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    command = [sys.executable, "-c", SERVE, str(folder), "ak-kill", "as-kill"]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3], start_new_session=True
    )
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "MODAL_SERVER_URL": url,
        "MODAL_TOKEN_ID": "ak-kill",
        "MODAL_TOKEN_SECRET": "as-kill",
        "MODAL_CONFIG_PATH": str(tmp_path / "modal.toml"),
    }
    program = """
    import subprocess, time, modal
    app = modal.App("lingering")

    @app.function(serialized=True)
    def stay():
        subprocess.Popen(["sleep", "300"])
        time.sleep(300)

    app.deploy()
    stay.spawn()
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], env=env, check=True, timeout=30)
    end = time.monotonic() + 10
    while len(processes_with(str(folder))) < 3:
        assert time.monotonic() < end
        time.sleep(0.05)
    server.send_signal(signal.SIGKILL)
    server.wait()
    end = time.monotonic() + 2
    while processes_with(str(folder)):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_two_in_one_process(shared: Rehearsal, fresh: Rehearsal) -> None:
    assert shared.stand_in.server_url != fresh.stand_in.server_url
    assert fresh.json("app", "list") == []
    stranger = {"MODAL_TOKEN_ID": shared.token_id, "MODAL_TOKEN_SECRET": shared.token_secret}
    assert "Token not found" in fresh.modal("app", "list", code=1, **stranger)
    assert shared.script('result = modal.Function.from_name("basics", "add").remote(1, 1)') == 2


def test_an_app_ends_when_its_client_is_gone(tmp_path: Path, quick: QuickStart) -> None:
    rehearsal = Rehearsal(tmp_path, quick, client_silence=1.0)
    program = """
    import os, modal
    app = modal.App("abandoned")
    with app.run(detach=False):
        print(app.app_id, flush=True)
        os._exit(0)
    """
    try:
        command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)]
        subprocess.run(command, env=rehearsal.env(), check=True, timeout=30)
        (app,) = rehearsal.stand_in.state.apps.values()
        rehearsal.wait_until(lambda: app.done, 5)
    finally:
        rehearsal.close()


def test_idle_costs_nothing(shared: Rehearsal) -> None:
    shared.script(ASK.format("environment"))
    time.sleep(0.5)
    before = time.process_time()
    time.sleep(1.0)
    assert time.process_time() - before < 0.1
