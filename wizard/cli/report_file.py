"""The files of a report: looked at before anything is spent, and written at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from wizard.core.problem import Problem
from wizard.flow.ports.services import Ports


def check_writable(ports: Ports, path: Path, hint: str) -> None:
    """Raise Problem, with this hint, where the file could not be written."""
    with _hinting(hint):
        ports.files.preview_write(path, "")


def write_report(ports: Ports, path: Path, text: str, hint: str) -> None:
    """Write the file. Raises Problem with this hint."""
    with _hinting(hint):
        ports.files.write(path, text)


def write_json(ports: Ports, path: Path, data: Mapping[str, Any], hint: str) -> None:
    """Write the file as JSON for people to read. Raises Problem with this hint."""
    write_report(ports, path, json.dumps(data, indent=2, ensure_ascii=False) + "\n", hint)


@contextmanager
def _hinting(hint: str) -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        raise replace(problem, hint=hint) from problem
