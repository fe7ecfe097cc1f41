"""The child process of lint: asks one structured-output backend about one output type. JSON in, JSON lines out.

Run as ``python -m wizard.services.engine_worker``. Whatever a hostile schema does to an engine, to jsonschema or to a
regular expression happens here, under limits, and every line that was written before the end still counts.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from typing import Any

from wizard.core.problem import Problem
from wizard.services.examination import Examination, Question


def main() -> None:
    """Read one request from standard input, write what was found out line by line."""
    request = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # an engine that talks must not talk into our lines
    _limit(request["memory"], request["seconds"])

    def say(stage: str, **more: Any) -> None:
        out.write(json.dumps({"stage": stage} | more) + "\n")
        out.flush()

    question = Question(**request["question"])
    try:
        Examination(question, say).run()
    except Problem as problem:
        say("problem", code=problem.code, message=problem.message, hint=problem.hint)
    except MemoryError:
        say("out_of_memory")
    except RecursionError:
        say("problem", code="schema_too_deep", message="The schema is nested too deeply.", hint="")
    say("done", seconds=round(time.process_time(), 3), memory=peak_memory())


def peak_memory() -> int:
    """The most memory that this process has held, in bytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _limit(memory: int, seconds: float) -> None:
    """Limits that hold even when nobody watches: memory in bytes, and seconds of the processor."""
    try:
        import resource
    except ImportError:
        return
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 2))
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    except (ValueError, OSError):
        return


if __name__ == "__main__":
    main()
