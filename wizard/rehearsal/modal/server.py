"""`StandInModal`: start and stop one control plane with its worker, on loopback, inside any asyncio loop."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import shutil
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from modal_proto import api_pb2 as pb

from wizard.rehearsal.faults import Faults
from wizard.rehearsal.modal.containers.forking import ForkServer, can_fork
from wizard.rehearsal.modal.containers.runner import Runtime
from wizard.rehearsal.modal.containers.scheduler import ensure
from wizard.rehearsal.modal.handlers import every_route
from wizard.rehearsal.modal.rpc.middleware import Service
from wizard.rehearsal.modal.rpc.wire import GrpcServer
from wizard.rehearsal.modal.state.settings import ModalSettings
from wizard.rehearsal.modal.state.state import ModalState
from wizard.rehearsal.modal.web.pages import Pages

_LONGEST_SOCKET_FOLDER = 80
"""Bytes; a unix socket's path may have 104 (macOS), and the names in the folder need the rest."""
_AFTER_KILL_SECONDS = 0.7


class StandInModal:
    """Modal on this machine, for the unmodified SDK and command line.

    State is kept in memory; only files (Volumes, uploads) are on disk, under `ModalSettings.state`. Nothing is
    read back from there: a new instance begins empty, and no two may share a folder. No signal handlers, no
    global state: several may run in one process. Not thread-safe: use it from the loop that started it.
    """

    def __init__(self, settings: ModalSettings, faults: Faults) -> None:
        self.state = ModalState(settings, faults)
        self.server_url = ""
        self._pages = Pages(self.state)
        self._server: GrpcServer | None = None
        self._fork_server: ForkServer | None = None

    @property
    def rpcs(self) -> Counter[str]:
        """Calls per RPC; those of containers as ``container:Name``."""
        return self.state.rpcs

    def asked(self) -> list[dict[str, Any]]:
        """What functions were called with by name, as clients have sent it; large arguments lie elsewhere."""
        small = [each for each in self.state.asked if each.args and each.data_format == pb.DATA_FORMAT_PICKLE]
        return [pickle.loads(each.args)[1] for each in small]

    @property
    def pages_url(self) -> str:
        """Base address of the HTML pages."""
        return self.state.pages_url

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; 0 picks a free port. Raises OSError when the port is taken."""
        routes = every_route()
        self.state.sockets = await asyncio.to_thread(_socket_folder, self.state.folder)
        if self.state.settings.fork_containers and can_fork():
            self._fork_server = ForkServer(self.state.sockets, self.state.settings.fork_server)
        self.state.ensure = partial(ensure, Runtime(self.state, routes, self._fork_server))
        await self._pages.start()
        self._server = GrpcServer(Service(self.state, routes))
        try:
            bound = await self._server.listen_tcp(port)
        except OSError:
            await self._pages.close()
            raise
        self.server_url = f"http://127.0.0.1:{bound}"

    async def close(self) -> None:
        """Stop everything. Containers get SIGINT, and SIGKILL after `stop_grace`; none is left afterwards."""
        state = self.state
        state.closing = True
        running = list(state.containers.values())
        await asyncio.gather(*(each.stop(state.settings.stop_grace) for each in running))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_AFTER_KILL_SECONDS):
                await asyncio.gather(*(each.ended_event.wait() for each in running))
        await state.cancel_tasks()
        if self._server is not None:
            self._server.close()
        await self._pages.close()
        if self._fork_server is not None:
            await self._fork_server.close()
        if state.sockets is not None:
            await asyncio.to_thread(_remove, state.sockets, state.folder / "containers")


def _socket_folder(state: Path) -> Path:
    """A private folder for the containers' sockets: with the rest if the path is short enough, else apart."""
    folder = state / "run"
    if len(str(folder).encode()) <= _LONGEST_SOCKET_FOLDER:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder
    short = "/tmp" if Path("/tmp").is_dir() else None
    return Path(tempfile.mkdtemp(prefix="mrh-", dir=short))


def _remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
