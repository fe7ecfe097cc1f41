"""The JSON Schema of a Pydantic class, taken in a child process: importing somebody's module runs their code."""

from __future__ import annotations

import asyncio

from wizard.services.local.child_process import kill_group
from wizard.services.local.class_child import (
    IMPORT_CLASS,
    IMPORT_SECONDS,
    import_failed,
    import_slow,
    start_class_child,
)

_ASK = (
    IMPORT_CLASS
    + """
out = sys.stdout
sys.stdout = sys.stderr
if hasattr(thing, "model_json_schema"):
    schema = thing.model_json_schema()
else:
    from pydantic import TypeAdapter
    schema = TypeAdapter(thing).json_schema()
out.write(chr(30) + json.dumps(schema))
"""
)


async def ask_class(reference: str) -> str:
    """JSON text for ``module:Class``. Raises Problem (exit code 2) with what went wrong, in the class's own words.

    Cancelling ends the import.
    """
    child = await start_class_child(reference, _ASK, asked=False)
    try:
        async with asyncio.timeout(IMPORT_SECONDS):
            out, said = await child.communicate()
    except TimeoutError as error:
        raise import_slow(reference) from error
    finally:
        await kill_group(child)
    if child.returncode != 0:
        raise import_failed(reference, said)
    return out.decode("utf-8", "replace").rpartition(chr(30))[2]
