"""Logs that were read, kept on this machine: a folder for each app, a text file for each day (UTC).

A line that is read twice is kept once, whichever command reads it, so the files can be read like the log itself.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import platformdirs

from wizard.core.access_token import clean
from wizard.core.events import LogLine
from wizard.core.private_file import owner_only_opener

LONGEST_LINE = 100_000  # characters


class LogStore:
    """The files of one app. A disk that refuses only means that nothing is kept; `close` says so."""

    def __init__(self, workspace: str, environment: str, app: str) -> None:
        parts = (re.sub(r"[^\w.-]", "_", part).lstrip(".") or "_" for part in (workspace, environment, app))
        self.folder = Path(platformdirs.user_log_dir("outlines-wizard", appauthor=False), *parts)
        self.files: list[Path] = []
        self._day = ""
        self._file: TextIO | None = None
        self._kept: dict[str, Counter[int]] = {}  # by day: how often each line was in the file when it was opened
        self._seen: dict[str, Counter[int]] = {}
        self._trouble = ""

    def add(self, line: LogLine) -> None:
        """Keep a line unless it is there already."""
        if self._trouble:
            return
        moment = datetime.fromtimestamp(line.at, UTC)
        text = f"{moment:%Y-%m-%dT%H:%M:%S.%fZ} {line.source:<6} {_one_line(line.text)}\n"
        day = f"{moment:%Y-%m-%d}"
        try:
            if day != self._day or self._file is None:
                self._turn_to(day)
            key = hash(text)
            self._seen[day][key] += 1
            if self._file is not None and self._seen[day][key] > self._kept[day][key]:
                self._file.write(text)
        except OSError as error:
            self._trouble = error.strerror or type(error).__name__
            self._shut()

    def close(self) -> str:
        """Give the file back; one sentence on where the log is."""
        self._shut()
        if self._trouble:
            return f"The log could not be saved in `{self.folder}`: {self._trouble}."
        return f"The log is saved in `{self.folder}` (--no-save turns this off)." if self.files else ""

    def _turn_to(self, day: str) -> None:
        self._shut()
        path = self.folder / f"{day}.log"
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if day not in self._kept:
            self._kept[day], self._seen[day] = Counter(), Counter()
            if path.is_file():
                with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
                    self._kept[day].update(map(hash, file))
            self.files.append(path)
        self._day = day
        self._file = open(path, "a", encoding="utf-8", newline="\n", buffering=1, opener=owner_only_opener)  # noqa: SIM115

    def _shut(self) -> None:
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                self._trouble = self._trouble or error.strerror or type(error).__name__
            self._file = None


def _one_line(text: str) -> str:
    return " ".join(clean(text[:LONGEST_LINE]).splitlines())
