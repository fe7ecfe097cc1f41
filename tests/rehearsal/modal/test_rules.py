"""The rules that need no server: ids, pins, definitions, retry delays, mount rewriting."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from typing import Any

import pytest
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.calls.outcomes import retry_delay
from wizard.rehearsal.modal.containers.mounting import MountPoint, rewrite
from wizard.rehearsal.modal.functions.definitions import apply_options, display_name
from wizard.rehearsal.modal.images.pins import compare, pins
from wizard.rehearsal.modal.state.blob_store import BlobStore
from wizard.rehearsal.modal.state.change_signal import ChangeSignal
from wizard.rehearsal.modal.state.ids import jwt_claims, new_id, unsigned_jwt
from wizard.rehearsal.modal.state.settings import ModalSettings


def test_ids_have_the_shapes_that_the_sdk_parses() -> None:
    assert re.fullmatch(r"ap-[a-zA-Z0-9]{22}", new_id("ap"))
    assert re.fullmatch(r"ta-[0-9A-Z]{26}", new_id("ta"))
    first = new_id("in")
    time.sleep(0.002)
    assert first < new_id("in")


def test_unsigned_tokens_read_back() -> None:
    assert jwt_claims(unsigned_jwt(idx=3, text="é")) == {"idx": 3, "text": "é"}
    with pytest.raises(ValueError, match="JWT"):
        jwt_claims("rubbish")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (
            "RUN python -m pip install torch==2.13.0 'outlines[all]==1.3.3' click",
            [("torch", "2.13.0"), ("outlines", "1.3.3")],
        ),
        ("RUN /.uv/uv pip install --python $(command -v python) a.b==1.*", [("a.b", "1.*")]),
        ("RUN echo torch==1.0", []),
        ("RUN pip install 'unclosed", []),
    ],
)
def test_pins_of_a_command(command: str, expected: list[tuple[str, str]]) -> None:
    assert pins(command) == expected


def test_what_stands_in_for_what() -> None:
    here = {"python": "3.12.1", "torch": "2.13.0+cpu", "scikit-learn": "1.2", "numpy": "2.0.1"}
    commands = [
        "FROM python:3.12.10-slim-bookworm",
        "RUN pip install torch==2.13.0 scikit_learn==1.3 numpy==2.0.* missing==1",
    ]
    assert list(compare(commands, here)) == [
        "[demo] Python 3.12.10 is asked for; 3.12.1 on this computer is used instead",
        "[demo] torch 2.13.0 is pinned; 2.13.0+cpu on this computer is used instead",
        "[demo] WARNING: scikit_learn 1.3 is pinned; 1.2 on this computer is used instead",
        "[demo] numpy 2.0.* is pinned; 2.0.1 on this computer is used instead",
        "[demo] WARNING: missing 1 is pinned but not installed on this computer",
    ]


@pytest.mark.parametrize(
    ("wanted", "here", "differs"),
    [
        ("2.13", "2.13.0+cpu", False),
        ("2.13.0+cu128", "2.13.0", False),
        ("2.0.*", "2.10", True),
        ("1.0rc1", "1.0.0rc1", False),
        ("not-a-version", "1.0", True),
    ],
)
def test_versions_are_compared_as_pip_does(wanted: str, here: str, differs: bool) -> None:
    (line,) = compare([f"RUN pip install torch=={wanted}"], {"torch": here})
    assert ("WARNING" in line) is differs


def test_mount_paths_are_rewritten_whole() -> None:
    points = [MountPoint("/cache", Path("/here"), read_only=False)]
    given = {"A": "/cache", "B": "/cache/hub", "C": "/cached", "D": "x /cache"}
    assert rewrite(given, points) == {"A": "/here", "B": "/here/hub", "C": "/cached", "D": "x /cache"}


def test_options_win_over_the_definition() -> None:
    definition = pb.Function(timeout_secs=10, secret_ids=["st-1"])
    apply_options(definition, pb.FunctionOptions(timeout_secs=20, secret_ids=["st-2"], task_idle_timeout_secs=5))
    assert definition.timeout_secs == 20
    assert list(definition.secret_ids) == ["st-1", "st-2"]
    assert definition.autoscaler_settings.scaledown_window == 5
    apply_options(definition, pb.FunctionOptions(secret_ids=["st-3"], replace_secret_ids=True))
    assert list(definition.secret_ids) == ["st-3"]


def test_names_of_methods() -> None:
    assert display_name(pb.Function(function_name="Generator.*"), "generate") == "Generator.generate"
    assert display_name(pb.Function(function_name="Generator.*")) == "Generator.*"
    assert display_name(pb.Function(function_name="download"), "") == "download"


def test_retry_delays_grow_to_their_limit() -> None:
    policy: Any = pb.FunctionRetryPolicy(retries=5, initial_delay_ms=1000, backoff_coefficient=2.0, max_delay_ms=3000)
    assert [retry_delay(policy, number) for number in (1, 2, 3)] == [1.0, 2.0, 3.0]


def test_a_block_is_named_by_what_it_holds(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    name = blobs.put_block(b"data")
    assert blobs.has_block(name)
    assert not blobs.has_block("../../etc/passwd")
    blobs.assemble([name, name], tmp_path / "deep" / "file")
    assert (tmp_path / "deep" / "file").read_bytes() == b"datadata"
    with pytest.raises(ValueError, match="SHA-256"):
        blobs.block("../x")


async def test_a_pulse_wakes_all_or_gives_up() -> None:
    changed = ChangeSignal()
    waiting = [asyncio.ensure_future(changed.wait(5)) for _ in range(3)]
    await asyncio.sleep(0)
    changed.notify()
    assert await asyncio.gather(*waiting) == [True] * 3
    assert await changed.wait(0.01) is False


def test_settings_do_not_show_secrets(tmp_path: Path) -> None:
    settings = ModalSettings(tmp_path, {"ak-1": "as-hidden"}, {"KEY": "hidden-too"})
    assert "hidden" not in repr(settings)
