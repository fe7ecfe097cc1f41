"""Following a log with a clock that is ahead: what is written while the stream is down is fetched all the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.person import need_local
from wizard.flow.ports.modal import LogQuery
from wizard.rehearsal.faults import Fault
from wizard.rehearsal.modal.logs import logs
from wizard.rehearsal.modal.state import journal
from wizard.rehearsal.stand_ins import StandIns, StandInSettings
from wizard.services.modal.service import ModalService

pytestmark = pytest.mark.slow

APP = "import modal\napp = modal.App('quiet')\n@app.function()\ndef f(): pass\n"


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_accounts: None) -> AsyncIterator[StandIns]:
    """Stand-ins whose clock is an hour behind this machine's, and whose streams begin with what comes next."""
    need_local()
    monkeypatch.setattr(journal, "time", SimpleNamespace(time_ns=lambda: time.time_ns() - 3600 * 10**9))
    everything = logs.routes.stream_handlers["AppGetLogs"]

    async def from_now_on(state: Any, caller: Any, request: Any) -> AsyncIterator[Any]:
        request.last_entry_id = request.last_entry_id or f"{state.journal(request.app_id).last_number}-0"
        async for batch in everything(state, caller, request):
            yield batch

    monkeypatch.setitem(logs.routes.stream_handlers, "AppGetLogs", from_now_on)
    async with StandIns(StandInSettings()) as stage:
        for name, value in stage.env.items():
            monkeypatch.setenv(name, value)
        yield stage


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what the stand-in counts has no event
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("search", ["", "line:"])
async def test_no_line_is_lost_while_the_stream_is_down(search: str, stage: StandIns, tmp_path: Path) -> None:
    file = tmp_path / "quiet.py"
    file.write_text(APP)
    modal, said = ModalService("main"), list[str]()

    async def follow() -> None:
        async with aclosing(modal.logs("quiet", LogQuery(follow=True, search=search))) as lines:
            async for line in lines:
                said.append(line.text)

    try:
        assert [item async for item in modal.deploy(file, "quiet")]  # the log begins with the lines of its build
        app = await modal.app("quiet")
        assert app is not None
        log = stage.modal.state.journal(app.app_id)
        stage.faults.arm(Fault("modal:AppGetLogs", status="RESOURCE_EXHAUSTED"))  # the SDK gives up: we do not
        following = asyncio.create_task(follow())
        counted = stage.modal.rpcs.get("AppCountLogs", 0)
        await until(lambda: stage.modal.rpcs.get("AppCountLogs", 0) > counted)  # it has read what is there already
        log.write(journal.STDOUT, "line: meanwhile\n")
        stage.faults.clear()
        await until(lambda: "line: meanwhile" in said)
        log.write(journal.STDOUT, "line: last\n")
        await until(lambda: "line: last" in said)
        assert [text for text in said if text.startswith("line:")] == ["line: meanwhile", "line: last"]
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    finally:
        await modal.close()
