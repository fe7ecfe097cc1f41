"""No screen holds a rule: without `wizard/tui` everything headless is as it was. `make headless` runs it all."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.headless import copy_without_screens, run_tests

SAMPLE = (
    "tests/core",
    "tests/cli/test_help.py",
    "tests/journeys/test_whole_job.py::test_a_newcomer_gets_a_valid_sample_from_a_gated_model",
)


@pytest.mark.long
@pytest.mark.slow
def test_without_its_screens_the_program_does_the_whole_job(tmp_path: Path) -> None:
    if importlib.util.find_spec("torch") is None:
        pytest.skip("a rehearsal needs torch")
    copy = copy_without_screens(tmp_path / "project")
    assert not (copy / "wizard" / "tui").exists()
    where = "import wizard, importlib.util; print(wizard.__file__, importlib.util.find_spec('wizard.tui'))"
    said = subprocess.run(
        [sys.executable, "-c", where], cwd=copy, env={"PYTHONPATH": str(copy)}, capture_output=True, text=True
    )
    assert said.stdout.split() == [str(copy / "wizard" / "__init__.py"), "None"], "the copy is what is tested"
    done = run_tests(copy, *SAMPLE)
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout and " skipped" not in done.stdout, done.stdout[-400:]


def test_no_headless_test_needs_a_screen(tmp_path: Path) -> None:
    """All of them run by `make headless`; that they can be imported is cheap to see each time."""
    copy = copy_without_screens(tmp_path / "project")
    assert (copy / "README.zh-CN.md").exists() and not (copy / "tests" / "packaging").exists()
    tests = [path for path in (copy / "tests").rglob("*.py") if "wizard.tui" in path.read_text(encoding="utf-8")]
    assert [path.relative_to(copy).as_posix() for path in tests] == []
