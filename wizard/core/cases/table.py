"""Tables of cases, as spreadsheets export them: a column for the prompt and one for each field of the answer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wizard.core.cases.case import Case, Cell, read_messages, with_system
from wizard.core.schema.json_value import JsonObject, JsonValue

SEPARATORS = (",", ";", "\t")
LONGEST_CELL = 8 << 20
_OURS = ("prompt", "system", "messages", "image", "images", "id", "max_tokens", "expected")
_PREFIX = "expected."


@dataclass(frozen=True)
class _Columns:
    """Where everything stands: columns of ours by name, and those of the answer's fields."""

    ours: dict[str, int]
    fields: tuple[tuple[str, int], ...]

    def text(self, row: Sequence[str], name: str) -> str:
        at = self.ours.get(name)
        return row[at].strip() if at is not None and at < len(row) else ""


def read_table(data: bytes, errors: list[str]) -> Iterator[tuple[int, Case]]:
    """Rows as cases, with their lines in the file; a sentence in `errors` for each that cannot be used."""
    try:
        text = _decode(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        errors.append(f"line {line}: not UTF-8 text; save the table as “CSV UTF-8”")
        return
    separator = _separator(text)
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        try:
            header = next(rows, [])
            columns = _columns(header)
        except ValueError as error:
            errors.append(f"line 1: {error}")
            return
        except csv.Error as error:
            errors.append(f"line 1: not a table: {error}")
            return
        line = rows.line_num + 1
        while True:
            try:
                row = next(rows)
                if any(cell.strip() for cell in row):
                    yield line, _case(line, row, columns, len(header), comma=separator != ",")
            except StopIteration:
                return
            except ValueError as error:
                errors.append(f"line {line}: {error}")
            except csv.Error as error:
                errors.append(f"line {line}: not a table: {error}")
                return
            line = rows.line_num + 1
    finally:
        csv.field_size_limit(before)


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # what Excel calls Unicode text
        return data.decode("utf-16")
    return data.decode("utf-8-sig")


def _separator(text: str) -> str:
    """What makes the most columns of the first row."""

    def columns(separator: str) -> int:
        return len(next(csv.reader(io.StringIO(text[:100_000], newline=""), delimiter=separator), []))

    return max(SEPARATORS, key=columns)


def _columns(header: Sequence[str]) -> _Columns:
    names = [name.strip() for name in header]
    twice = next((name for name in names if name and names.count(name) > 1), "")
    if twice:
        raise ValueError(f"two columns are called {twice!r}")
    lowered = {name.lower(): at for at, name in enumerate(names)}
    ours = {name: lowered[name] for name in _OURS if name in lowered}
    if "prompt" not in ours and "messages" not in ours:
        raise ValueError("no column is called prompt")
    prefixed = [(name[len(_PREFIX) :], at) for at, name in enumerate(names) if name.lower().startswith(_PREFIX)]
    others = [(name, at) for at, name in enumerate(names) if name and at not in ours.values()]
    fields = () if "expected" in ours else tuple(prefixed or others)
    if "expected" not in ours and not fields:
        raise ValueError("no column holds what is expected: expected, or one for each field of the answer")
    return _Columns(ours, fields)


def _case(line: int, row: Sequence[str], columns: _Columns, width: int, *, comma: bool) -> Case:
    if len(row) > width:
        raise ValueError(f"{len(row)} cells in a table of {width} columns")
    cells = tuple((name, Cell(row[at], comma)) for name, at in columns.fields if at < len(row) and row[at].strip())
    expected = columns.text(row, "expected")
    if not cells and not expected:
        raise ValueError("nothing is expected of the answer")
    whole: JsonValue | Cell = None
    if expected:
        read = Cell(expected, comma).like(None)
        whole = read if isinstance(read, dict | list) else Cell(expected, comma)
    prompt, system, most = (columns.text(row, name) for name in ("prompt", "system", "max_tokens"))
    if most and not most.isdecimal():
        raise ValueError("max_tokens is not a whole number")
    images = columns.text(row, "images") or columns.text(row, "image")
    return Case(
        line,
        prompt,
        whole,
        cells,
        messages=_messages(columns.text(row, "messages"), system, prompt),
        images=tuple(each.strip() for each in images.replace("\n", ";").split(";") if each.strip()),
        id=columns.text(row, "id") or None,
        max_tokens=int(most) if most else None,
    )


def _messages(text: str, system: str, prompt: str) -> tuple[JsonObject, ...]:
    if text:
        try:
            found = json.loads(text)
        except ValueError as error:
            raise ValueError("messages are not JSON") from error
        return read_messages(found)
    return with_system(system, prompt) if system else ()
