"""The child process of lint: asks one structured-output backend about output types. JSON lines in, JSON lines out.

Run as ``python -m wizard.services.lint.worker BACKEND``. Whatever a hostile schema does to a backend, to
jsonschema or to a regular expression happens here, under limits, and every line that was written before the end still
counts.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import os
import select
import signal
import sys
import time
from typing import Any

from wizard.core.lint.registry import backend_named, register_module
from wizard.core.problem import Problem
from wizard.services.lint.backend_check import BackendCheck, Question

IDLE_SECONDS = 120.0  # without a question, after which the process ends
_NEEDED_BY_ALL = (  # else each copy of this process would load them again
    "jsonschema",
    "referencing",
    "tokenizers",
    "corvus_regex_ecma262",
    "wizard.services.lint.rewrite_proposals",
    "wizard.services.validation.exact_keywords",
    "wizard.services.validation.formats",
)


def main() -> None:
    """Load the backend whose record the argument names, then answer each line of standard input, until its end."""
    answers = os.dup(1)
    os.dup2(2, 1)  # an engine that talks must not talk into our lines
    _limit_core_dumps()
    backend = register_module(sys.argv[1])
    for name in filter(None, (backend.import_name, *_NEEDED_BY_ALL)):
        with contextlib.suppress(ImportError):  # the examination says so better; loading torch is no work on a schema
            importlib.import_module(name)
    questions = os.fdopen(os.dup(0), "rb")
    while select.select([questions], [], [], IDLE_SECONDS)[0] and (line := questions.readline()):
        request = json.loads(line)
        if sys.platform != "linux":  # where a process that has loaded this much need not survive a fork
            _answer(request, answers)
            return
        code = _answer_apart(request, answers, questions.fileno())
        if code is None:
            return
        _write(answers, {"stage": "ended", "code": code})


def _answer_apart(request: dict[str, Any], answers: int, questions: int) -> int | None:
    """Answer in a copy of this process, so that the limits are those of one question, and what breaks breaks there.

    Returns how the copy has ended; None where nobody waits any more.
    """
    ending, end = os.pipe()  # nobody writes into it: it ends with the copy
    worker = os.getpid()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            _die_with(worker)
            _answer(request, answers)
            code = 0
        finally:
            os._exit(code)
    os.close(end)
    ready, _, _ = select.select([ending, questions], [], [])
    os.close(ending)
    if questions in ready and ending not in ready:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return None
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _answer(request: dict[str, Any], answers: int) -> None:
    """Write what was found out line by line."""
    _write(answers, {"stage": "answering", "pid": os.getpid()})
    _limit_memory(request["memory"])
    loaded = time.process_time()
    seconds = first = request["seconds"]
    # A schema that is too hard with one token for each byte is far too hard with a model's tokens.
    byte_seconds = backend_named(request["question"]["backend"]).byte_seconds
    if byte_seconds is not None and request["question"]["tokenizer"]:
        first = min(seconds, byte_seconds)
    _limit_seconds(loaded + first, loaded + seconds)

    def say(stage: str, **more: Any) -> None:
        if stage == "bytes":
            _limit_seconds(loaded + seconds, loaded + seconds)
        if stage == "done":
            more |= {"seconds": round(time.process_time() - loaded, 3), "memory": peak_memory()}
        _write(answers, {"stage": stage} | more)

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


def _write(answers: int, line: dict[str, Any]) -> None:
    data = memoryview(json.dumps(line).encode() + b"\n")
    while data:
        data = data[os.write(answers, data) :]


def _die_with(worker: int) -> None:
    """See to it that this copy ends when the worker is killed."""
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != worker:
        os._exit(1)


def peak_memory() -> int:
    """The most memory that this process has held, in bytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _limit_core_dumps() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):  # not on Windows
        return


def _limit_memory(memory: int) -> None:
    """A limit in bytes that holds even when nobody watches."""
    try:
        import resource

        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    except (ImportError, ValueError, OSError):  # not on Windows
        return


def _limit_seconds(seconds: float, most: float) -> None:
    """The same in CPU seconds, from the start of this process; `most` is what may still be allowed."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(most) + 2))
    except (ImportError, ValueError, OSError):
        return


if __name__ == "__main__":
    main()
