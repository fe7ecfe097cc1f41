"""The project without its screens, and its headless tests on it: `make headless` runs all of them.

A rule that only a screen knew would be missing here, and a test of the command line would fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SCREENS = ("wizard/tui", "tests/tui", "tests/terminal", "tests/browser", "tests/architecture", "tests/bench")
OF_GIT = ("tests/packaging",)  # what is built is what git tracks, and the copy has no history
KEPT = ("wizard", "tests", "assets", "docs", "pyproject.toml", "constraints.txt", "LICENSE")


def copy_without_screens(target: Path) -> Path:
    """Copy the project without `wizard/tui` and what tests it; returns `target`."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        here = Path(folder).relative_to(PROJECT).as_posix()
        return {name for name in names if name == "__pycache__" or f"{here}/{name}" in SCREENS + OF_GIT}

    target.mkdir(parents=True, exist_ok=True)
    for name in (*KEPT, *(page.name for page in PROJECT.glob("*.md"))):
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=left_out)
        elif source.exists():
            shutil.copy2(source, target / name)
    return target


def run_tests(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on the copy; nothing of the project itself is on the way."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=copy,
        env=kept | {"PYTHONPATH": str(copy)},
        stdout=subprocess.PIPE if __name__ != "__main__" else None,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="headless-") as folder:
        sys.exit(run_tests(copy_without_screens(Path(folder, "project")), *sys.argv[1:]).returncode)
