"""Cases files: JSON lines, the output of a batch beside its input, or a table that a spreadsheet has exported."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wizard.core.access_token import clean_line
from wizard.core.cases.case import Case, read_messages, with_system
from wizard.core.cases.rules import read_rules
from wizard.core.cases.table import read_table
from wizard.core.schema.json_value import JsonObject, JsonValue

LONGEST = 131_072  # tokens
_KEYS = ("prompt", "system", "messages", "images", "expected", "compare", "id", "max_tokens")
_WORKBOOK = b"PK\x03\x04"


@dataclass
class CasesFile:
    """What a file holds: its cases, a sentence for each line that cannot be used, and how many are passed over."""

    cases: list[Case] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unanswered: int = 0  # lines of a batch's output that have no valid answer

    def add(self, line: int, read: Iterator[Case | None]) -> None:
        """Read one line."""
        try:
            for case in read:
                if case is None:
                    self.unanswered += 1
                else:
                    check_case(case)
                    self.cases.append(case)
        except (ValueError, RecursionError) as error:
            self.errors.append(clean_line(f"line {line}: {error}", 300))


def read_cases(data: bytes, name: str, inputs: bytes | None = None) -> CasesFile:
    """Cases of a file with this name. `inputs` is the input of a batch whose output the file is."""
    found = CasesFile()
    if data.startswith(_WORKBOOK):
        found.errors.append("line 1: this is a workbook, not a table of text; save it as “CSV UTF-8”")
    elif is_table(data, name):
        for line, row in read_table(data, found.errors):
            found.add(line, iter([row]))
    else:
        asked = _batch_inputs(inputs) if inputs is not None else None
        for line, raw in _json_lines(data):
            found.add(line, _read_line(line, raw, asked))
    if not found.cases and not found.errors:
        found.errors.append("line 1: there is no case in it")
    return found


def is_table(data: bytes, name: str) -> bool:
    """Whether a file is a table, as its name says or its first character."""
    suffix = name.lower().rpartition(".")[2]
    if suffix in ("csv", "tsv", "tab"):
        return True
    if suffix in ("json", "jsonl", "ndjson"):
        return False
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] not in (b"{", b"[", b'"', b"")


def _json_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines that hold anything, with their numbers; the elements of a file that is one JSON list."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data.lstrip().startswith(b"["):
        try:
            whole = json.loads(data)
        except (ValueError, RecursionError):
            whole = None
        if isinstance(whole, list):
            yield from ((number, json.dumps(each).encode()) for number, each in enumerate(whole, 1))
            return
    for number, raw in enumerate(data.split(b"\n"), 1):
        if raw.strip():
            yield number, raw.strip()


def fingerprint(raw: bytes) -> str:
    """Twelve digits by which a batch knows a line of its input."""
    return hashlib.sha256(raw).hexdigest()[:12]


def _batch_inputs(data: bytes) -> dict[int, tuple[str, bytes]]:
    lines = enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1)
    return {number: (fingerprint(raw.strip()), raw.strip()) for number, raw in lines if raw.strip()}


def _read_line(line: int, raw: bytes, asked: Mapping[int, tuple[str, bytes]] | None) -> Iterator[Case | None]:
    data = _object(raw)
    if "expected" not in data and {"line", "input", "valid"} <= data.keys():
        yield _of_batch(line, data, asked)
        return
    if unknown := [key for key in data if key not in _KEYS]:
        raise ValueError(f"unknown key {unknown[0]!r}; a case has {', '.join(_KEYS)}")
    if "expected" not in data:
        raise ValueError("there is no expected value in it")
    yield _as_case(line, data, data["expected"])


def _object(raw: bytes) -> JsonObject:
    try:
        data = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(data, dict):
        raise ValueError("an object with a prompt and the expected value is needed")
    return data


def _of_batch(line: int, row: JsonObject, asked: Mapping[int, tuple[str, bytes]] | None) -> Case | None:
    """A row that `batch` has written: its value is what is expected, corrected by hand where it was wrong."""
    if not row["valid"]:
        return None
    data: JsonObject = {"prompt": row["prompt"]} if "prompt" in row else {}
    if not data:
        if asked is None:
            raise ValueError(
                "this is the output of a batch, which has no prompts; name the batch's input with --inputs"
            )
        mark, raw = asked.get(int(str(row["line"])), ("", b""))
        if mark != row["input"]:
            raise ValueError(f"line {row['line']} of --inputs is not what this line answers")
        found = json.loads(raw)
        data = {"prompt": found} if isinstance(found, str) else found
    return _as_case(line, {name: data[name] for name in _KEYS if name in data} | _id_of(row), row.get("value"))


def _id_of(row: JsonObject) -> JsonObject:
    return {"id": row["id"]} if "id" in row else {}


def _as_case(line: int, data: JsonObject, expected: JsonValue) -> Case:
    prompt, system = data.get("prompt", ""), data.get("system")
    if not isinstance(prompt, str):
        raise ValueError("the prompt is not a text")
    messages = read_messages(data.get("messages") or [])
    if messages and (prompt or system):
        raise ValueError("a case has a prompt or messages, not both")
    if system is not None:
        if not isinstance(system, str):
            raise ValueError("the system message is not a text")
        messages = with_system(system, prompt)
    images, compare = data.get("images") or [], data.get("compare") or {}
    if not isinstance(images, list) or not all(isinstance(each, str) and each for each in images):
        raise ValueError("images are a list of paths")
    if not isinstance(compare, dict) or not all(isinstance(each, str) for each in compare.values()):
        raise ValueError("compare is an object with a rule for each field")
    most = data.get("max_tokens")
    if most is not None and (not isinstance(most, int) or isinstance(most, bool)):
        raise ValueError(f"max_tokens is not a number from 1 to {LONGEST}")
    return Case(
        line,
        prompt,
        expected,
        messages=messages,
        images=tuple(str(each) for each in images),
        rules={name: str(each) for name, each in compare.items()},
        id=data.get("id"),
        max_tokens=most,
    )


def check_case(case: Case) -> None:
    """Raise ValueError, with a sentence, for what cannot be asked or compared."""
    if not case.prompt.strip() and not case.messages:
        raise ValueError("there is no prompt in it")
    case.prompt.encode()  # half of a surrogate pair is JSON, but no text
    if case.max_tokens is not None and not 1 <= case.max_tokens <= LONGEST:
        raise ValueError(f"max_tokens is not a number from 1 to {LONGEST}")
    read_rules(case.rules)
