"""Stand-ins that do not start leave nothing behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from wizard.cli.session import ServeOptions
from wizard.core.problem import Problem
from wizard.rehearsal.stand_ins import StandIns, StandInSettings
from wizard.wiring import ProgramWiring

PROJECT = Path(__file__).resolve().parents[2]


def listens(port: int) -> bool:
    """Whether somebody answers there."""
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("taken", ["hub_port", "modal_port"])
async def test_a_port_that_is_taken_leaves_nothing_behind(
    taken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with socket.socket() as mine, socket.socket() as free:
        for each in (mine, free):
            each.bind(("127.0.0.1", 0))
        mine.listen()
        ports = {"hub_port": free.getsockname()[1], taken: mine.getsockname()[1]}
        free.close()
        with pytest.raises(OSError, match="in use"):
            await StandIns(StandInSettings(**ports)).__aenter__()
        assert taken == "hub_port" or not listens(ports["hub_port"]), "the Hub is still there"
        assert list(tmp_path.iterdir()) == []
        with pytest.raises(Problem) as caught:
            async with ProgramWiring().serving(ServeOptions(announce=False, **ports)):
                pass
        assert caught.value.code == "rehearsal_not_served"


def test_an_output_that_nobody_reads_is_no_trouble_of_the_stand_ins(tmp_path: Path) -> None:
    ran = subprocess.run(
        ["/bin/bash", "-c", f"'{sys.executable}' -m wizard rehearse --rehearse=modal | true"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(PROJECT), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "cannot be served" not in ran.stderr
    assert not list(tmp_path.glob("outlines-rehearsal-*"))
