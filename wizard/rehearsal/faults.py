"""Faults that a stand-in plays on demand: named after the RPC or route that they hit.

A fault says *where* it strikes, *what* happens there, and how often. Both stand-ins ask `Faults.take` before
they answer, so that a test or a scenario needs one line to make a service misbehave. Places, with shell-style
wildcards allowed in each:

- ``hub:GET /api/whoami-v2``: a request to the Hub, method and path;
- ``modal:SecretGetOrCreate``: a call of Modal's API; ``modal-container:FunctionGetInputs`` when a container makes it;
  ``modal-http:GET`` and ``modal-http:PUT`` for blobs;
- ``gpu:T4``: a definition that asks for that GPU; it is refused with the message;
- ``build:RUN uv pip install*``: one command of an image build;
- ``container-start:Generator.*``: a container of that function, before user code runs;
- ``container-input:Generator.*``: a container of that function, when it takes an input;
- ``differs:web-door``: what the stand-in does there is not what this program assumes (`deviations.py` has the names);
- ``start-limit:Generator.*`` and ``input-limit:Generator.*``: the time limits of that function are `seconds`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

Kind = Literal["status", "delay", "disconnect", "throttle", "crash", "differs"]


@dataclass(frozen=True)
class Fault:
    """One misbehaviour.

    `status` is an HTTP status for the Hub, the name of a gRPC status (``UNAVAILABLE``) for Modal, and an exit
    code for a container (137: killed). `message` is what the service says, or what a container writes last.
    `seconds` is the length of a delay, or the wait that a throttled answer asks for. `times` bounds how
    often the fault strikes (None: always); `after` lets that many requests through first.
    """

    where: str
    kind: Kind = "status"
    status: int | str = 500
    message: str = ""
    seconds: float = 0.0
    times: int | None = None
    after: int = 0

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Fault:
        """Read a fault from JSON or TOML. Raises TypeError for an unknown key."""
        return cls(**data)

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, as `from_mapping` reads it."""
        return asdict(self)


class Faults:
    """The faults that are armed right now. Not thread-safe: each stand-in asks from its own event loop."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._armed: list[Fault] = list(faults)

    def arm(self, fault: Fault) -> None:
        """Add a fault; it strikes from the next request on."""
        self._armed.append(fault)

    def clear(self) -> None:
        """Behave again."""
        self._armed.clear()

    def differs(self, name: str) -> bool:
        """Whether the stand-in is to do otherwise than is assumed under this name."""
        return any(fault.kind == "differs" and fault.where == f"differs:{name}" for fault in self._armed)

    def take(self, where: str) -> Fault | None:
        """The first armed fault that strikes at `where`, counted down; None when the answer is an honest one."""
        for index, fault in enumerate(self._armed):
            if not fnmatchcase(where, fault.where):
                continue
            if fault.after > 0:
                self._armed[index] = replace(fault, after=fault.after - 1)
                continue
            if fault.times is not None:
                if fault.times <= 0:
                    continue
                self._armed[index] = replace(fault, times=fault.times - 1)
            return fault
        return None
