"""What people install: the wheel and the sdist hold what they should, and the wheel works by itself."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TRACKED = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=False).stdout.split()

pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    said = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    yield folder


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


@pytest.fixture(scope="module")
def elsewhere(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment in another folder, with the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True, timeout=120)
    (wheel,) = built.glob("*.whl")
    install = [folder / "venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    said = subprocess.run(
        [*install, "-c", PROJECT / "constraints.txt", wheel], capture_output=True, text=True, timeout=600, check=False
    )
    assert said.returncode == 0, said.stderr[-2000:]
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The installed command, with nothing of this checkout and of this person around it."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    variables = {"PATH": f"{folder / 'venv/bin'}:/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(folder)}
    return subprocess.run(
        [folder / "venv/bin/outlines-wizard", *arguments],
        cwd=home, env=variables, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.long
def test_the_light_install_knows_its_commands_and_needs_no_torch(elsewhere: Path) -> None:
    assert run(elsewhere, "--version").stdout.startswith("outlines-wizard")
    for command in ("deploy", "check", "token", "call", "rehearse"):
        said = run(elsewhere, command, "--help")
        assert said.returncode == 0, said.stderr
    assert not list((elsewhere / "venv").glob("lib/*/site-packages/torch"))
    said = run(elsewhere, "deploy", "--rehearse", "--yes")
    assert said.returncode == 2
    assert "pip install 'outlines-wizard[local]'" in said.stderr


@pytest.mark.long
def test_the_wheel_rehearses_outside_of_the_checkout(elsewhere: Path) -> None:
    """With the packages of the extra `local`, taken from the environment of these tests."""
    pytest.importorskip("torch")
    site = next((elsewhere / "venv").glob("lib/*/site-packages"))
    known = [path for path in sys.path if path.endswith("site-packages") and Path(path, "torch").is_dir()]
    (site / "local.pth").write_text("\n".join(known) + "\n")  # .pth files over there are not followed
    said = run(elsewhere, "deploy", "--rehearse", "--yes", "--output-dir", "out")
    assert said.returncode == 0, said.stderr[-3000:]
    assert "Amiri" in said.stdout
    assert list((elsewhere / "home/out").glob("*.py"))
    assert str(PROJECT) not in said.stdout + said.stderr
