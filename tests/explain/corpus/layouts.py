"""How the same words look when they come from a terminal, a box, a container's log or somebody's clipboard."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable


def plain(text: str) -> str:
    return text


def coloured(text: str) -> str:
    """Bold red lines, and a reset in the middle of a word, as libraries do it."""
    return "\n".join(f"\x1b[1;31m{line[:7]}\x1b[0m\x1b[31m{line[7:]}\x1b[0m" for line in text.split("\n"))


def hard_wrapped(text: str) -> str:
    """A terminal of 80 columns that breaks words, copied with its line breaks."""
    return "\n".join(line[i : i + 80] for line in text.split("\n") for i in range(0, max(len(line), 1), 80))


def boxed(text: str) -> str:
    """Rich's panel: wrapped at words, padded, with bars on both sides."""
    inner = [part for line in text.split("\n") for part in (textwrap.wrap(line, 76, break_on_hyphens=False) or [""])]
    body = "\n".join(f"│ {line:<76} │" for line in inner)
    return f"╭─ Error {'─' * 70}╮\n{body}\n╰{'─' * 78}╯"


def compose(text: str) -> str:
    return "\n".join(f"vllm-server-1  | {line}" for line in text.split("\n"))


def compose_with_time(text: str) -> str:
    return "\n".join(f"2026-10-18 08:39:59 chat-ui-1  | {line}" for line in text.split("\n"))


def engine(text: str) -> str:
    return "\n".join(f"(EngineCore_0 pid=293) ERROR 10-18 08:39:59 [core.py:708] {line}" for line in text.split("\n"))


def dashboard(text: str) -> str:
    """The log page of Modal, copied."""
    return "\n".join(f"Oct 18  08:39:59.{i:03} | {line}" for i, line in enumerate(text.split("\n")))


def kubernetes(text: str) -> str:
    return "\n".join(f"[pod/llm-7c9d/server] 2026-10-18T08:39:59.123456789Z {line}" for line in text.split("\n"))


def windows(text: str) -> str:
    return text.replace("\n", "\r\n")


def as_json_log(text: str) -> str:
    """One line of a Rust or Go service that logs JSON."""
    fields = {"timestamp": "2026-10-18T08:39:59Z", "level": "ERROR", "fields": {"message": "\n" + text}}
    return json.dumps(fields, ensure_ascii=False)


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def progress_before(text: str) -> str:
    bars = "\r".join(f"model-00001-of-00003.safetensors: {n:3}%|{'█' * (n // 10):<10}|" for n in range(0, 60, 5))
    return f"{bars}\n{text}"


LAYOUTS: dict[str, Callable[[str], str]] = {
    function.__name__: function
    for function in (
        plain,
        coloured,
        hard_wrapped,
        boxed,
        compose,
        compose_with_time,
        engine,
        dashboard,
        kubernetes,
        windows,
        as_json_log,
        quoted,
        progress_before,
    )
}
# Layouts that say themselves that it ran in a container; with no access token in sight, that leaves two causes.
IN_A_CONTAINER = {"compose", "compose_with_time", "kubernetes"}
