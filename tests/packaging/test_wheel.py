"""What people install: the wheel and the sdist hold what they should."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TRACKED = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=False).stdout.split()

pytestmark = pytest.mark.xdist_group("wheel")


def expected(*roots: str) -> set[str]:
    """Tracked files below `roots`."""
    assert TRACKED, "these tests look at what git tracks"
    return {path for path in TRACKED if path.startswith(tuple(f"{root}/" for root in roots)) or path in roots}


def test_the_wheel_holds_the_program_and_its_model(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    model = {
        f"wizard/rehearsal/tiny-character/{PurePosixPath(path).name}" for path in expected("assets/tiny-character")
    }
    assert names == expected("wizard") | model
    licences = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("licenses/LICENSE")]
    assert len(licences) == 1


def test_the_sdist_holds_the_sources_and_nothing_else(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    front = expected("README.md", "README.zh-CN.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "pyproject.toml")
    assert names - {"PKG-INFO", ".gitignore"} == expected("wizard", "assets/tiny-character", "docs") | front
