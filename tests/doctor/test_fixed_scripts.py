"""Whatever the script: what is changed is Python, imports where it did before, shows nothing new, and changes once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doctor.drawn import draw
from tests.doctor.importing import import_errors
from tests.doctor.scripts import CLEAN, FAULTY, PUBLISHED, read
from tests.support.session import nightly_beside
from wizard.core.doctor.finding import ModelInfo
from wizard.core.doctor.fixes.safety import compiles, new_findings
from wizard.core.doctor.rules.registry import apply_fixes, models_of, run_rules
from wizard.services.scripts.syntax_tree import read_script

SECRET = "outlines-wizard-hf"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
SCRIPTS = [*FAULTY, *CLEAN, PUBLISHED]


def checked(source: str, *, with_hub: bool = False) -> str:
    """The script after its changes, each of the promises kept."""
    models = {name: ModelInfo(True, COMMIT, 4.0) for name in models_of(read_script(source))} if with_hub else {}
    result = apply_fixes(source, read_script, models, SECRET)
    assert compiles(result.source)
    before = run_rules(read_script(source), models, SECRET)
    after = run_rules(read_script(result.source), models, SECRET)
    assert new_findings(before, after, result.fixed) == []
    assert apply_fixes(result.source, read_script, models, SECRET).source == result.source
    comments = [line.partition("#")[2] for line in source.splitlines() if "#" in line]
    assert [each for each in comments if each not in result.source and "YOUR_TOKEN" not in each] == []
    assert ("\r" in result.source) == ("\r" in source)
    assert result.source.count("\n") == result.source.count("\r\n") or "\r" not in source
    return result.source


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "with_hub", [False, pytest.param(True, marks=pytest.mark.long)], ids=["offline", "with the Hub"]
)
def test_every_script_of_the_tests(path: Path, with_hub: bool) -> None:
    checked(read(path), with_hub=with_hub)


@pytest.mark.parametrize("seed", range(14))
def test_scripts_that_are_drawn(seed: int) -> None:
    checked(draw(seed))


@pytest.mark.long
@pytest.mark.parametrize("part", nightly_beside([0], range(4)))
def test_many_drawn_scripts_import_where_they_did_before(part: int, tmp_path: Path) -> None:
    pairs: list[Path] = []
    sources = [draw(seed) for seed in range(1000 + 60 * part, 1060 + 60 * part)]
    sources += [read(path) for path in SCRIPTS] if part == 0 else []
    for number, source in enumerate(sources):
        for when, text in (("before", source), ("after", checked(source, with_hub=number % 2 == 0))):
            path = tmp_path / f"{when}_{number}.py"
            path.write_bytes(text.encode())
            pairs.append(path)
    said = import_errors(pairs, tmp_path)
    worse = {
        path.name: after
        for path, before, after in zip(pairs[::2], said[::2], said[1::2], strict=True)
        if not before and after
    }
    assert worse == {}
    assert sum(not each for each in said[1::2]) > sum(not each for each in said[::2]), "more import than before"
