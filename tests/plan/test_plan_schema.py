"""The JSON Schemas of plan files and of config.toml: what the program writes is valid, what it refuses is not."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from tests.support.made_up_settings import LargerDraft
from tests.support.plans import draft_of, plan
from wizard.cli.main import program
from wizard.core.inference.engine_registry import engines
from wizard.core.output.kinds.registry import KINDS
from wizard.core.output.output_type import CHARACTER, OutputType, parse_output
from wizard.core.plan.draft import Draft
from wizard.core.plan.plan_file import SCHEMA_FILE, read_plan, write_plan_document
from wizard.core.plan.plan_schema import config_schema, plan_schema
from wizard.core.problem import Problem
from wizard.flow.configuration.user_config import read_user_config, user_config_file
from wizard.wiring import ProgramWiring

SCHEMA, CONFIG = plan_schema(), config_schema()
OUTPUTS = [
    CHARACTER, OutputType("text"), parse_output("choices", "a,b"), parse_output("regex", r"\d+"),
    parse_output("type", "int"), parse_output("grammar", 'start: "a"'),
]  # fmt: skip


def errors_of(schema: Any, tables: Any) -> list[str]:
    return [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(tables)]


@pytest.mark.parametrize("schema", [SCHEMA, CONFIG, plan_schema(LargerDraft)])
def test_it_is_a_schema(schema: Any) -> None:
    jsonschema.Draft7Validator.check_schema(schema)


def test_every_kind_of_output_type_is_tried() -> None:
    assert {output.kind for output in OUTPUTS} == set(KINDS)


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.kind)
@pytest.mark.parametrize("engine", [engine.name for engine in engines()])
def test_a_plan_that_the_program_writes_is_valid_and_reads_back(output: OutputType, engine: str) -> None:
    whole = plan(output=output, engine=engine, gpu="H100:2", think="2048", endpoint=True, fast_start=True)
    text = write_plan_document(whole)
    assert text.startswith(f"#:schema ./{SCHEMA_FILE}\n# ")
    assert errors_of(SCHEMA, tomllib.loads(text)) == []
    assert read_plan(text, "plan.toml", Draft) == draft_of(whole)
    noted = write_plan_document(whole, "It suits\nthis plan.")
    assert f'engine = "{engine}" # chosen by outlines-wizard. It suits this plan.' in noted
    assert read_plan(noted, "plan.toml", Draft) == draft_of(whole)


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ('[model]\nmodel = "org/name"', True),
        ("[output]\nthink = 2048", True),
        ('[output]\nthink = "auto"', True),
        ('[function]\ngpu = "none"', True),
        ('[function]\ngpu = "L4"\nbackend = "auto"', True),
        ("[function]\nscaledown_window = 60", True),
        ('[function]\ngpus = "L4"', False),  # an unknown key
        ('gpu = "L4"', False),  # outside of the tables
        ("[function]\nmax_containers = 0", False),
        ('[function]\nmax_containers = "1"', False),
        ("[function]\nmax_containers = true", False),
        ("[function]\nendpoint = 1", False),
        ('[function]\nsnapshot = "disk"', False),
        ('[function]\nengine = "other"', False),
        ('[function]\napp = "a name"', False),
        ("[model]\nmodel = 1", False),
        ('[output]\nkind = "xml"', False),
        ("[output]\nmax_tokens = 0", False),
    ],
)
def test_the_schema_refuses_what_the_program_refuses(text: str, is_good: bool) -> None:
    assert (errors_of(SCHEMA, tomllib.loads(text)) == []) is is_good
    try:
        draft = read_plan(text, "plan.toml", Draft)
        replace(draft, model=draft.model or "org/name", output=draft.output or CHARACTER).check()
        taken = True
    except Problem:
        taken = False
    assert taken is is_good


def test_a_setting_that_is_added_is_in_both_schemas() -> None:
    for schema in (plan_schema(LargerDraft), config_schema(LargerDraft)):
        assert '"retries"' in json.dumps(schema)
    assert '"retries"' not in json.dumps([SCHEMA, CONFIG])


CONFIGS = [
    ('theme = "outlines-light"\n[deploy]\nenvironment = "staging"\ngpu = "L4"\nmax_containers = 2', True),
    ('[hub]\ntrusted = ["https://hub.company.example"]', True),
    ('[hub]\ntrusted = "https://hub.company.example"', False),
    ('[deploy]\nmax_containers = "2"', False),
    ('[deploy]\nenvironment = "a b"', False),
    ("[deploy]\nunknown = 1", False),
]


@pytest.mark.parametrize(("text", "is_good"), CONFIGS)
def test_the_configuration_has_a_schema_too(
    text: str, is_good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (errors_of(CONFIG, tomllib.loads(text)) == []) is is_good
    for variable in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    user_config_file().parent.mkdir(parents=True)
    user_config_file().write_text(f"#:schema ./config.schema.json\n{text}")
    try:
        read_user_config()
        taken = True
    except Problem:
        taken = False
    assert taken is is_good


def test_the_command_prints_it_and_writes_it(tmp_path: Path) -> None:
    ran = CliRunner().invoke(program, ["plan", "schema"], obj=ProgramWiring())
    assert (ran.exit_code, json.loads(ran.stdout)) == (0, SCHEMA)
    target = tmp_path / "config.schema.json"
    ran = CliRunner().invoke(program, ["plan", "schema", "--config", "-o", str(target), "--json"], obj=ProgramWiring())
    assert ran.exit_code == 0 and json.loads(target.read_text()) == CONFIG
    assert json.loads(ran.stdout)["files"] == [str(target)]
    nowhere = ["plan", "schema", "-o", str(tmp_path / "none" / "x"), "--json"]
    refused = CliRunner().invoke(program, nowhere, obj=ProgramWiring())
    assert refused.exit_code == 2 and json.loads(refused.stdout)["code"] == "file_not_written"
