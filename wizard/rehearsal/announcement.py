"""How a program on this machine finds a rehearsal that is being served, and reads its variables."""

from __future__ import annotations

import json
import os
from http.client import HTTPException
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from wizard.core.own_files import keep_json, state_folder

JOIN_SECONDS = 3.0
MOST_BYTES = 1 << 20


def address_file() -> Path:
    """Where a serving rehearsal says how it is reached: in this person's state folder, readable by nobody else."""
    return state_folder() / "rehearsal.json"


def announce(url: str, proof: str) -> None:
    """Let `--rehearse` find this rehearsal. A folder that cannot be written only means that nobody finds it."""
    keep_json(address_file(), {"url": url, "proof": proof, "pid": os.getpid()})


def withdraw(url: str) -> None:
    """Take the announcement back, unless it is another rehearsal's by now."""
    try:
        if json.loads(address_file().read_text(encoding="utf-8")).get("url") == url:
            address_file().unlink()
    except (OSError, ValueError):
        return


def announced() -> tuple[str, str] | None:
    """The address of a rehearsal that says it is being served, and what proves that; None when there is none."""
    try:
        said = json.loads(address_file().read_text(encoding="utf-8"))
        url, proof = said["url"], said["proof"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    told = isinstance(url, str) and isinstance(proof, str) and bool(proof)
    return (url, proof) if told and url.startswith("http://127.0.0.1:") else None


def read_environment() -> dict[str, str] | None:
    """The variables of the rehearsal that is being served; None where there is none. Blocks for a moment."""
    if (found := announced()) is None:
        return None
    url, proof = found
    try:
        with build_opener(ProxyHandler({})).open(f"{url}/env", timeout=JOIN_SECONDS) as response:
            data = json.loads(response.read(MOST_BYTES))
        return dict(data["env"]) if data["proof"] == proof else None
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return None  # what was announced is gone
