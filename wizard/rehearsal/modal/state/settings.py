"""What a stand-in Modal is told when it is made: where it lives, whom it lets in, how patient it is."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

VolumeMode = Literal["env", "bind"]


@dataclass(frozen=True)
class ModalSettings:
    """Settings of one `StandInModal`; all times are in seconds.

    `volume_mode` says how a Volume gets to its mount path. ``env`` rewrites every environment value of the
    image that lies under the path, needs no privilege and works on Linux and macOS, and cannot make a mount
    read-only. ``bind`` really mounts it in a namespace of its own, where the Linux kernel lets an ordinary user.
    """

    state: Path
    """The one folder that everything lives in; made if it is missing."""
    tokens: Mapping[str, str] = field(repr=False)
    """Modal token id to secret: who is let in. Anybody else gets "Token not found"."""
    container_env: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the runtime gives every container beside its own ``MODAL_*`` variables."""
    never_beside_token: tuple[str, ...] = ()
    """Variables of `container_env` that a container with an access token is not given."""
    customization: Path | None = None
    """A folder with a ``sitecustomize.py`` that every container runs, after what it finds imported (`forking.py`): it
    may change nothing before another module is imported. None: there is no such folder."""
    python: str = sys.executable
    """The interpreter that runs the containers; it needs the packages that the functions import."""
    volume_mode: VolumeMode = "env"
    fork_containers: bool = True
    """Whether containers fork from a process that has imported what they need, where that changes nothing for them;
    False: each is a fresh interpreter."""
    fork_server: Path | None = None
    """Socket of such a process that several stand-ins share (see `fork_server.py`); None: this stand-in has its own."""
    max_containers: int = 4
    """Upper bound for one function, whatever it asks for."""
    crash_retries: int = 1
    """How often an input goes to a fresh container after its container died."""
    workspace: str = "rehearsal"
    username: str = "robin"
    environment: str = "main"
    """The default environment."""
    scaledown_window: float = 60.0
    """How long a container may idle when its function does not say."""
    client_silence: float = 60.0
    """An app that was not deployed ends when its client has not been heard of for so long (it beats every 15 s)."""
    stop_grace: float = 2.0
    """From SIGINT to SIGKILL when a container is told to stop."""
    cancel_grace: float = 3.0
    """From asking a container to cancel an input to killing the container."""
    startup_backoff: float = 1.0
    """Wait before a failed start of a deployed function is tried again; doubles each time."""
    startup_backoff_limit: float = 30.0
    web_patience: float = 150.0
    """How long a request to a web function waits for its answer before it is sent to ask again."""
    log_entries: int = 200_000
    """Log entries kept per app; older ones are dropped."""
    finished_calls: int = 20_000
    """Finished calls whose results can still be asked for."""
