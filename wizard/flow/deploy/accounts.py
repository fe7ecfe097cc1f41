"""The accounts that a deploy needs, and which of them this machine has: asked for in the background."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from wizard.core.access_token import clean_line
from wizard.core.problem import Problem
from wizard.flow.access.check import find_token
from wizard.flow.deploy.discovery import MODAL_SIGN_IN_HELPS
from wizard.flow.ports.services import Ports

SECONDS = 8.0  # after that, what is not known stays unknown
State = Literal["checking", "found", "missing", "unknown"]
GLYPHS: dict[State, str] = {"checking": "…", "found": "✓", "missing": "○", "unknown": "?"}


@dataclass(frozen=True)
class Account:
    """One account: whether it is set up here, and in words what that means."""

    name: str
    state: State
    words: str


CHECKING = (Account("Hugging Face", "checking", "checking…"), Account("Modal", "checking", "checking…"))


async def hugging_face(ports: Ports) -> Account:
    """Whether there is an access token on this machine; whether it works is asked once a model is chosen."""
    try:
        async with asyncio.timeout(SECONDS):
            found = await find_token(ports, "auto")
    except (Problem, TimeoutError):
        return Account("Hugging Face", "unknown", "could not be checked; the wizard asks when it is needed")
    if found is None:
        return Account("Hugging Face", "missing", "missing: free at huggingface.co/join; open models need none")
    return Account("Hugging Face", "found", f"found: access token from {clean_line(found.source, 60)}")


async def modal(ports: Ports) -> Account:
    """Whether somebody is signed in."""
    try:
        async with asyncio.timeout(SECONDS):
            workspace = await ports.modal.connect()
    except Problem as problem:
        if problem.code in MODAL_SIGN_IN_HELPS:
            return Account("Modal", "missing", "missing: free at modal.com/signup; the wizard signs you in")
        return Account("Modal", "unknown", f"could not be checked: {clean_line(problem.message, 100)}")
    except TimeoutError:
        return Account("Modal", "unknown", "could not be checked: Modal did not answer")
    return Account("Modal", "found", f"found: signed in to {clean_line(workspace.name, 60)}")
