"""What is done on this machine: compiling output types, judging samples, writing files."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from wizard.core.lint.report import LintReport
from wizard.core.output.output_type import OutputType
from wizard.core.problem import Problem, usage
from wizard.flow.lint.lint import refuse_unenforced
from wizard.flow.ports.workbench import FileOutcome, Judgement, LintRequest
from wizard.services.lint.class_schema import ask_class
from wizard.services.validation.answer_validator import judge_output
from wizard.services.validation.schema_validator import check_schema

KEPT_FILES = 12


class Workbench:
    """A WorkbenchPort over jsonschema, the structured-output backends and the local disk.

    `cache` is the folder for fetched tokenizers; None for a temporary one.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._passing: tempfile.TemporaryDirectory[str] | None = None

    async def lint(self, request: LintRequest) -> LintReport:
        """Ask the structured-output backends about an output type, in child processes. Raises Problem."""
        from wizard.services.lint.linter import lint

        return await lint(request)

    async def kept(self, name: str, fetch: Callable[[], Awaitable[bytes]]) -> Path:
        """The path of a file that is fetched the first time and kept for later, the latest few of them."""
        if self._cache is None:
            self._passing = tempfile.TemporaryDirectory(prefix="outlines-wizard-")
            self._cache = Path(self._passing.name)
        path = self._cache / name
        if path.is_file():
            return path
        data = await fetch()
        await asyncio.to_thread(_keep, path, data)
        return path

    async def schema_of_class(self, reference: str) -> str:
        """The JSON Schema of a Pydantic class, taken in a child process. Raises Problem."""
        return await ask_class(reference)

    async def compile(self, output: OutputType, backend: str) -> str:
        """Prove that the output type compiles. Raises Problem (exit code 2) naming what is wrong with it."""
        if output.form == "none":
            return "free text: nothing to compile"
        if output.kind == "schema":  # here, so that the place of what is wrong comes along
            await asyncio.to_thread(check_schema, json.loads(output.spec))
        report = await self.lint(LintRequest(output, backend, thorough=False, propose=False))
        refuse_unenforced(report, backend)
        return f"compiles with {report.chosen}"

    def judge(self, output: OutputType, text: str) -> Judgement:
        """Validate `text` without the engine that produced it."""
        return judge_output(output, text)

    def look(self, path: Path, text: str) -> FileOutcome:
        """What `write` would do."""
        try:
            return "kept" if path.read_bytes() == text.encode() else "updated"
        except FileNotFoundError:
            folder = next(parent for parent in path.absolute().parents if parent.exists())
            if not os.access(folder, os.W_OK):
                raise _not_written(path, PermissionError(13, "Permission denied")) from None
            return "created"
        except NotADirectoryError as error:
            raise _not_written(path, error) from error
        except OSError:
            return "updated"

    def write(self, path: Path, text: str) -> FileOutcome:
        """Write a file whole or not at all. Raises Problem (exit code 2) when the disk refuses."""
        path = Path(os.path.realpath(path))  # a link stays one, and its target is written
        outcome = self.look(path, text)
        if outcome == "kept":
            return outcome
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                os.chmod(name, _mode_of(path))
                os.replace(name, path)
            except BaseException:
                os.unlink(name)
                raise
        except OSError as error:
            raise _not_written(path, error) from error
        return outcome


def _mode_of(path: Path) -> int:
    """The permissions that a file has, or that a new one of this person's gets."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        os.umask(mask := os.umask(0o077))
        return 0o666 & ~mask


def _keep(path: Path, data: bytes) -> None:
    """Write whole or not at all, for this person alone, and let the oldest ones go."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
        whole = [each for each in path.parent.iterdir() if not each.name.startswith(".")]
        for old in sorted(whole, key=_when_written)[:-KEPT_FILES]:
            old.unlink(missing_ok=True)  # another process may be at the same
    except OSError as error:
        raise usage("cache_not_written", f"{path.parent} cannot be written: {error.strerror}.") from error


def _when_written(path: Path) -> float:
    """In seconds since 1970; 0 of a file that has gone meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _not_written(path: Path, error: OSError) -> Problem:
    return usage(
        "file_not_written", f"{path} cannot be written: {error.strerror}.", "Choose another folder with --output-dir."
    )
