"""Everything that one stand-in Modal knows, passed to every handler. Nothing here is global."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from modal_proto import api_pb2 as pb

from wizard.rehearsal.faults import Faults
from wizard.rehearsal.modal.state.blob_store import BlobStore
from wizard.rehearsal.modal.state.container import Container
from wizard.rehearsal.modal.state.ids import new_id
from wizard.rehearsal.modal.state.journal import Journal
from wizard.rehearsal.modal.state.records import (
    App,
    Call,
    Environment,
    Function,
    Image,
    Input,
    ProxyToken,
    Secret,
    TokenFlow,
    Volume,
)
from wizard.rehearsal.modal.state.settings import ModalSettings

ASKED_AT_MOST = 200  # inputs that are kept for whoever looks at what was asked


class ModalState:
    """State of one `StandInModal`. Lives in one event loop; not thread-safe."""

    def __init__(self, settings: ModalSettings, faults: Faults) -> None:
        self.settings = settings
        self.faults = faults
        self.folder = settings.state.resolve()
        self.tokens: dict[str, str] = dict(settings.tokens)
        self.rpcs: Counter[str] = Counter()
        self.asked: deque[pb.FunctionInput] = deque(maxlen=ASKED_AT_MOST)  # small inputs, for whoever looks later
        self.unimplemented: set[str] = set()
        self.environments: dict[str, Environment] = {
            settings.environment: Environment(new_id("en"), settings.environment)
        }
        self.secrets: dict[str, Secret] = {}
        self.volumes: dict[str, Volume] = {}
        self.mounts: dict[str, dict[str, str]] = {}
        """Mount id to {path in the container: SHA-256}."""
        self.images: dict[str, Image] = {}
        self.packages: asyncio.Task[dict[str, str]] | None = None
        """Distributions of the containers' interpreter; asked for once, by the first image build."""
        self.apps: dict[str, App] = {}
        self.functions: dict[str, Function] = {}
        self.bound: dict[tuple[str, bytes, bytes], Function] = {}
        self.definitions: dict[str, pb.Function] = {}
        self.calls: dict[str, Call] = {}
        self.inputs: dict[str, Input] = {}
        self.finished: OrderedDict[str, None] = OrderedDict()
        self.containers: dict[str, Container] = {}
        self.past_containers: OrderedDict[str, Container] = OrderedDict()
        self.flows: dict[str, TokenFlow] = {}
        self.proxy_tokens: dict[str, ProxyToken] = {}
        self.web_functions: dict[str, str] = {}
        """Label of an address to the id of the function that answers there."""
        self.blobs = BlobStore(self.folder)
        self.sockets: Path | None = None
        """Folder of the containers' sockets; set when the server starts."""
        self.blob_url = ""
        self.pages_url = ""
        self.ensure: Callable[[Function], None] = lambda function: None
        """Start containers where inputs wait; set by the server."""
        self.closing = False
        self._journals: dict[str, Journal] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def containers_of(self, function: Function) -> list[Container]:
        """The containers of a function that have not ended."""
        return [each for each in self.containers.values() if each.function is function]

    def deployed_app(self, name: str, environment: str) -> App | None:
        """The app that is deployed under a name."""
        for app in reversed(self.apps.values()):
            if (app.name, app.environment, app.state) == (name, environment, pb.APP_STATE_DEPLOYED):
                return app
        return None

    def functions_of(self, app: App) -> list[Function]:
        """All functions of an app, bound ones included."""
        return [function for function in self.functions.values() if function.app_id == app.id]

    def journal(self, app_id: str) -> Journal:
        """The log of an app, made on first use."""
        if app_id not in self._journals:
            self._journals[app_id] = Journal(self.settings.log_entries)
        return self._journals[app_id]

    def start_task(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something in the background; it is cancelled when the server closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def cancel_tasks(self) -> None:
        """End everything in the background."""
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
