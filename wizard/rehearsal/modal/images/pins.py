"""What an image asks for against what this machine has: pinned packages and the Python version, line by line.

Nothing is installed in a rehearsal, so the build log has to say honestly what stands in for what.
"""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

PYTHON = "python"
"""The key of the interpreter's own version among the distributions."""

_INSTALL = re.compile(r"\bpip install\b")
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?===?([^\s;,@]+)")
_FROM_PYTHON = re.compile(r"FROM (?:\S+/)?python:(\d+\.\d+(?:\.\d+)?)")
_ASK = """
import importlib.metadata, json, sys
found = {each.metadata["Name"] or "": each.version for each in importlib.metadata.distributions()}
sys.stdout.write(json.dumps({**found, "python": ".".join(map(str, sys.version_info[:3]))}))
"""


async def installed(python: str) -> dict[str, str]:
    """Distributions of an interpreter, canonical name to version. Raises OSError or ValueError if it cannot run."""
    process = await asyncio.create_subprocess_exec(
        python, "-I", "-c", _ASK, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env={}
    )
    out, _ = await process.communicate()
    return {canonicalize_name(name): version for name, version in json.loads(out or b"{}").items()}


def pins(command: str) -> list[tuple[str, str]]:
    """Name and version of every ``==`` requirement of a ``pip install`` or ``uv pip install`` command."""
    if not _INSTALL.search(command):
        return []
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    return [(match[1], match[2]) for word in words if (match := _PIN.fullmatch(word))]


def _same_release(wanted: str, here: str) -> bool:
    """Equal but for the local suffix (``+cpu``); a trailing ``.*`` matches by prefix."""
    try:
        return SpecifierSet(f"=={wanted.partition('+')[0]}").contains(Version(here), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return wanted == here


def compare(commands: Iterable[str], here: Mapping[str, str]) -> Iterator[str]:
    """One line for each thing that is pinned; those that differ begin with WARNING."""
    for command in commands:
        if match := _FROM_PYTHON.match(command):
            local = here.get(PYTHON, "unknown")
            minor = ".".join(match[1].split(".")[:2])
            yield _line(f"Python {match[1]}", "asked for", local, warn=not _same_release(f"{minor}.*", local))
        for name, wanted in pins(command):
            version = here.get(canonicalize_name(name))
            if version is None:
                yield f"[demo] WARNING: {name} {wanted} is pinned but not installed on this computer"
            else:
                yield _line(f"{name} {wanted}", "pinned", version, warn=not _same_release(wanted, version))


def _line(what: str, verb: str, local: str, *, warn: bool) -> str:
    prefix = "WARNING: " if warn else ""
    return f"[demo] {prefix}{what} is {verb}; {local} on this computer is used instead"
