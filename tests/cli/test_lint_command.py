"""`lint` on the real command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

CHOICES = ("lint", "--choices", "yes,no")
BOUNDS = {"type": "object", "properties": {"age": {"type": "integer", "minimum": 0, "maximum": 9}}, "required": ["age"]}


def test_one_object_and_nothing_else(wizard) -> None:  # type: ignore[no-untyped-def]
    ran = wizard(*CHOICES, "--backend", "llguidance", "--json")
    assert ran.code == 0
    report = json.loads(ran.stdout)
    assert report["chosen"] == "llguidance"
    assert report["enforced"] is True
    assert {"name", "version", "compiles", "seconds", "memory", "enforced"} <= set(report["backends"][0])
    assert {"findings", "proposals", "max_tokens", "prompt", "tokenizer"} <= set(report)


def test_a_person_reads_it_in_lines(wizard) -> None:  # type: ignore[no-untyped-def]
    ran = wizard(*CHOICES)
    assert ran.code == 0
    assert "✓ Every rule is enforced (llguidance)." in ran.stdout
    assert "with plain bytes instead of a model's tokens (no model was named)" in ran.stdout


def test_a_schema_from_standard_input_that_is_not_held_ends_with_two(wizard) -> None:  # type: ignore[no-untyped-def]
    ran = wizard("lint", "--schema", "-", "--backend", "outlines_core", stdin=json.dumps(BOUNDS))
    assert ran.code == 2
    assert "ignores maximum at /properties/age" in ran.stdout
    assert '{"age": 10}' in ran.stdout
    assert "→ Use --backend llguidance." in ran.stdout
    assert ran.stdout.rstrip().splitlines()[-1].startswith("  → Use --backend llguidance, or --backend auto")


def test_a_schema_from_a_file(wizard, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "s.json").write_text(json.dumps(BOUNDS))
    ran = wizard("lint", "--schema", "s.json", "--backend", "llguidance", "--json")
    assert ran.code == 0
    assert "closed" in {each["kind"] for each in json.loads(ran.stdout)["findings"]}


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (["lint"], "", "missing_output"),
        (["lint", "--schema", "-"], "", "schema_not_json"),
        (["lint", "--schema", "nowhere.json"], "", "file_unreadable"),
        (["lint", "--schema", "-"], '{"type": "objekt"}', "schema_invalid"),
        (["lint", "--text", "--choices", "a,b"], "", "output_ambiguous"),
        (["lint", "--type", "decimal"], "", "type_unknown"),
        (["lint", "--text", "--max-tokens", "0"], "", "number_out_of_range"),
        (["lint", "--text", "--model", "not a name"], "", "model_name"),
        (["lint", "--text", "--model", "a/b"], "", "hub_unreachable"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(wizard, arguments: list[str], stdin: str, code: str) -> None:  # type: ignore[no-untyped-def]
    ran = wizard(*arguments, "--json", stdin=stdin)
    assert ran.failed["code"] == code
    assert ran.code == ran.failed["exit_code"]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ('{"type": "objekt"}', "'objekt' is none of the types array, boolean, "),
        ('{"type": ["string", "objekt"]}', "'objekt' is none of the types array, boolean, "),
        ('{"properties": {"type": "string"}}', "'string' is not of type "),
        ("", "standard input is empty."),
    ],
)
def test_what_is_wrong_with_a_schema_is_said(wizard, schema: str, said: str) -> None:  # type: ignore[no-untyped-def]
    assert said in wizard("lint", "--schema", "-", "--json", stdin=schema).failed["message"]


def test_a_misspelt_keyword_is_no_praise(wizard) -> None:  # type: ignore[no-untyped-def]
    ran = wizard("lint", "--schema", "-", "--backend", "llguidance", stdin='{"type": "integer", "minmum": 3}')
    assert ran.code == 0
    assert "! minmum at the top is not a JSON Schema keyword: did you mean minimum?" in ran.stdout
    assert "enforces all of it" not in ran.stdout
