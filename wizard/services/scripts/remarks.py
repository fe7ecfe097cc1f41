"""Source without its remarks: comments and docstrings are blanks of the same length, so that every place stays."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

from wizard.core.doctor.python_source import PythonSource
from wizard.core.doctor.script_model import Span


def without_remarks(source: str, parsed: PythonSource) -> bytes:
    """The UTF-8 bytes of a source, with nothing in them that only a reader reads."""
    data = bytearray(parsed.data)
    for start, end in (*_comments(source, parsed), *_docstrings(parsed)):
        data[start:end] = bytes(byte if byte in b"\r\n" else 32 for byte in data[start:end])
    return bytes(data)


def _comments(source: str, parsed: PythonSource) -> list[Span]:
    found: list[Span] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source, newline="").readline):
            if token.type == tokenize.COMMENT:
                start = parsed.place(token.start[0], len(token.line[: token.start[1]].encode()))
                found.append((start, start + len(token.string.encode())))
    except (tokenize.TokenError, SyntaxError, IndexError):
        return found
    return found


def _docstrings(parsed: PythonSource) -> Iterator[Span]:
    """Texts that are statements of their own."""
    for node in parsed.nodes:
        text = node.value if isinstance(node, ast.Expr) else None
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield parsed.span(text)
