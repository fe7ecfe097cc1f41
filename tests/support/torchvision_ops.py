"""Lets PyPI's torchvision be imported beside a torch for CPUs, for preparing images: they need none of its operators.

PyPI's build is made for CUDA, so its own operators (they are for boxes: nms and the like) do not load there, and its
import stops at the first one. Their names are enough for it; what resizes and normalizes images is plain torch.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from wizard.core.inference.engines.transformers import ENGINE

VERSION = ENGINE.vision_packages["torchvision"]
_NAMED = ("nms(Tensor dets, Tensor scores, float threshold) -> Tensor",)
_NAMED += ("q" + _NAMED[0],)
_kept: list[Any] = []  # what is declared lasts as long as its library does


def download(folder: Path) -> bool:
    """Put it into a folder, without what it requires; False where the package index cannot be reached."""
    asked = ["install", "--quiet", "--no-deps", "--target", str(folder), f"torchvision=={VERSION}"]
    return subprocess.run([sys.executable, "-m", "pip", *asked], check=False, timeout=300).returncode == 0


def declare() -> None:
    """Name its operators, where it is installed and its own cannot load."""
    if find_spec("torchvision") is None or _kept:
        return
    import torch

    if torch.version.cuda is None:
        library = torch.library.Library("torchvision", "DEF")
        for each in _NAMED:
            library.define(each)
        _kept.append(library)
