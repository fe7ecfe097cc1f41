"""Findings at their lines, silence about clean scripts, and changes that mend and do nothing else."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from tests.doctor.scripts import CLEAN, FAULTY, PUBLISHED, faults, read
from wizard.codegen.app_file import render_app
from wizard.core.doctor.finding import ModelInfo
from wizard.core.doctor.rules.registry import apply_fixes, diff, run_rules
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.plan import Plan
from wizard.services.scripts.syntax_tree import read_script

SECRET = "outlines-wizard-hf"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_there_are_enough_scripts() -> None:
    assert len(FAULTY) >= 10
    assert len(CLEAN) >= 10
    assert len({name for path in FAULTY for _, name in faults(read(path))}) >= 18


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.stem)
def test_every_fault_is_found_at_its_line_and_no_other(path: Path) -> None:
    source = read(path)
    found = run_rules(read_script(source), {}, SECRET)
    assert {(finding.line, finding.name) for finding in found} == faults(source)
    assert all(finding.detail and finding.hint and finding.status in ("warning", "failed") for finding in found)


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_a_clean_script_has_no_finding(path: Path) -> None:
    assert run_rules(read_script(read(path)), {}, SECRET) == []
    assert apply_fixes(read(path), read_script, {}, SECRET).source == read(path)


@pytest.mark.parametrize("backend", ["llguidance", "outlines_core", "xgrammar"])
def test_the_app_file_of_this_program_has_no_finding(backend: str) -> None:
    plan = Plan("meta-llama/Llama-3.1-8B", COMMIT, "demo", CHARACTER, "Describe somebody.", "L4", True, backend=backend)
    for endpoint in (False, True):
        source = render_app(replace(plan, endpoint=endpoint))
        assert [finding.name for finding in run_rules(read_script(source), {}, SECRET)] == []


@pytest.mark.parametrize("path", [*FAULTY, PUBLISHED], ids=lambda path: path.stem)
def test_a_mended_script_is_python_and_has_nothing_left_to_mend_by_itself(path: Path) -> None:
    source = read(path)
    mended = apply_fixes(source, read_script, {}, SECRET)
    ast.parse(mended.source)
    left = run_rules(read_script(mended.source), {}, SECRET)
    assert [finding.name for finding in left if finding.edits] == []
    assert {finding.name for finding in left} <= {finding.name for finding in mended.left}
    assert apply_fixes(mended.source, read_script, {}, SECRET).source == mended.source
    assert len(mended.fixed) + len(mended.left) >= len(faults(source))


@pytest.mark.parametrize("path", [*FAULTY, PUBLISHED], ids=lambda path: path.stem)
def test_comments_and_lines_that_are_not_at_fault_stay_as_they_are(path: Path) -> None:
    source = read(path)
    mended = apply_fixes(source, read_script, {}, SECRET).source
    removed = [line[1:] for line in diff(source, mended, "x").splitlines() if line.startswith("-") and line[1:2] != "-"]
    kept = [line for line in source.splitlines() if line not in removed]
    assert [line for line in kept if line not in mended.splitlines()] == []
    assert mended.count('"""') == source.count('"""')


def test_what_the_hub_says_goes_before_what_a_name_tells() -> None:
    source = (Path(__file__).parent / "faulty" / "no_secret.py").read_text(encoding="utf-8")
    about = {"meta-llama/Llama-3.2-1B-Instruct": ModelInfo(needs_token=False)}
    assert run_rules(read_script(source), about, SECRET) == []
    open_model = source.replace("meta-llama/Llama-3.2-1B-Instruct", "acme/secretive")
    assert run_rules(read_script(open_model), {}, SECRET) == []
    (found,) = run_rules(read_script(open_model), {"acme/secretive": ModelInfo(needs_token=True)}, SECRET)
    assert found.name == "gated_without_secret"


def test_a_revision_is_pinned_to_the_commit_that_the_hub_names() -> None:
    source = (Path(__file__).parent / "faulty" / "each_call.py").read_text(encoding="utf-8")
    mended = apply_fixes(source, read_script, {"Qwen/Qwen3-0.6B": ModelInfo(False, COMMIT, 1.2)}, SECRET)
    assert mended.source.count(f'revision="{COMMIT}"') == 2


def test_the_secret_goes_where_it_is_needed_in_the_words_of_the_script() -> None:
    published = apply_fixes(
        read(PUBLISHED), read_script, {"rehearsal-lab/tiny-character": ModelInfo(True)}, SECRET
    ).source
    attached = f'secrets=[Secret.from_name("{SECRET}", required_keys=["HF_TOKEN"])]'
    assert published.count(attached) == 2
    assert "from modal import Image, App, Secret\n" in published
    assert "os.environ['HF_TOKEN']" not in published
    assert 'gpu="A100-80GB"' in published


def test_a_token_in_the_source_is_taken_out() -> None:
    path = next(path for path in FAULTY if path.stem == "token_everywhere")
    source = read(path)
    mended = apply_fixes(source, read_script, {}, SECRET).source
    assert "hf_" in source
    assert 'login(token=os.environ["HF_TOKEN"])' in mended
    assert '"HF_HOME": "/cache"' in mended
