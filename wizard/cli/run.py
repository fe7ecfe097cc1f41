"""Running a command to its end: whatever happens becomes an exit code and at most one sentence."""

from __future__ import annotations

import asyncio
import signal
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

from wizard.cli.output.reporters import Reporter
from wizard.cli.output.standard_output import give_up_standard_output
from wizard.core.access_token import clean
from wizard.core.problem import ExitCode, Problem, interrupted

Job = Coroutine[Any, Any, int]


def run_to_end(run: Callable[[], Job | int], reporter: Reporter) -> int:
    """Run a command; every way that it can end becomes an exit code and at most one sentence."""
    try:
        job = run()
        return job if isinstance(job, int) else int(asyncio.run(_interruptible(job)))
    except Problem as problem:
        reporter.failed(problem)
        return int(problem.exit_code)
    except (KeyboardInterrupt, asyncio.CancelledError):
        reporter.failed(interrupted())
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has gone
        give_up_standard_output()
        return int(ExitCode.FAILED)
    except Exception as error:  # noqa: BLE001 - a bug of ours must not print a secret
        reporter.failed(
            Problem(
                "internal_error",
                f"Internal error in outlines-wizard: {clean(type(error).__name__)}.",
                "Please report it with the lines above; access tokens in them are masked.",
                raw=clean("".join(traceback.format_exception(error))),
            )
        )
        return int(ExitCode.FAILED)


async def _interruptible(job: Coroutine[Any, Any, int]) -> int:
    """SIGTERM ends a command as Ctrl-C does: with time to clean up."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    if task is not None and hasattr(signal, "SIGTERM"):
        try:
            loop.add_signal_handler(signal.SIGTERM, task.cancel)
        except (NotImplementedError, RuntimeError):  # not on this platform, or not on the main thread
            return await job
    return await job
