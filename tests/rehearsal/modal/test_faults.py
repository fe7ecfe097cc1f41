"""Every kind of fault, at every place where the stand-in plays one."""

from __future__ import annotations

import time
from pathlib import Path

from tests.rehearsal.modal.modal_rehearsal import APPS, Rehearsal
from wizard.rehearsal.faults import Fault

LIST = "result = [secret.name for secret in modal.Secret.objects.list()]"
CATCH = """
began = time.time()
try:
    {}
except Exception as error:
    result = [type(error).__name__, str(error), time.time() - began]
"""


def test_status(fresh: Rehearsal) -> None:
    fresh.arm(Fault("modal:SecretList", status="PERMISSION_DENIED", message="not for you", times=1))
    assert fresh.script(CATCH.format(LIST))[:2] == ["PermissionDeniedError", "not for you"]
    fresh.arm(Fault("modal:AppCreate", status="RESOURCE_EXHAUSTED", message="spend limit reached"))
    assert "spend limit reached" in fresh.modal("deploy", str(APPS / "broken.py"), code=1)


def test_a_short_outage_is_ridden_out(fresh: Rehearsal) -> None:
    fresh.arm(
        Fault("modal:SecretList", status="UNAVAILABLE", times=2), Fault("modal:SecretList", "disconnect", times=1)
    )
    assert fresh.script(LIST) == []
    assert fresh.stand_in.rpcs["SecretList"] == 4


def test_delay(fresh: Rehearsal) -> None:
    fresh.arm(Fault("modal:SecretList", "delay", seconds=0.7))
    began = time.monotonic()
    assert fresh.script(LIST) == []
    assert time.monotonic() - began > 0.7


def test_disconnect_for_good(fresh: Rehearsal) -> None:
    fresh.arm(Fault("modal:SecretList", "disconnect"))
    kind, _, seconds = fresh.script(CATCH.format(LIST))
    assert "Error" in kind
    assert seconds < 5


def test_throttle_makes_the_sdk_wait(fresh: Rehearsal) -> None:
    fresh.arm(Fault("modal:SecretList", "throttle", seconds=0.5, times=2))
    began = time.monotonic()
    assert fresh.script(LIST) == []
    assert time.monotonic() - began > 1.0


def test_a_stream_that_breaks_goes_on(fresh: Rehearsal) -> None:
    fresh.arm(
        Fault("modal:ImageJoinStreaming", "disconnect", times=1), Fault("modal:AppGetLogs", "disconnect", times=2)
    )
    text = fresh.modal("run", f"{APPS / 'pinned.py'}::last")
    assert "=> Step 1: " in text
    assert text.count("=> Step 2: RUN apt-get") == 1
    assert fresh.stand_in.rpcs["ImageJoinStreaming"] > 1


def test_blobs(fresh: Rehearsal) -> None:
    (fresh.folder / "f").write_bytes(b"x" * 100)
    fresh.modal("volume", "create", "v")
    fresh.arm(Fault("modal-http:PUT", status=503, times=1), Fault("modal-http:GET", "disconnect", times=1))
    fresh.modal("volume", "put", "v", "f", "f")
    fresh.modal("volume", "get", "v", "f", "g")
    assert (fresh.folder / "g").read_bytes() == b"x" * 100


def test_a_failing_build(fresh: Rehearsal) -> None:
    fresh.arm(Fault("build:*uv pip install*", status=2, message="ERROR: No matching distribution\nsorry"))
    text = fresh.modal("deploy", str(APPS / "pinned.py"), code=1)
    assert "ERROR: No matching distribution" in text
    assert "Terminating task due to error: failed to run builder command" in text
    assert "=> Step 1: ENV" not in text
    result = fresh.script(
        f"""
import importlib.util
spec = importlib.util.spec_from_file_location("pinned", "{APPS / "pinned.py"}")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
try:
    module.app.deploy()
except modal.exception.ImageBuildError as error:
    image = modal.Image.from_id(error.image_id)
    result = "".join(entry.message for entry in image.logs.tail(100))
"""
    )
    assert "failed to run builder command" in result


def test_a_slow_build_shows_progress(fresh: Rehearsal) -> None:
    fresh.arm(Fault("build:RUN *pip install*", "delay", seconds=1.2, times=1))
    began = time.monotonic()
    text = fresh.deploy("pinned.py")
    assert time.monotonic() - began > 1.2
    assert text.count("of 1.2 s") >= 2
    assert "%|" in text


def test_a_crash_at_start_reaches_the_caller_of_an_ephemeral_app(fresh: Rehearsal) -> None:
    fresh.arm(Fault("container-start:last", "crash", status=137, message="loading weights\nCUDA out of memory"))
    text = fresh.modal("run", f"{APPS / 'pinned.py'}::last", code=1)
    assert "loading weights" in text
    assert "Runner failed with exit code: 137" in text
    assert "CUDA out of memory" in text


def test_a_crash_at_start_of_a_deployed_app_is_retried(fresh: Rehearsal) -> None:
    fresh.deploy("pinned.py")
    fresh.arm(Fault("container-start:last", "crash", status=1, message="not yet", times=2))
    assert fresh.script('result = modal.Function.from_name("pinned", "last").remote()') == "layer"
    assert fresh.modal("app", "logs", "pinned").count("not yet") == 2


def test_a_crash_while_working(fresh: Rehearsal) -> None:
    fresh.deploy("pinned.py")
    fresh.arm(Fault("container-input:last", "crash", message="out of memory", times=1))
    assert fresh.script('result = modal.Function.from_name("pinned", "last").remote()') == "layer"
    log = fresh.modal("app", "logs", "pinned")
    assert "out of memory" in log
    assert "Runner failed with exit code: 137" in log
    fresh.arm(Fault("container-input:last", "crash"))
    kind, text, _ = fresh.script(CATCH.format('modal.Function.from_name("pinned", "last").remote()'))
    assert (kind, text) == ("RemoteError", "Runner failed with exit code: 137")


def test_late_inputs_and_faults_of_the_container_side(fresh: Rehearsal) -> None:
    fresh.deploy("pinned.py")
    fresh.arm(
        Fault("container-input:last", "delay", seconds=0.6, times=1),
        Fault("modal-container:FunctionPutOutputs", status="UNAVAILABLE", times=1),
        Fault("modal-container:FunctionGetInputs", "disconnect", times=1),
    )
    began = time.monotonic()
    assert fresh.script('result = modal.Function.from_name("pinned", "last").remote()') == "layer"
    assert time.monotonic() - began > 0.6


def test_a_start_that_takes_too_long(fresh: Rehearsal, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import time, modal\napp = modal.App('slow')\n"
        "@app.cls(startup_timeout=1)\nclass Slow:\n"
        "    @modal.enter()\n    def load(self): time.sleep(60)\n"
        "    @modal.method()\n    def work(self): pass\n"
        "@app.local_entrypoint()\ndef main(): Slow().work.remote()\n"
    )
    assert "startup timeout of 1s" in fresh.modal("run", "slow.py", code=1)
