"""This machine and the scripts on its disk as the engine sees them: what is asked, and nothing of how."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from wizard.core.access.unreachable import UnreachableReason
from wizard.core.doctor.ignored_variable import IgnoredVariable
from wizard.core.doctor.script_model import Script


@dataclass(frozen=True)
class Library:
    """An installed library: its version, the range that this program needs, and whether only a rehearsal does."""

    name: str
    version: str | None
    required: str
    fits: bool
    only_rehearsal: bool = False


@dataclass(frozen=True)
class Reachability:
    """Whether an address answered: `unreachable` None means yes. `offset`: seconds that our clock is ahead; `status`:
    of the answer, where it came by HTTP."""

    unreachable: UnreachableReason | None
    offset: float | None = None
    status: int | None = None


@dataclass(frozen=True)
class Terminal:
    """The terminal: whether there is one, its kind, size and encoding."""

    is_one: bool
    kind: str
    columns: int
    lines: int
    encoding: str


class MachinePort(Protocol):
    """This machine. Nothing here takes longer than a few seconds."""

    @property
    def ignored_variables(self) -> tuple[IgnoredVariable, ...]:
        """What of the environment cannot be used, and was left out for this process."""

    @property
    def python(self) -> tuple[int, int, int]:
        """Version of the interpreter."""

    @property
    def modal_address(self) -> str:
        """Where Modal's service is."""

    def libraries(self) -> list[Library]:
        """What is installed, against what is needed."""

    def terminal(self) -> Terminal:
        """What the terminal can show."""

    async def check_reachability(self, address: str, *, by_http: bool) -> Reachability:
        """Whether an address answers."""

    async def newer_version(self) -> str | None:
        """The newest version of this program that the package index has; None unless it is newer than this one."""


class ScriptPort(Protocol):
    """Scripts on disk, and what they say. Nothing of a script is run."""

    def load(self, path: Path) -> str:
        """The text of a script. Raises Problem."""

    def parse(self, source: str, name: str = "the script") -> Script:
        """Its facts. Raises Problem for what is not Python."""

    def save(self, path: Path, source: str) -> None:
        """Write it in place of the old one. Raises Problem."""
