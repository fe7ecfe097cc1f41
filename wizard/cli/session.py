"""What a command asks of whoever wires the program: services for one session, and the stand-ins."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from wizard.cli.secret_prompt import read_secret

if TYPE_CHECKING:
    from wizard.flow.ports.machine import MachinePort, ScriptPort
    from wizard.flow.ports.services import Ports

ARGUMENTS = "outlines_wizard.arguments"
"""Where click keeps the arguments as they were typed."""

Rehearse = Literal["all", "modal"]


@dataclass(frozen=True)
class SessionOptions:
    """How services are opened. `rehearse` None: the real ones; ``modal``: only Modal is served here.

    `scenario` None with `rehearse` set: a rehearsal that is being served is joined, else a fresh one is started.
    `trust` are addresses of Hubs that may be sent an access token, as flags name them.
    """

    environment: str | None = None
    rehearse: Rehearse | None = None
    scenario: str | None = None
    trust: tuple[str, ...] = ()
    ask_secret: Callable[[str], str] = read_secret  # how a face asks on the terminal for what is not shown


@dataclass(frozen=True)
class ServeOptions:
    """How the stand-ins are served until somebody stops them."""

    scenario: str = "ready"
    serve: tuple[str, ...] = ()
    state: Path | None = None
    hub: bool = True
    hub_port: int = 0
    modal_port: int = 0
    announce: bool = True
    trust: tuple[str, ...] = ()


class Serving(Protocol):
    """Stand-ins that are being served."""

    def to_mapping(self) -> dict[str, Any]:
        """The public `Serving` object."""


class Wiring(Protocol):
    """The one who knows every room."""

    def session(self, options: SessionOptions) -> AbstractAsyncContextManager[Ports]:
        """Services for one command; they are closed when it ends."""

    def serving(self, options: ServeOptions) -> AbstractAsyncContextManager[Serving]:
        """The stand-ins, served while the context is open."""

    async def schema_of_class(self, reference: str) -> str:
        """The JSON Schema of ``module:Class``, as text. Raises Problem."""

    def screen(self, options: SessionOptions) -> int:
        """Run the full-screen wizard; returns its exit code."""

    def check_demo(self) -> None:
        """Raise Problem where the demo cannot run."""

    def start_demo(self, *, plain: bool = False) -> int:
        """The demo in a process of its own; returns its exit code. `plain`: as lines."""

    def suggested_model(self, options: SessionOptions) -> str | None:
        """The model that the wizard proposes."""

    def scenarios(self) -> list[tuple[str, str, str]]:
        """Every rehearsal scenario: its name, what it is about, and the code that it ends with."""

    def machine(self) -> MachinePort:
        """This machine, for `doctor`."""

    def scripts(self) -> ScriptPort:
        """Scripts on disk, for `doctor`."""

    def live_models(self, rehearse: Rehearse | None) -> tuple[str, str]:
        """The open and the gated model of a live check that names none."""

    def default_model(self, rehearse: Rehearse | None, scenario: str = "ready") -> str | None:
        """The model of a command that names none; None where it has to be named."""
