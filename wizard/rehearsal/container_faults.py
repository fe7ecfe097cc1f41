"""What goes wrong inside of a container in a rehearsal, for real: programs that Python runs before anything else there.

Each is a ``sitecustomize.py`` that every container of the stand-in finds on its path. They change nothing until
`outlines` is imported, which only the GPU function does, and never before a container forks: so they may run after
other imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_WHEN_OUTLINES_IS_THERE = """
import builtins
import sys

_import = builtins.__import__


def watch(name, *rest, **more):
    module = _import(name, *rest, **more)
    outlines = sys.modules.get("outlines")
    if hasattr(outlines, "from_transformers") and hasattr(outlines, "Generator"):
        builtins.__import__ = _import
        change(outlines)
    return module


builtins.__import__ = watch
"""

_OUT_OF_MEMORY = """

def change(outlines):
    import os

    from modal_proto import api_pb2

    with open(os.environ["MODAL_CONTAINER_ARGUMENTS_PATH"], "rb") as file:
        arguments = api_pb2.ContainerArguments.FromString(file.read())
    if arguments.function_def.resources.gpu_config.gpu_type != "T4":  # a larger one is the way out
        return

    def from_transformers(*rest, **more):
        import torch

        raise torch.OutOfMemoryError(
            "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 14.56 GiB of which 1.12 GiB "
            "is free. Including non-PyTorch memory, this process has 13.43 GiB memory in use."
        )

    outlines.from_transformers = from_transformers
"""

_NO_START = """

def change(outlines):
    def from_transformers(*rest, **more):
        raise ValueError("the tokenizer and the weights do not belong together")

    outlines.from_transformers = from_transformers
"""

_SLOW_START = """

def change(outlines):
    def from_transformers(*rest, **more):
        import time

        time.sleep(3600)

    outlines.from_transformers = from_transformers
"""

_SLOW_CALLS = """

def change(outlines):
    real = outlines.Generator

    def is_starting(frame):
        while frame is not None and frame.f_code.co_qualname != "Generator.load":
            frame = frame.f_back
        return frame is not None

    def Generator(*rest, **more):
        import sys
        import time

        if not any(map(is_starting, sys._current_frames().values())):  # start-up may have its first steps on any thread
            time.sleep(3600)
        return real(*rest, **more)

    outlines.Generator = Generator
"""

_NO_PACKAGE = """
import sys


class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "outlines":
            raise ModuleNotFoundError("No module named 'outlines'", name=name)


sys.meta_path.insert(0, Missing())
"""

CONTAINER_FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "package-missing": _NO_PACKAGE,
        "out-of-memory": _WHEN_OUTLINES_IS_THERE + _OUT_OF_MEMORY,
        "never-starts": _WHEN_OUTLINES_IS_THERE + _NO_START,
        "starts-slowly": _WHEN_OUTLINES_IS_THERE + _SLOW_START,
        "answers-slowly": _WHEN_OUTLINES_IS_THERE + _SLOW_CALLS,
    }
)
