"""Runs programs of the installed Modal SDK in processes that fork from one in which it is imported already.

`python quick_start.py` reads requests as JSON lines: {"kind": "modal" or "script", "arguments": [...], "env": {...},
"cwd": ..., "out": a file for its output} and answers each with {"code": ...} when the process has ended. Each
process has the environment of its request and nothing else; only half a second of importing is saved.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from typing import Any

import modal.__main__
import modal.cli.entry_point

_LONGEST_SECONDS = 30


def run(request: dict[str, Any]) -> int:
    """What the child does: become the program that was asked for. Its exit code."""
    out = os.open(request["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (out, 1), (out, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    signal.alarm(_LONGEST_SECONDS)  # ends a program that hangs
    try:
        if request["kind"] == "modal":
            sys.argv = ["modal", *request["arguments"]]
            modal.__main__.main()
        else:
            exec(compile(request["arguments"][0], "<script>", "exec"), {"__name__": "__main__"})
    except SystemExit as stop:
        if isinstance(stop.code, str):
            sys.stderr.write(f"{stop.code}\n")
            return 1
        return int(stop.code or 0)
    except BaseException:  # noqa: BLE001 - the last stop of a program
        traceback.print_exc()
        return 1
    return 0


def serve() -> None:
    """Answer requests until standard input closes."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = run(json.loads(line))
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps({"code": os.waitstatus_to_exitcode(status)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
