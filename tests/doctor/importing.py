"""Imports scripts with the installed SDK in a child, each in a fork of its own, without a network or an account."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROGRAM = """
import importlib.util, json, os, signal, sys
import modal

said = []
for path in json.load(sys.stdin):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        try:
            spec = importlib.util.spec_from_file_location("app_under_test", path)
            module = importlib.util.module_from_spec(spec)
            sys.modules["app_under_test"] = module
            spec.loader.exec_module(module)
            answer = ""
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"[:300]
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said.append(stream.read().decode())
    os.waitpid(child, 0)
json.dump(said, sys.stdout)
"""
TOKENS = ("HF_TOKEN", "HUGGINGFACE_TOKEN", "HUGGING_FACE_HUB_TOKEN")  # as on a laptop where a script was written


def import_errors(scripts: Sequence[Path], folder: Path) -> list[str]:
    """What importing each script says: empty where it works."""
    environment = {
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
        "MODAL_SERVER_URL": "http://127.0.0.1:9",
        "MODAL_CONFIG_PATH": str(folder / "modal.toml"),
        **dict.fromkeys(TOKENS, "not-a-token"),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([str(path) for path in scripts]),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    answers: list[str] = json.loads(done.stdout)
    return answers
