"""The JSON Schema of a Pydantic class, taken in a child process: importing somebody's module runs their code."""

from __future__ import annotations

import subprocess
import sys

from wizard.core.access_token import clean_line
from wizard.core.problem import usage

IMPORT_SECONDS = 30.0
_ASK = """
import importlib, json, sys
sys.path.insert(0, "")
module, _, name = sys.argv[1].partition(":")
thing = importlib.import_module(module)
for part in name.split("."):
    thing = getattr(thing, part)
out = sys.stdout
sys.stdout = sys.stderr
if hasattr(thing, "model_json_schema"):
    schema = thing.model_json_schema()
else:
    from pydantic import TypeAdapter
    schema = TypeAdapter(thing).json_schema()
out.write(chr(30) + json.dumps(schema))
"""


def schema_of_class(reference: str) -> str:
    """JSON text for ``module:Class``. Raises Problem (exit code 2) with what went wrong, in the class's own words."""
    module, colon, name = reference.partition(":")
    if not module or not colon or not name:
        raise usage("model_class_invalid", f"--model-class {reference!r} is not of the form module:Class.")
    try:
        child = subprocess.run(
            [sys.executable, "-c", _ASK, reference],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=IMPORT_SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise usage("model_class_slow", f"Importing {module} took longer than {IMPORT_SECONDS:.0f} s.") from error
    if child.returncode != 0:
        said = clean_line(child.stderr.strip().splitlines()[-1] if child.stderr.strip() else "it ended without a word")
        raise usage("model_class_failed", f"--model-class {reference} cannot be used: {said}")
    return child.stdout.rpartition(chr(30))[2]
