"""The modal package, imported late and safely, and its exceptions as Problems."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar, cast

from grpclib import GRPCError
from grpclib.exceptions import ProtocolError, StreamTerminatedError

from wizard.core.access_token import clean_line
from wizard.core.explain.failures import diagnose
from wizard.core.problem import ExitCode, Problem, usage
from wizard.services.modal.account import config_path, read_profiles
from wizard.services.modal.session import ModalSdk

CONTACT_SECONDS = 10.0  # the SDK alone takes 56 s to say that there is no network
CALL_SECONDS = 30.0
STREAM_ERRORS = (StreamTerminatedError, ProtocolError, GRPCError)  # the SDK passes these on as they are
T = TypeVar("T")

# Foreign class -> (code, exit code, retryable); the sentence comes from the table of failures, or from the service.
_CLASSES: dict[str, tuple[str, ExitCode, bool]] = {
    "AuthError": ("modal_auth", ExitCode.CREDENTIALS, False),
    "PermissionDeniedError": ("modal_permission", ExitCode.CREDENTIALS, False),
    "ConnectionError": ("modal_unreachable", ExitCode.REMOTE, True),
    "ServiceError": ("modal_unreachable", ExitCode.REMOTE, True),
    "InternalError": ("modal_unreachable", ExitCode.REMOTE, True),
    "TimeoutError": ("modal_unreachable", ExitCode.REMOTE, True),
    "ResourceExhaustedError": ("modal_busy", ExitCode.REMOTE, True),
    "StreamTerminatedError": ("modal_unreachable", ExitCode.REMOTE, True),
    "ProtocolError": ("modal_unreachable", ExitCode.REMOTE, True),
    "GRPCError": ("modal_unreachable", ExitCode.REMOTE, True),
}


def load_modal() -> ModalSdk:
    """Import modal. It reads its configuration now, once, and says what is wrong with it on standard output."""
    read_profiles(config_path())  # else the import prints a banner and fails
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import modal.exception
    except ImportError as error:
        raise Problem(
            "modal_not_installed",
            f"The modal package cannot be imported: {clean_line(str(error), 200)}",
            "Install this program again: pip install --force-reinstall outlines-wizard.",
        ) from error
    except Exception as error:
        raise Problem(
            "modal_config_broken",
            f"Modal's configuration cannot be read: {clean_line(str(error), 200)}",
            "Fix the file that the message names (usually .modal.toml in the home folder), or sign in again.",
            exit_code=ExitCode.CREDENTIALS,
        ) from error
    for name in ("modal-client", "modal-utils"):  # their handlers hold the standard error of this moment
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
    warnings.filterwarnings("ignore", category=modal.exception.AsyncUsageWarning)
    return cast(ModalSdk, modal)  # mypy does not see that the module has its submodule


def class_name(error: BaseException) -> str:
    """The full name of an exception's class."""
    return f"{type(error).__module__}.{type(error).__name__}"


def as_problem(error: BaseException) -> Problem:
    """A Modal exception as a Problem: the known classes by table, everything else in the service's own words."""
    name = type(error).__name__
    text = clean_line(str(error), 300)
    if "No usable temporary directory" in text:  # the SDK keeps small files there
        hint = "Free some space, or set TMPDIR to a writable folder."
        return usage("no_temporary_folder", "There is no space for temporary files on this computer.", hint)
    known = diagnose(class_name(error), text, (), model="", endpoint="")
    if known.code != "function_failed":
        return known
    code, exit_code, retryable = _CLASSES.get(name, ("modal_refused", ExitCode.FAILED, False))
    message = (
        "Modal did not answer in time." if name == "TimeoutError" else f"Modal rejected the request: {text or name}"
    )
    hint = "Check the connection, then run this again to resume." if retryable else ""
    return Problem(code, message, hint, retryable=retryable, exit_code=exit_code, raw=text)


@contextlib.asynccontextmanager
async def modal_call(sdk: ModalSdk, seconds: float = CALL_SECONDS) -> AsyncIterator[None]:
    """Bound what is inside in time, and turn Modal's exceptions into Problems."""
    import asyncio

    try:
        async with asyncio.timeout(seconds):
            yield
    except (sdk.Error, *STREAM_ERRORS, TimeoutError, OSError) as error:
        raise as_problem(error) from error


async def read_again(sdk: ModalSdk, read: Callable[[], Awaitable[T]], tries: int = 3) -> T:
    """A read that comes as a stream: the SDK does not begin one anew when it breaks."""
    import asyncio

    for attempt in range(1, tries):
        try:
            return await read()
        except (sdk.exception.ServiceError, sdk.exception.InternalError, *STREAM_ERRORS):
            await asyncio.sleep(0.1 * 4**attempt)
    return await read()
