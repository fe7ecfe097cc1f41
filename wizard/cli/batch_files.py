"""The two files of a batch: lines in, rows out, both streamed, and how a run goes on where another one stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from wizard.cli.row_file import RowFile
from wizard.core.access_token import clean_line
from wizard.core.cases.reading import fingerprint
from wizard.core.images.image_file import MOST_IMAGES, is_address
from wizard.core.models.thinking import AUTO, MOST_TOKENS, OFF
from wizard.core.problem import Problem, usage
from wizard.flow.operate.batch.lines import BatchInput, BatchRow
from wizard.flow.operate.call.thinking import read_think

LONGEST_LINE = 8 << 20  # bytes; a prompt that no model reads
_ROW = b'{"line": '  # how every row begins
_BOM = b"\xef\xbb\xbf"
_KEYS = ("prompt", "max_tokens", "think", "adapter", "id", "images")


def open_input(path: Path) -> BinaryIO:
    """The input, with its first bytes looked at. Raises Problem (exit code 2)."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise usage("file_unreadable", f"{path} cannot be read: {error.strerror}.") from error
    try:
        start = file.read(4)
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise usage("file_not_text", f"{path} is UTF-16 text.", "Save it as UTF-8, one JSON value a line.")
        file.seek(len(_BOM) if start.startswith(_BOM) else 0)
    except OSError as error:  # a pipe, which cannot be counted either
        file.close()
        raise usage("file_unreadable", f"{path} is not a file that can be read twice: {error.strerror}.") from error
    except Problem:
        file.close()
        raise
    return file


def count_lines(file: BinaryIO) -> int:
    """How many lines hold anything, from here on; the position stays."""
    position, number = file.tell(), 0
    for _ in _lines(file):
        number += 1
    file.seek(position)
    return number


def read_inputs(file: BinaryIO, after: int = 0) -> Iterator[BatchInput]:
    """Lines as inputs, with their numbers in the file; empty ones are passed over, and so are those up to `after`."""
    folder = Path(file.name).parent
    for number, raw in _lines(file):
        if number > after:
            yield read_input(number, raw, folder)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while raw := file.readline(LONGEST_LINE + 2):
        number += 1
        whole = raw.endswith(b"\n")
        while not whole and (more := file.readline(LONGEST_LINE)):  # the rest of a line that is too long
            whole = more.endswith(b"\n")
        if raw.strip():
            yield number, raw.strip()


def read_input(number: int, raw: bytes, folder: Path = Path()) -> BatchInput:
    """One line: a JSON string, or an object with `prompt`, and `max_tokens`, `think`, `adapter`, `id` and `images` if
    wanted.

    Images are paths as seen from `folder`, or addresses.
    """
    mark = fingerprint(raw)
    try:
        if len(raw) > LONGEST_LINE:
            raise ValueError(f"it is longer than {LONGEST_LINE >> 20} MiB")
        data = json.loads(raw.decode("utf-8"))
        return _as_input(number, mark, data, folder)
    except UnicodeDecodeError as error:
        return BatchInput(number, mark, error=f"line {number} is not UTF-8 text (byte {error.start + 1})")
    except json.JSONDecodeError as error:
        return BatchInput(number, mark, error=f"line {number} is not JSON: {error.msg} at column {error.colno}")
    except (ValueError, RecursionError) as error:
        return BatchInput(number, mark, error=clean_line(f"line {number} cannot be used: {error}"))


def _as_input(number: int, mark: str, data: Any, folder: Path) -> BatchInput:
    line = {"prompt": data} if isinstance(data, str) else data
    if not isinstance(line, dict):
        raise ValueError("a string or an object with a prompt is expected")
    if unknown := [key for key in line if key not in _KEYS]:
        raise ValueError(f"unknown key {unknown[0]!r}; a line has {', '.join(_KEYS)}")
    prompt, most = line.get("prompt"), line.get("max_tokens")
    if not isinstance(prompt, str) or not prompt.strip():
        raise ValueError("there is no prompt in it")
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or not 1 <= most <= MOST_TOKENS):
        raise ValueError(f"max_tokens is not a number from 1 to {MOST_TOKENS}")
    prompt.encode()  # half of a surrogate pair is JSON, but no text
    images = line.get("images") or []
    if not isinstance(images, list) or not all(isinstance(each, str) and each for each in images):
        raise ValueError("images is a list of paths")
    if len(images) > MOST_IMAGES:
        raise ValueError(f"{len(images):,} images are too many: one prompt takes up to {MOST_IMAGES}")
    found = tuple(each if is_address(each) else str(folder / each) for each in images)
    adapter = line.get("adapter")
    if adapter is not None and not isinstance(adapter, str):
        raise ValueError("adapter is not a text")
    think = _think_of(line.get("think"))
    return BatchInput(number, mark, prompt, most, line.get("id"), think=think, images=found, adapter=adapter)


def _think_of(value: object) -> int | str | None:
    """How far the model may reason for one line: a number, off, auto, true or false."""
    if value is None:
        return None
    if isinstance(value, bool):
        return AUTO if value else OFF
    if not isinstance(value, int | str):
        raise ValueError("think is neither off, auto nor a number of tokens")
    try:
        return read_think("think", str(value))
    except Problem as problem:
        raise ValueError(problem.message.removesuffix(".")) from problem


class OutputFile(RowFile):
    """Rows of a batch. Use `open`; one batch at a time may write to a file."""

    def __init__(self, path: Path, descriptor: int, *, made: bool) -> None:
        super().__init__(path, descriptor, made=made)
        self.last_line = 0  # of the input, that an earlier run has done
        self.before = 0  # rows that were there

    @classmethod
    def open(cls, path: Path, source: BinaryIO, *, resume: bool) -> OutputFile:
        """Begin a file, or go on with one that was made from `source`. Raises Problem (exit code 2)."""
        file = cls.begin(path)
        try:
            if file.is_same(source):
                raise usage("output_is_input", "IN and OUT are the same file.", "Name another OUT with -o.")
            file.claim("Another batch is writing to")
            if file.size:
                if not resume:
                    hint = "Pass --resume to continue it, or name another file."
                    raise usage("output_exists", f"{path} is not empty.", hint)
                file._go_on(source)
        except BaseException:
            file.give_up()
            raise
        return file

    def _go_on(self, source: BinaryIO) -> None:
        """Find the end of the last whole row; what a killed run wrote half is cut off."""
        last = b""
        for row in self.whole_rows():
            last, self.before = row, self.before + 1
        if last:
            try:
                done = json.loads(last)
                self.last_line, mark = int(done["line"]), str(done["input"])
            except (ValueError, KeyError, TypeError) as error:
                raise _foreign(self.path) from error
            self._check_belongs_to(source, mark)
        if self.rest and not (self.rest.startswith(_ROW) or _ROW.startswith(self.rest)):
            raise _foreign(self.path)
        self.cut()

    def _check_belongs_to(self, source: BinaryIO, mark: str) -> None:
        """Raise Problem (exit code 2) unless the last row was made from this input; its position stays."""
        position = source.tell()
        raw = next((raw for number, raw in _lines(source) if number == self.last_line), b"")
        source.seek(position)
        if fingerprint(raw) != mark:
            hint = "Continue with the input it was made from, or name another file."
            raise usage("output_of_another", f"{self.path} was made from another input.", hint)

    def write(self, row: BatchRow) -> None:
        """Add a row; it is on disk after `flush`. Raises Problem (exit code 2) when the disk refuses."""
        self.add(row.to_mapping())


def _foreign(path: Path) -> Problem:
    return usage("output_foreign", f"{path} is not the output of a batch.", "Name another file with -o.")
