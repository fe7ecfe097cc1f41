"""The whole log on disk: what the screen forgets is still there."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TextIO

import platformdirs

from wizard.core.events import LogLine
from wizard.core.private_file import owner_only_opener


@lru_cache(maxsize=64)
def _moment(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class LogFile:
    """Written in batches. A disk that refuses only means that there is no file; `write_error` says so.

    The log of a rehearsal goes when it is closed, unless the person has been told where it is (`keep`).
    """

    def __init__(self, app: str, *, rehearsal: bool) -> None:
        self._app, self._rehearsal = re.sub(r"[^\w.-]", "_", app), rehearsal
        self._file: TextIO | None = None
        self.path: Path | None = None
        self.write_error = ""
        self._kept = not rehearsal

    def keep(self) -> Path | None:
        """Leave the file on disk in any case; returns where it is, if anything was written."""
        self._kept = True
        return self.path

    def write(self, lines: Iterable[LogLine]) -> None:
        """Append lines, whose texts are clean; the file is made with the first of them."""
        if self.write_error:
            return
        try:
            if self._file is None:
                self._file = self._open()
            self._file.writelines(f"{_moment(int(line.at))} {line.source:<6} {line.text}\n" for line in lines)
            self._file.flush()
        except OSError as error:
            self._refuse(error)
            self.close()

    def _open(self) -> TextIO:
        if self._rehearsal:
            folder = Path(tempfile.mkdtemp(prefix="outlines-wizard-log-"))
        else:
            folder = Path(platformdirs.user_log_dir("outlines-wizard", appauthor=False))
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / f"{self._app}-{time.strftime('%Y%m%d-%H%M%S')}.log"
        return open(self.path, "a", encoding="utf-8", errors="replace", newline="\n", opener=owner_only_opener)

    def close(self) -> None:
        """Give the file back; that of a rehearsal goes, with its folder."""
        if self._file is not None:
            try:
                self._file.close()  # writes what is left of a batch, which a full disk refuses once more
            except OSError as error:
                self._refuse(error)
            self._file = None
        if self.path is not None and not self._kept:
            shutil.rmtree(self.path.parent, ignore_errors=True)
            self.path = None

    def _refuse(self, error: OSError) -> None:
        self.write_error = self.write_error or f"the log cannot be saved: {error.strerror}"
