"""The child process of lint: asks one structured-output backend about one output type. JSON in, JSON lines out.

Run as ``python -m wizard.services.lint.backend_worker``. Whatever a hostile schema does to a backend, to jsonschema or
to a regular expression happens here, under limits, and every line that was written before the end still counts.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import os
import sys
import time
from typing import Any

from wizard.core.problem import Problem
from wizard.services.lint.backend_check import BackendCheck, Question

BYTES_SECONDS = 1.0  # for an index of outlines_core over single bytes


def main() -> None:
    """Read one request from standard input, write what was found out line by line."""
    request = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # an engine that talks must not talk into our lines
    _limit_memory(request["memory"])
    with contextlib.suppress(ImportError):  # the examination says so better; loading torch is no work on a schema
        importlib.import_module(request["question"]["backend"])
    loaded = time.process_time()
    seconds = request["seconds"]
    # A schema that is this hard with one token for each byte is far too hard with a model's tokens.
    hard = request["question"]["backend"] == "outlines_core" and request["question"]["tokenizer"]
    _limit_seconds(loaded + (min(seconds, BYTES_SECONDS) if hard else seconds), loaded + seconds)

    def say(stage: str, **more: Any) -> None:
        if stage == "bytes":
            _limit_seconds(loaded + seconds, loaded + seconds)
        if stage == "done":
            more |= {"seconds": round(time.process_time() - loaded, 3), "memory": peak_memory()}
        out.write(json.dumps({"stage": stage} | more) + "\n")
        out.flush()

    question = Question(**request["question"])
    try:
        BackendCheck(question, say).run()
    except Problem as problem:
        say("problem", code=problem.code, message=problem.message, hint=problem.hint)
    except MemoryError:
        say("cut_off", end="memory", seconds=0.0)
    except RecursionError:
        say("problem", code="schema_too_deep", message="The schema is nested too deeply.", hint="")
    say("done")


def peak_memory() -> int:
    """The most memory that this process has held, in bytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _limit_memory(memory: int) -> None:
    """A limit in bytes that holds even when nobody watches."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    except (ImportError, ValueError, OSError):  # not on Windows
        return


def _limit_seconds(seconds: float, most: float) -> None:
    """The same in seconds of the processor, from the start of this process; `most` is what may still be allowed."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(most) + 2))
    except (ImportError, ValueError, OSError):
        return


if __name__ == "__main__":
    main()
