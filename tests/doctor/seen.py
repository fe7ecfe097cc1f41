"""Scripts in a few lines, and the names of what is found in them."""

from __future__ import annotations

from textwrap import dedent, indent

from wizard.core.doctor.finding import Finding
from wizard.core.doctor.rules.registry import models_of, run_rules
from wizard.services.scripts.syntax_tree import read_script

HEAD = """import os
import subprocess
import modal

app = modal.App("seen")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("huggingface_hub==2.4.0")
cache = modal.Volume.from_name("cache", create_if_missing=True)
hub = modal.Secret.from_name("hub", required_keys=["HF_TOKEN"])
"""
GATED = "meta-llama/Llama-3.1-8B-Instruct"


def findings(source: str) -> list[Finding]:
    """What is found in a script that begins with HEAD."""
    return run_rules(read_script(f"{HEAD}\n{dedent(source)}"), {}, "outlines-wizard-hf")


def names(source: str) -> set[str]:
    """The names of what is found."""
    return {finding.name for finding in findings(source)}


def models(source: str) -> tuple[str, ...]:
    """The models that a script is seen to load."""
    return models_of(read_script(f"{HEAD}\n{dedent(source)}"))


def in_function(body: str, options: str = "image=image, timeout=3600, volumes={'/c': cache}", head: str = "") -> str:
    """A script with one function in the cloud."""
    return f"{dedent(head)}\n@app.function({options})\ndef work():\n{indent(dedent(body).strip(), '    ')}\n"
