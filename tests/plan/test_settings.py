"""One record for each setting: its flag, TOML key, checks, JSON, and dry-run row, also for one that is made up here."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tests.support.made_up_settings import LargerDraft, LargerPlan
from tests.support.plans import COMMIT, plan
from wizard.cli.flags.settings import flag_values, setting_options
from wizard.core.events import PlanReady
from wizard.core.models.model_info import ModelFacts, ModelFile
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.draft import Draft
from wizard.core.plan.plan_file import read_plan, write_plan
from wizard.core.problem import Problem
from wizard.flow.configuration.merge import setting_sources

FACTS = ModelFacts(
    "acme/model", "acme/model", COMMIT, "open", False, False, files=(ModelFile("model.safetensors", 14_000_000_000),)
)
DECIDED = {"region": "us", "retries": 0, "snapshot": "gpu", "warm": True}


def larger(**changes: Any) -> LargerPlan:
    return LargerPlan(**{**vars(plan()), **changes})


@pytest.mark.parametrize("draft_type", [Draft, LargerDraft])
def test_a_draft_has_a_field_for_each_setting_of_its_plan(draft_type: type[Draft]) -> None:
    assert [field.name for field in fields(draft_type)] == [setting.name for setting in draft_type.settings()]
    assert draft_type().decided == {}


@pytest.mark.parametrize("setting", LargerDraft.settings(), ids=lambda setting: setting.name)
def test_a_record_fits_its_field(setting: Any) -> None:
    assert setting.default is None or isinstance(setting.default, setting.value_type)
    assert bool(setting.tip) <= bool(setting.label)
    assert setting.limits is None or setting.value_type is int
    assert not setting.help or setting.help.endswith(".")
    if setting.unset is not None:
        assert setting.unset in setting.allowed


def command(seen: dict[str, Any]) -> click.Command:
    """A command with the flags of the larger Plan, which writes down what they say."""

    @click.command()
    @setting_options(LargerDraft.settings())
    def run(**flags: Any) -> None:
        seen.update(flag_values(flags, LargerDraft.settings()))

    return run


def test_a_setting_has_its_flag() -> None:
    seen: dict[str, Any] = {}
    text = CliRunner().invoke(command(seen), ["--help"]).output
    for words in ("--region NAME", "--retries N", "--snapshot [none|cpu|gpu]", "--warm / --no-warm"):
        assert words in text
    assert "Where containers run." in text and "--volume" not in text, "one without a help text has no flag"
    assert CliRunner().invoke(command(seen), []).exit_code == 0
    assert LargerDraft(**seen) == LargerDraft(), "what is not given is not decided"
    words = ["--region", "us", "--retries", "0", "--snapshot", "gpu", "--warm"]
    assert CliRunner().invoke(command(seen), words).exit_code == 0
    assert LargerDraft(**seen) == LargerDraft(**DECIDED)
    assert CliRunner().invoke(command(seen), ["--snapshot", "disk"]).exit_code == 2


def test_a_setting_is_a_key_of_the_plan_file_and_of_the_event() -> None:
    whole = larger(**DECIDED)
    tables = PlanReady(whole, ()).to_mapping()["plan"]
    assert tables["function"]["region"] == "us" and tables["model"]["snapshot"] == "gpu"
    read = read_plan(write_plan(whole), "plan.toml", LargerDraft)
    assert {name: read.decided[name] for name in DECIDED} == DECIDED
    for text, words in (
        ("retries = '3'", "plan.toml: retries has to be int, not '3'."),
        ("warm = 1", "warm has to be"),
    ):
        with pytest.raises(Problem) as caught:
            read_plan(f"[function]\n{text}\n", "plan.toml", LargerDraft)
        assert words in caught.value.message
    with pytest.raises(Problem) as caught:
        read_plan("[function]\nretry = 3\n", "plan.toml", LargerDraft)
    assert "retries" in caught.value.hint


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"retries": 11}, "number_out_of_range", "--retries 11 is outside 0 to 10."),
        ({"snapshot": "disk"}, "snapshot_unknown", "There is no snapshot 'disk'."),
    ],
)
def test_a_setting_is_checked(changes: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(Problem) as caught:
        LargerDraft(model="a/b", output=CHARACTER, **changes).check()
    assert (caught.value.code, caught.value.message) == (code, words)


def test_a_setting_is_merged_and_becomes_part_of_the_plan() -> None:
    draft = LargerDraft(model="a/b", output=CHARACTER, retries=0).over(LargerDraft(region="us", retries=5))
    finished = draft.finish(FACTS)
    assert isinstance(finished, LargerPlan)
    assert (finished.region, finished.retries, finished.snapshot, finished.warm) == ("us", 0, "none", False)


def test_a_setting_has_its_row_in_a_dry_run() -> None:
    rows = setting_sources(LargerDraft(), {"retries": "user config"})
    assert rows | {"region": "Modal", "retries": "user config", "snapshot": "default"} == rows
