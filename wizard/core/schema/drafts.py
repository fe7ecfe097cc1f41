"""The drafts of JSON Schema that `$schema` may name; any other address is nobody's, and some backends refuse it."""

from __future__ import annotations

import re
from typing import Any

from wizard.core.schema.json_value import JsonValue

_OLD = re.compile(r"https?://json-schema\.org/draft-0([3467])/schema#?")
_NEW = re.compile(r"https?://json-schema\.org/draft/(2019-09|2020-12)/schema#?")


def draft_address(schema: Any) -> str:
    """The address of the draft that a schema names, as that draft writes it; empty where it names none of them."""
    named = schema.get("$schema") if isinstance(schema, dict) else None
    if not isinstance(named, str):
        return ""
    if (old := _OLD.fullmatch(named.strip())) is not None:
        return f"http://json-schema.org/draft-0{old[1]}/schema#"
    new = _NEW.fullmatch(named.strip())
    return f"https://json-schema.org/draft/{new[1]}/schema" if new is not None else ""


def names_unknown_draft(schema: Any) -> bool:
    """Whether `$schema` is an address that no draft has; https for http is taken for a slip."""
    return isinstance(schema, dict) and isinstance(schema.get("$schema"), str) and not draft_address(schema)


def with_known_draft(schema: JsonValue) -> JsonValue:
    """The schema with its draft as the draft writes it, or without `$schema`; itself where there is nothing to do."""
    if not isinstance(schema, dict) or "$schema" not in schema:
        return schema
    address, named = draft_address(schema), str(schema["$schema"])
    if address and named.rstrip("#") == address.rstrip("#"):
        return schema
    rest = {key: part for key, part in schema.items() if key != "$schema"}
    return {"$schema": address, **rest} if address else rest
