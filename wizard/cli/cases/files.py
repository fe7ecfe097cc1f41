"""The files of `verify --cases`: the cases, the answers that are kept beside the report, and an earlier run's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from wizard.cli.row_file import RowFile
from wizard.core.cases.answer import Answer, judge, rules_of
from wizard.core.cases.case import Case
from wizard.core.cases.comparison import leaves, misfit
from wizard.core.cases.reading import CasesFile, read_cases
from wizard.core.cases.report import Asked, Side
from wizard.core.cases.rules import Rules, label, read_assignment
from wizard.core.images.image_file import is_address, read_image
from wizard.core.next_command import again
from wizard.core.problem import Problem, usage
from wizard.flow.cases.run import kept_answers

NAMED = 5  # so many lines are named one by one
AGAIN = "Pass --resume to continue it, or another -o."


def load_cases(path: Path, inputs: Path | None) -> CasesFile:
    """The cases of a file; images are looked for beside it. Raises Problem (exit code 2) that names every bad line."""
    found = read_cases(_read(path), path.name, _read(inputs) if inputs is not None else None)
    cases = [_with_images(case, path.parent, found.errors) for case in found.cases]
    if found.errors:
        more = len(found.errors) - NAMED
        said = [*found.errors[:NAMED], *([f"{more} more lines cannot be used"] if more > 0 else [])]
        raise usage("cases_invalid", f"{path}: {'; '.join(said)}.", "Correct these lines; nothing was asked yet.")
    if not cases:
        raise usage("cases_invalid", f"{path}: no line has a valid answer.", "Run the batch again.")
    return replace(found, cases=cases)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise usage("file_unreadable", f"{path} cannot be read: {error.strerror}.") from error


def _with_images(case: Case, folder: Path, errors: list[str]) -> Case:
    images = tuple(each if is_address(each) else str(folder / each) for each in case.images)
    for each in images:
        if not is_address(each):
            try:
                read_image(Path(each), f"line {case.line}")
            except Problem as problem:
                errors.append(problem.message.rstrip("."))
    return replace(case, images=images, mark=case.question)


def load_rules(assignments: Sequence[str], cases: Sequence[Case]) -> Rules:
    """The rules of `--compare`, each of which has to fit. Raises Problem (exit code 2)."""
    try:
        rules = Rules(dict(read_assignment(each) for each in assignments))
    except ValueError as error:
        raise usage("rule_invalid", f"--compare: {error}.") from error
    plain = Rules({})  # what is ignored has no field, but a name
    known = dict.fromkeys(label(path) for case in cases for path, _, _ in leaves(case, plain))
    if unknown := rules.unknown(known):
        hint = f"Fields are {', '.join(list(known)[:20])}."
        raise usage("rule_invalid", f"--compare: no case has a field {unknown[0]}.", hint)
    for case in cases:
        if wrong := misfit(case, rules_of(case, rules)):
            raise usage("rule_invalid", f"line {case.line}: {wrong}.", "Choose another rule.")
    return rules


class AnswersFile:
    """Answers of one run as they come, so that none is paid for twice; without a path they are not kept."""

    def __init__(self, file: RowFile | None, key: Mapping[str, Any]) -> None:
        self._file, self._key = file, key
        self.kept: dict[str, list[Answer]] = {}
        self.about: dict[str, Any] = {}
        self.spent = 0.0

    @classmethod
    def open(cls, path: Path | None, key: Mapping[str, Any], *, resume: bool) -> AnswersFile:
        """Begin a file, or go on with one of a run with the same `key`. Raises Problem (exit code 2)."""
        if path is None:
            return cls(None, key)
        file = RowFile.begin(path)
        answers = cls(file, key)
        try:
            file.claim("Another run is writing to")
            if file.size and not resume:
                more = (again("to continue it", "--resume"),)
                raise replace(usage("output_exists", f"{path} is not empty.", AGAIN), next=more)
            answers._go_on(path)
            file.cut()
        except BaseException:
            file.give_up()
            raise
        return answers

    def _go_on(self, path: Path) -> None:
        assert self._file is not None
        rows = [_row(raw, path) for raw in self._file.whole_rows()]
        for run in (row["run"] for row in rows if "run" in row):
            if run != self._key:
                was, now = _difference(run, self._key)
                raise usage(
                    "output_of_another", f"{path} is of a run with {was}; this one has {now}.", "Name another -o."
                )
        self.kept, self.about, self.spent = read_rows(rows)

    def told(self, about: Mapping[str, Any]) -> None:
        """What the function says of itself."""
        self.about = dict(about)
        if self._file is not None:
            self._file.add({"run": self._key, "about": self.about})

    def add(self, answer: Answer) -> None:
        """Keep an answer; it is on disk when this returns."""
        self.spent += answer.spent
        if self._file is not None:
            self._file.add(answer.to_mapping())
            self._file.flush()

    def pay(self, dollars: float) -> None:
        """Keep what was spent beside the answers."""
        self.spent += dollars
        if self._file is not None and dollars:
            self._file.add({"spent": round(dollars, 6)})
            self._file.flush()

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            self._file.flush()
            self._file.close()


def _difference(was: object, now: Mapping[str, Any]) -> tuple[str, str]:
    """In what two runs differ, in words."""
    before = was if isinstance(was, dict) else {}
    name = next((name for name in now if before.get(name) != now[name]), "app")
    return f"{name} {before.get(name)}", f"{name} {now.get(name)}"


def _row(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict) or not ({"run", "question", "spent"} & row.keys()):
        raise usage("output_foreign", f"{path} does not hold answers of verify.", "Name another file.")
    return row


def read_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, list[Answer]], dict[str, Any], float]:
    """Answers by question, what the function says of itself, and dollars."""
    about: dict[str, Any] = next((row["about"] for row in reversed(rows) if isinstance(row.get("about"), dict)), {})
    spent = sum(float(row.get("spent", 0.0)) for row in rows)
    return kept_answers(iter(rows)), about, spent


def load_run(path: Path, cases: Sequence[Case], rules: Rules) -> Side:
    """An earlier run, from its JSON report or its answers, judged anew by these rules. Raises Problem (exit code 2)."""
    data = _read(path)
    try:
        report = json.loads(data)
    except (ValueError, RecursionError):
        report = None
    if isinstance(report, dict) and isinstance(report.get("answers"), list):
        rows = [row for row in report["answers"] if isinstance(row, dict)]
        answers, _, _ = read_rows(rows)
        about = {name: report[name] for name in ("model", "revision", "device", "dtype", "packages") if name in report}
        at, cost = str(report.get("at", "")), report.get("cost")
        asked = Asked(str(report.get("app")), str(report.get("app_id")), report.get("version"), at, about)
        asked = replace(asked, options=str(report.get("options", "")), file=str(path))
    else:
        rows = [_row(raw, path) for raw in data.splitlines(keepends=True) if raw.endswith(b"\n") and raw.strip()]
        if not rows:
            raise usage("output_foreign", f"{path} does not hold answers of verify.", "Name another file.")
        answers, about, cost = read_rows(rows)
        run: dict[str, Any] = next((row["run"] for row in rows if isinstance(row.get("run"), dict)), {})
        asked = Asked(
            str(run.get("app", "?")), str(run.get("app_id", "")), run.get("version"), about=about, file=str(path)
        )
    found = tuple(judge(case, answers[case.question].pop(0), rules) for case in cases if answers.get(case.question))
    if not found:
        hint = "Make one with `outlines-wizard verify APP --cases FILE -o REPORT`."
        raise usage("against_without_cases", f"{path} has no answer to any of these cases.", hint)
    return Side(asked, found, cost if isinstance(cost, float) and cost else None)
