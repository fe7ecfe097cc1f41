"""Adding a case to a cases file that a person names: what is in the file already stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wizard.core.cases.reading import is_table, read_cases
from wizard.core.problem import Problem, usage

USUAL_NAME = "cases.jsonl"


@dataclass(frozen=True)
class PlacedCase:
    """Where a case is. `is_new`: it was added; otherwise the same line was there already."""

    file: Path
    line: int
    is_new: bool

    @property
    def words(self) -> str:
        """What is said of it."""
        where = f"line {self.line} of {self.file}"
        return f"Added as {where}" if self.is_new else f"Already there: {where}"


def add_case(path: Path, line: str) -> PlacedCase:
    """Add one line of JSON at the end of a cases file, which is made where there is none. Raises Problem (exit code 2)
    for a file that holds anything else."""
    try:
        before = path.read_bytes() if path.exists() else b""
        if is_table(before, path.name) if before else path.suffix.lower() in (".csv", ".tsv", ".tab"):
            raise _not_cases(path, "it is a table")
        if before.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
            raise _not_cases(path, "it is one JSON list")
        if before.strip() and (errors := read_cases(before, path.name).errors):
            raise _not_cases(path, errors[0])
        lines = before.splitlines()
        if (same := line.encode()) in lines:
            return PlacedCase(path, lines.index(same) + 1, False)
        ends = not before or before.endswith(b"\n")
        with path.open("ab") as file:
            file.write((b"" if ends else b"\n") + same + b"\n")
    except OSError as error:
        raise Problem(
            "file_not_written", f"{path} cannot be written: {error.strerror}.", "Name another file."
        ) from error
    return PlacedCase(path, before.count(b"\n") + (1 if ends else 2), True)


def _not_cases(path: Path, why: str) -> Problem:
    return usage("cases_invalid", f"Nothing was added to {path}: {why}.", f"Name another file, such as {USUAL_NAME}.")
