"""The JSON Schema of a Pydantic class, taken in a child process: importing somebody's module runs their code."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys

from wizard.core.access_token import clean_line
from wizard.core.problem import usage
from wizard.services.local.child_process import GRACE_SECONDS, environment_without_tokens

IMPORT_SECONDS = 30.0
_JSON_TYPES = "Use types that JSON has: str, int, float, bool, list, dict, an enum, or another Pydantic class."
_ASK = """
import importlib, json, sys
sys.path.insert(0, "")
module, _, name = sys.argv[1].partition(":")
thing = importlib.import_module(module)
for part in name.split("."):
    thing = getattr(thing, part)
out = sys.stdout
sys.stdout = sys.stderr
if hasattr(thing, "model_json_schema"):
    schema = thing.model_json_schema()
else:
    from pydantic import TypeAdapter
    schema = TypeAdapter(thing).json_schema()
out.write(chr(30) + json.dumps(schema))
"""


async def ask_class(reference: str) -> str:
    """JSON text for ``module:Class``. Raises Problem (exit code 2) with what went wrong, in the class's own words.

    Cancelling ends the import.
    """
    module, colon, name = reference.partition(":")
    if not module or not colon or not name:
        raise usage(
            "model_class_invalid",
            f"--model-class {reference!r} is not of the form module:Class.",
            "For example: shapes:Invoice",
        )
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _ASK, reference),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment_without_tokens(modal=False),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(IMPORT_SECONDS):
            out, said = await child.communicate()
    except TimeoutError as error:
        raise usage("model_class_slow", f"Importing {module} took longer than {IMPORT_SECONDS:.0f} s.") from error
    finally:
        await _kill(child)
    if child.returncode != 0:
        line = clean_line(_exception_line(said.decode("utf-8", "replace")), 400)
        why, hint = _explain(line, module, name)
        raise usage("model_class_failed", f"--model-class {reference} cannot be used: {why}", hint)
    return out.decode("utf-8", "replace").rpartition(chr(30))[2]


def _explain(line: str, module: str, name: str) -> tuple[str, str]:
    """Why a class has no JSON Schema, and what to do; exceptions as Python 3.11 and pydantic 2 word them."""
    if line == f"ModuleNotFoundError: No module named {module.partition('.')[0]!r}":
        return f"there is no module named {module} here.", f"Run this in the folder of {module}, or install it."
    if re.match(r"AttributeError: (?:module|type object) .* has no attribute ", line):
        return f"{module} has no class {name}.", "Check the spelling: it is written module:Class."
    if found := re.search(r"PydanticSchemaGenerationError: .*? for <class '([\w.<>]+)'>", line):
        if found[1] == f"{module}.{name}":
            return f"{name} is not a Pydantic class.", "Derive it from pydantic.BaseModel; a dataclass works too."
        return f"it has a field of type {found[1]}, which has no JSON Schema.", _JSON_TYPES
    if found := re.search(r"PydanticInvalidForJsonSchema: .*?core_schema\.(\w+?)Schema", line):
        return f"it has a field of type {found[1]}, which has no JSON Schema.", _JSON_TYPES
    return line, ""


def _exception_line(said: str) -> str:
    """The line that names the exception: the first below the frames of the last traceback, since a message may go on
    for several lines and end with an address."""
    lines = said.strip().splitlines() or ["it ended without a word"]
    start = max(
        (at for at, line in enumerate(lines) if line.startswith("Traceback (most recent call last)")), default=-1
    )
    return next((line for line in lines[start + 1 :] if start >= 0 and line[:1].strip()), lines[-1])


async def _kill(child: asyncio.subprocess.Process) -> None:
    """End the child and whatever it has started; what it imports is not ours, and has nothing to save.

    Returns when it is gone: asyncio complains of a child that ends after its event loop.
    """
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await child.wait()
