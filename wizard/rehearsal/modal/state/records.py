"""What the control plane remembers: one typed record per kind of Modal object. Times are seconds since 1970."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.state.change_signal import ChangeSignal


@dataclass
class Environment:
    """A Modal environment: the namespace of apps, Secrets and Volumes."""

    id: str
    name: str
    created: float = field(default_factory=time.time)
    web_suffix: str = ""


@dataclass
class Secret:
    """A Modal Secret. An empty `name` marks an anonymous one, which belongs to an app."""

    id: str
    name: str
    environment: str
    values: dict[str, str] = field(repr=False)
    created: float = field(default_factory=time.time)
    last_used: float = 0.0


@dataclass
class Volume:
    """A Modal Volume: a folder of this machine, shared by every container that mounts it."""

    id: str
    name: str
    environment: str
    folder: Path
    version: Any
    created: float = field(default_factory=time.time)


@dataclass
class Image:
    """An image definition and how its "build" went. `result` is None while it runs."""

    id: str
    definition: pb.Image
    digest: str
    app_id: str
    builder_id: str
    started: float = field(default_factory=time.time)
    finished: float = 0.0
    lines: list[pb.TaskLogs] = field(default_factory=list)
    result: pb.GenericResult | None = None
    changed: ChangeSignal = field(default_factory=ChangeSignal)
    build: asyncio.Task[None] | None = None


@dataclass(frozen=True)
class Deployment:
    """One version of an app. `definitions` maps function ids to definition ids."""

    version: int
    at: float
    layout: pb.AppLayout
    definitions: Mapping[str, str]
    client_version: str = ""
    tag: str = ""
    commit: pb.CommitInfo | None = None
    rollback_of: int = 0


@dataclass
class App:
    """An app; `done` says that its last log line has been written."""

    id: str
    name: str
    environment: str
    state: pb.AppState.ValueType
    description: str = ""
    created: float = field(default_factory=time.time)
    stopped: float = 0.0
    layout: pb.AppLayout = field(default_factory=pb.AppLayout)
    history: list[Deployment] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    done: bool = False
    reaper: asyncio.TimerHandle | None = None
    """Ends the app unless its client is heard of first; only for apps that are not deployed."""

    @property
    def is_stopped(self) -> bool:
        """Whether the app takes no more work."""
        return self.state in (pb.APP_STATE_STOPPED, pb.APP_STATE_STOPPING)


@dataclass(eq=False)
class Function:
    """A function, or one *bound* to parameters or options (then `base` is the one it was bound from).

    A new definition becomes `definition` only when the app is published.
    """

    id: str
    app_id: str
    definition: pb.Function | None = None
    definition_id: str = ""
    base: Function | None = None
    parameters: bytes = b""
    options: pb.FunctionOptions | None = None
    autoscaler: pb.AutoscalerSettings | None = None
    queue: deque[Input] = field(default_factory=deque)
    changed: ChangeSignal = field(default_factory=ChangeSignal)
    startup_failures: int = 0
    not_before: float = 0.0
    """Monotonic time before which no container is started (back-off)."""
    wake_up: asyncio.TimerHandle | None = None
    web_url: str = ""
    """Where a web function answers."""
    effective: pb.Function | None = None
    """The definition with options applied, cached; None when it has to be worked out again."""

    @property
    def published(self) -> pb.Function:
        """Its definition, once its app is published."""
        assert self.definition is not None, "its app has not been published"
        return self.definition

    @property
    def root(self) -> Function:
        """The function that was deployed: itself, unless it is bound."""
        return self.base or self


@dataclass(eq=False)
class Call:
    """A function call: any number of inputs, one output each."""

    id: str
    function: Function
    kind: pb.FunctionCallType.ValueType
    invocation: pb.FunctionCallInvocationType.ValueType
    created: float = field(default_factory=time.time)
    inputs: dict[str, Input] = field(default_factory=dict)
    outputs: list[pb.FunctionGetOutputsItem] = field(default_factory=list)
    """In order of arrival; the position is the cursor that clients hold."""
    latest: dict[int, pb.FunctionGetOutputsItem] = field(default_factory=dict)
    """The newest output of each index."""
    chunks: list[pb.DataChunk] = field(default_factory=list)
    """What a generator has yielded, or a web function has answered."""
    incoming: list[pb.DataChunk] = field(default_factory=list)
    """The body of a request to a web function."""
    unfinished: int = 0
    changed: ChangeSignal = field(default_factory=ChangeSignal)

    @property
    def is_retried_here(self) -> bool:
        """Spawned calls are retried by the server, `.remote()` and `.map()` by the client."""
        return bool(self.invocation == pb.FUNCTION_CALL_INVOCATION_TYPE_ASYNC)


@dataclass(eq=False)
class Input:
    """One input of a call. `verdict` overrides what its container says (cancelled, timed out)."""

    id: str
    call: Call
    index: int
    body: pb.FunctionInput
    retry_count: int = 0
    crashes: int = 0
    done: bool = False
    container_id: str = ""
    """Where it runs; empty while it waits."""
    verdict: pb.GenericResult | None = None
    watchdog: asyncio.TimerHandle | None = None


@dataclass(frozen=True)
class ProxyToken:
    """What lets callers in to web functions that ask for one. `created` is in seconds since 1970."""

    id: str
    secret: str = field(repr=False)
    name: str
    created: float


@dataclass
class TokenFlow:
    """A browser login that waits for a person. `decision` is None until they press a button."""

    id: str
    code: str
    wait_secret: str = field(repr=False)
    form_key: str = field(repr=False)
    decision: bool | None = None
    changed: ChangeSignal = field(default_factory=ChangeSignal)
