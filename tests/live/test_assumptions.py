"""The table of assumptions: each row is true to the tree and has its probe; what a check costs, and what it reports."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.terminal import new_token
from wizard.codegen.live import SmallApp, gpu_names, render_gpu_names_app, render_small_app
from wizard.core.access_token import AccessToken
from wizard.core.live.assumption import SUBJECTS, Assumption
from wizard.core.live.assumptions.table import ASSUMPTIONS, BY_HAND, TRIED
from wizard.core.live.limits import MOST_DOLLARS
from wizard.core.live.report import LONGEST_ANSWER, Finding, LiveReport, Status, Tried
from wizard.core.live.scope import (
    SMALL_GATED_MODEL,
    SMALL_MODEL,
    LiveScope,
    cost_parts,
    most_dollars,
)
from wizard.core.problem import Problem
from wizard.core.sizing.gpus import GPUS
from wizard.flow.live.check import REGISTERED
from wizard.flow.live.registry import PROBES, STAGES
from wizard.rehearsal.deviations import DEVIATIONS

PROJECT = Path(__file__).resolve().parents[2]
SCOPE = LiveScope(SMALL_MODEL, SMALL_GATED_MODEL)


@pytest.mark.parametrize("row", ASSUMPTIONS, ids=lambda row: row.id)
def test_a_row_names_a_module_that_is_there_and_says_its_source(row: Assumption) -> None:
    assert (PROJECT / row.used).is_file(), row.used
    assert row.source and row.tried and row.subject in SUBJECTS
    assert not row.statement.endswith("."), "it is a cell of a table"
    assert "|" not in row.statement + row.tried


def test_every_row_is_there_once_and_has_its_probe_or_its_command() -> None:
    ids = [row.id for row in ASSUMPTIONS]
    assert len(ids) == len(set(ids))
    assert len(REGISTERED) == 6
    assert {row.id for row in TRIED} == set(PROBES)
    assert len(TRIED) >= 25
    assert all("`" in row.tried or "deploy" in row.tried or "the same" in row.tried for row in BY_HAND)


def test_what_a_probe_rests_on_runs_before_it() -> None:
    order = [each.id for stage in STAGES for each in PROBES.values() if each.stage == stage]
    assert sorted(order) == sorted(PROBES)
    for each in PROBES.values():
        assert all(order.index(needed) < order.index(each.id) for needed in each.rests_on), each.id


def test_there_are_ten_deviations_and_each_is_of_a_row_that_is_tried() -> None:
    assert len(DEVIATIONS) == 10 and set(DEVIATIONS) <= set(PROBES)


def test_a_check_costs_less_than_half_a_dollar_and_a_larger_gpu_more() -> None:
    parts = cost_parts(SCOPE)
    assert 0.2 < most_dollars(parts) < MOST_DOLLARS == 0.50
    assert sum(part.dollars for part in parts) == pytest.approx(most_dollars(parts))
    assert any(part.words.endswith("awake on T4") for part in parts)
    assert most_dollars(cost_parts(replace(SCOPE, gpu="H100"))) > 4 * most_dollars(parts)
    assert most_dollars(cost_parts(replace(SCOPE, engines=("vllm",)))) < most_dollars(parts)


def test_the_workspaces_own_prices_are_the_ones_that_count() -> None:
    twice = most_dollars(cost_parts(SCOPE, {"gpu_hour_cost_t4": 2 * GPUS[0].dollars_per_hour}))
    awake = sum(part.seconds for part in cost_parts(SCOPE) if "awake" in part.words)
    assert twice - most_dollars(cost_parts(SCOPE)) == pytest.approx(awake * 0.59 / 3600, rel=0.01)
    with pytest.raises(Problem):
        cost_parts(replace(SCOPE, gpu="T5"))


def report(*findings: tuple[Status, str]) -> LiveReport:
    tried = tuple(Tried(row, Finding(*found)) for row, found in zip(TRIED, findings, strict=False))
    return LiveReport({"GPU": "T4"}, tried, 0.47, 12.0, left=("the app a: `modal app stop a`",))


def test_no_secret_is_in_a_report_whatever_came_back() -> None:
    token, other = new_token(), new_token()
    AccessToken(token)
    proxy = f"wk-{'a' * 10}{token[-12:]}"
    made = report(("differs", f"401 {token}\x1b[31m | red"), ("seen", f"{other} and {proxy}"), ("not_tried", "x" * 999))
    for text in (made.to_markdown(), json.dumps(made.to_mapping())):
        assert token not in text and other not in text and proxy not in text and "\x1b" not in text
    assert len(made.tried[2].finding.came_back) == LONGEST_ANSWER


def test_a_report_begins_with_what_differs_and_says_what_is_left() -> None:
    made = report(("seen", "200"), ("differs", "role None | write"), ("not_tried", "no token"))
    text = made.to_markdown()
    assert text.splitlines()[2] == "1 seen, 1 differs, 1 could not be tried."
    assert text.index("## What differs") < text.index("### `hub-whoami-role`") < text.index("## The Hub")
    assert "Used in `wizard/flow/access/check.py`" in text and "role None \\| write" in text
    assert "## Left on Modal\n\n- the app a: `modal app stop a`" in text
    assert made.to_mapping()["counts"] == {"seen": 1, "differs": 1, "not_tried": 1}


def test_the_small_apps_are_programs_that_name_what_they_are_made_with() -> None:
    text = render_small_app(SmallApp("an-app", "a-secret", "a-volume", 3))
    names = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    assert {"act", "with_secret", "write", "read", "too_slow", "wait", "pieces", "endpoint"} == names
    assert '"a-secret"' in text and '"a-volume"' in text and "VERSION = 3" in text and "gpu=" not in text
    functions = [
        node for node in ast.parse(render_gpu_names_app("gpus", "a-volume")).body if isinstance(node, ast.FunctionDef)
    ]
    assert len(functions) == len(gpu_names()) == len(GPUS) + 1
