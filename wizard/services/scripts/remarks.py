"""Source without its remarks: comments and docstrings are blanks of the same length, so that every place stays."""

from __future__ import annotations

import ast
import io
import tokenize


def without_remarks(source: str) -> bytes:
    """The UTF-8 bytes of a source that Python has parsed, with nothing in them that only a reader reads."""
    data = bytearray(source.encode())
    starts = [0, *(place + 1 for place, byte in enumerate(data) if byte == 10)]
    for start, end in (*_comments(source, starts), *_docstrings(source, starts)):
        data[start:end] = bytes(byte if byte in b"\r\n" else 32 for byte in data[start:end])
    return bytes(data)


def _comments(source: str, starts: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source, newline="").readline):
            if token.type == tokenize.COMMENT:
                start = starts[token.start[0] - 1] + len(token.line[: token.start[1]].encode())
                found.append((start, start + len(token.string.encode())))
    except (tokenize.TokenError, SyntaxError, IndexError):
        return found
    return found


def _docstrings(source: str, starts: list[int]) -> list[tuple[int, int]]:
    """Texts that are statements of their own."""
    found: list[tuple[int, int]] = []
    for node in ast.walk(ast.parse(source)):
        text = node.value if isinstance(node, ast.Expr) else None
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and (text.end_lineno or 0) <= len(starts):
            end_line, end = text.end_lineno or text.lineno, text.end_col_offset or 0
            found.append((starts[text.lineno - 1] + text.col_offset, starts[end_line - 1] + end))
    return found
