"""Image "builds": the commands as Modal's builder logs them, rehearsed failures and delays, and what stands in."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from modal_proto import api_pb2 as pb

from wizard.rehearsal.faults import Fault
from wizard.rehearsal.modal.images.pins import compare, installed
from wizard.rehearsal.modal.state.journal import STDERR, STDOUT, SYSTEM
from wizard.rehearsal.modal.state.records import Image
from wizard.rehearsal.modal.state.state import ModalState

logger = logging.getLogger(__name__)

_TICK_SECONDS = 0.3
_BAR_CELLS = 20


class _StepFailed(Exception):
    """A rehearsed failure ended the build."""


class _BuildLog:
    """Writes a line both to the image's own log and to the log of the app that asked for the build."""

    def __init__(self, state: ModalState, image: Image) -> None:
        self._journal = state.journal(image.app_id)
        self._image = image

    def say(self, text: str, source: Any = STDOUT) -> None:
        entry = self._journal.write(source, text, container=self._image.builder_id, image=self._image.id)
        self._image.lines.append(
            pb.TaskLogs(data=text, file_descriptor=source, timestamp=entry.at / 1e9, timestamp_ns=entry.at)
        )
        self._image.changed.notify()


async def play_build(state: ModalState, image: Image) -> None:
    """Go through an image's commands and set its result. Nothing is built."""
    log = _BuildLog(state, image)
    result = pb.GenericResult(status=pb.GenericResult.GENERIC_STATUS_SUCCESS)
    try:
        log.say(f"Building image {image.id}\n")
        for number, command in enumerate(image.definition.dockerfile_commands):
            log.say(f"\n=> Step {number}: {command}\n")
            fault = state.faults.take(f"build:{command}")
            if fault is not None:
                await _play(log, command, fault)
        await _say_what_stands_in(state, image, log)
    except _StepFailed as failure:
        result = pb.GenericResult(status=pb.GenericResult.GENERIC_STATUS_FAILURE, exception=str(failure))
    except Exception:
        logger.exception("The stand-in Modal failed to play the build of %s", image.id)
        result = pb.GenericResult(status=pb.GenericResult.GENERIC_STATUS_INTERNAL_FAILURE)
    image.finished = time.time()
    image.result = result
    image.changed.notify()


async def _play(log: _BuildLog, command: str, fault: Fault) -> None:
    if fault.kind == "delay":
        await _take_time(log, fault.seconds)
        return
    for line in fault.message.splitlines():
        log.say(f"{line}\n", STDERR)
    code = fault.status if isinstance(fault.status, int) and fault.status < 256 else 1
    text = f'failed to run builder command "{command}": container exit status: {code}'
    log.say(f"Terminating task due to error: {text}\n", STDERR)
    raise _StepFailed(text)


async def _take_time(log: _BuildLog, seconds: float) -> None:
    """Progress as pip prints it: lines, and every other time a bar that is redrawn after a carriage return."""
    began = time.monotonic()
    tick = 0
    while (spent := time.monotonic() - began) < seconds:
        tick += 1
        share = spent / seconds
        if tick % 2:
            log.say(f"  working, {spent:.1f} of {seconds:.1f} s\n")
        else:
            filled = "#" * round(share * _BAR_CELLS)
            log.say(f"\r  {share:4.0%}|{filled:<{_BAR_CELLS}}| {spent:.1f}/{seconds:.1f} s", STDERR)
        await asyncio.sleep(min(_TICK_SECONDS, seconds - spent))
    log.say("\n")


async def _say_what_stands_in(state: ModalState, image: Image, log: _BuildLog) -> None:
    log.say("[demo] nothing is built: this computer's Python environment is used instead of the image\n", SYSTEM)
    commands = [command for command in image.definition.dockerfile_commands if command]
    if state.packages is None:
        state.packages = state.start_task(installed(state.settings.python))
    try:
        here = await asyncio.shield(state.packages)
    except (OSError, ValueError) as error:
        log.say(f"[demo] WARNING: cannot ask {state.settings.python}: {error}\n", SYSTEM)
        return
    for line in compare(commands, here):
        log.say(f"{line}\n", SYSTEM)
