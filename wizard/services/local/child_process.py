"""Child processes: what they may see of our environment, and how they end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

from wizard.core.access_token import holds_secret

_NEVER = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_TOKEN", "HF_API_TOKEN", "HUGGINGFACEHUB_API_TOKEN")
GRACE_SECONDS = 3.0


def environment_without_tokens(*, modal: bool = True) -> dict[str, str]:
    """Our environment without access tokens: no child needs one, and children's environments can be read.

    `modal` False leaves out the Modal token, too: for a child that has nothing to ask of Modal.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _NEVER and ((modal and name.startswith("MODAL_")) or not holds_secret(value))
        if modal or not name.startswith(("MODAL_TOKEN", "MODAL_OAUTH"))
    }


async def end(child: asyncio.subprocess.Process) -> None:
    """See a child off: interrupt, wait, kill. Returns when it is gone."""
    if child.returncode is not None:
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        try:  # asyncio's own `send_signal` may take the exit status away from the watcher, which then complains
            os.kill(child.pid, number)
        except ProcessLookupError:
            return
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                await child.wait()
                return
        except TimeoutError:
            continue


async def kill_group(child: asyncio.subprocess.Process) -> None:
    """End a child that leads a session, and whatever it has started; it has nothing to save.

    Returns when it is gone: asyncio complains of a child that ends after its event loop.
    """
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await child.wait()
