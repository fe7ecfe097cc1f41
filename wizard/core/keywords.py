"""Which JSON Schema keywords the structured-output backends keep to. One table, dated."""

from __future__ import annotations

from typing import Any, Literal

Support = Literal["enforced", "ignored", "narrowed", "refused"]


def said_by_the_table(keyword: str, node: dict[str, Any], backend: str) -> Support | None:
    return None


VERSIONS = {"outlines_core": "0.2.14", "llguidance": "1.9.1", "xgrammar": "0.2.8"}


def table_findings(output: Any, backend: str) -> list[Any]:
    return []
