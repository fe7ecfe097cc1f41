"""A child process that imports somebody's class, which runs their code: how it begins, and why it may fail to."""

from __future__ import annotations

import asyncio
import re
import sys

from wizard.core.access_token import clean_line
from wizard.core.problem import Problem, usage
from wizard.services.local.child_process import environment_without_tokens

IMPORT_SECONDS = 30.0
LONGEST_LINE = 64 << 20  # bytes that a child may tell at once
IMPORT_CLASS = """
import importlib, json, os, sys
sys.path.insert(0, "")
module, _, name = sys.argv[1].partition(":")
thing = importlib.import_module(module)
for part in name.split("."):
    thing = getattr(thing, part)
"""
_JSON_TYPES = "Use types that JSON has: str, int, float, bool, list, dict, an enum, or another Pydantic class."


async def start_class_child(reference: str, program: str, *, asked: bool) -> asyncio.subprocess.Process:
    """Run a program with ``module:Class`` as its argument; `asked`: it reads its standard input. Raises Problem (exit
    code 2) where `reference` is of another form."""
    module, colon, name = reference.partition(":")
    if not module or not colon or not name:
        raise usage(
            "model_class_invalid",
            f"--model-class {reference!r} is not of the form module:Class.",
            "For example: shapes:Invoice",
        )
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, reference),
        stdin=asyncio.subprocess.PIPE if asked else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment_without_tokens(modal=False),
        start_new_session=True,
        limit=LONGEST_LINE,
    )


def import_slow(reference: str) -> Problem:
    """The Problem (exit code 2) of a module that takes too long to import."""
    module = reference.partition(":")[0]
    return usage("model_class_slow", f"Importing {module} took longer than {IMPORT_SECONDS:.0f} s.")


def import_failed(reference: str, said: bytes) -> Problem:
    """The Problem (exit code 2) of a class that cannot be imported or used, from what its child has said."""
    module, _, name = reference.partition(":")
    line = clean_line(_exception_line(said.decode("utf-8", "replace")), 400)
    why, hint = _explain(line, module, name)
    return usage("model_class_failed", f"--model-class {reference} cannot be used: {why}", hint)


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
