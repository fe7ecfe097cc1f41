"""The scripts beside this file. A faulty one names its findings at the very lines, as ``# fault: name, name``."""

from __future__ import annotations

import secrets
import string
from pathlib import Path

HERE = Path(__file__).parent
FAULTY = sorted(path for path in (HERE / "faulty").glob("*.py") if "# fault:" in path.read_text(encoding="utf-8"))
CLEAN = sorted((HERE / "clean").glob("*.py"))
PUBLISHED = HERE / "faulty" / "published_2024.py"
MARK = "# fault:"


def read(path: Path) -> str:
    """A script, with a fresh access token where one is written into it."""
    token = "hf_" + "".join(secrets.choice(string.ascii_letters) for _ in range(34))
    return path.read_text(encoding="utf-8").replace("@TOKEN@", token)


def faults(source: str) -> set[tuple[int, str]]:
    """Line and name of every finding that the script itself announces."""
    return {
        (number, name.strip())
        for number, line in enumerate(source.splitlines(), 1)
        if MARK in line
        for name in line.split(MARK)[1].split(",")
    }
