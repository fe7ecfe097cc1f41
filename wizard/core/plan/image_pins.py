"""The versions that the deployed image is built from: tried together on 2026-11-22."""

from __future__ import annotations

PYTHON = "3.12"
UV = "0.13.9"
PACKAGES: dict[str, str] = {
    "accelerate": "1.15.0",
    "huggingface_hub": "2.4.0",
    "outlines": "1.3.3",
    "torch": "2.13.0",
    "transformers": "5.23.0",
}
