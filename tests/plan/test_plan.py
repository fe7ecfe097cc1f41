"""Drafts and Plans: what wins, what is refused, and that a Plan survives being written down."""

from __future__ import annotations

import json
import random
import string
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.plans import COMMIT, draft_of, plan
from wizard.core.access_token import AccessToken
from wizard.core.models.model_info import ModelFacts, ModelFile
from wizard.core.output.output_type import CHARACTER, OutputType, parse_output
from wizard.core.plan.draft import Draft
from wizard.core.plan.names import app_name
from wizard.core.plan.plan_file import read_plan, write_plan
from wizard.core.problem import ExitCode, Problem

FACTS = ModelFacts(
    "acme/Model-7B.v2",
    "acme/Model-7B.v2",
    COMMIT,
    "auto",
    False,
    False,
    files=(ModelFile("config.json", 700), ModelFile("model.safetensors", 14_000_000_000)),
    parameters={"BF16": 7_000_000_000},
)
DRAFT = Draft(model="acme/model", output=OutputType("text"))


def test_what_is_decided_above_wins_and_the_rest_comes_from_below() -> None:
    above = Draft(model="acme/above", max_tokens=7)
    below = Draft(model="acme/below", max_tokens=9, gpu="L4", prompt="hello")
    merged = above.over(below)
    assert (merged.model, merged.max_tokens, merged.gpu, merged.prompt) == ("acme/above", 7, "L4", "hello")
    assert Draft().over(below) == below
    assert below.over(Draft()) == below


def test_an_empty_prompt_is_a_decision() -> None:
    assert Draft(prompt="").over(Draft(prompt="below")).prompt == ""


@pytest.mark.parametrize("named", ["other/model", "acme/model@v2", "https://huggingface.co/acme/model/tree/v2"])
def test_a_revision_belongs_to_the_model_it_was_said_of(named: str) -> None:
    """--model on top of a plan file must not look for the commit that the file pins for its own model."""
    below = Draft(model="acme/model", revision=COMMIT, gpu="L4")
    merged = Draft(model=named).over(below)
    assert merged.revision in (None, "v2")
    assert merged.gpu == "L4"


def test_naming_the_same_model_keeps_the_revision_of_the_plan() -> None:
    assert Draft(model="acme/model").over(Draft(model="acme/model", revision=COMMIT)).revision == COMMIT


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"model": None}, "missing_model", "--model"),
        ({"output": None}, "missing_output", "--schema"),
        ({"app": "has space"}, "name_invalid", "--app"),
        ({"app": ""}, "name_invalid", "--app"),
        ({"app": "x" * 64}, "name_invalid", "--app"),
        ({"app": "a/b"}, "name_invalid", "--app"),
        ({"secret": "na;me"}, "name_invalid", "--secret"),
        ({"max_tokens": 0}, "number_out_of_range", "--max-tokens"),
        ({"max_tokens": -1}, "number_out_of_range", "--max-tokens"),
        ({"max_tokens": 131073}, "number_out_of_range", "--max-tokens"),
        ({"max_containers": 0}, "number_out_of_range", "--max-containers"),
        ({"max_containers": 1001}, "number_out_of_range", "--max-containers"),
        ({"scaledown_window": 1}, "number_out_of_range", "--scaledown-window"),
        ({"scaledown_window": 3601}, "number_out_of_range", "--scaledown-window"),
        ({"gpu": "L5"}, "gpu_unknown", "L5"),
        ({"gpu": "H100:9"}, "gpu_unknown", "9"),
        ({"backend": "vllm"}, "backend_unknown", "vllm"),
        ({"volume": "../else"}, "name_invalid", "else"),
    ],
)
def test_what_is_missing_or_malformed_is_named(changes: dict[str, object], code: str, words: str) -> None:
    values = {f.name: getattr(DRAFT, f.name) for f in fields(Draft)} | changes
    with pytest.raises(Problem) as caught:
        Draft(**values).check()  # type: ignore[arg-type]
    assert caught.value.code == code
    assert words in caught.value.message + caught.value.hint
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    "changes",
    [
        {"app": "x" * 63},
        {"app": "A.b_c-9"},
        {"max_tokens": 1},
        {"max_tokens": 131072},
        {"scaledown_window": 2},
        {"scaledown_window": 3600},
        {"gpu": "h100:2"},
        {"backend": "auto"},
    ],
)
def test_the_edges_of_what_is_allowed(changes: dict[str, object]) -> None:
    values = {f.name: getattr(DRAFT, f.name) for f in fields(Draft)} | changes
    Draft(**values).check()  # type: ignore[arg-type]


def test_a_finished_plan_is_pinned_and_complete() -> None:
    finished = Draft(model="acme/model-7b.v2", output=CHARACTER).finish(FACTS)
    assert finished.model == "acme/Model-7B.v2"
    assert finished.revision == COMMIT
    assert finished.app == "outlines-model-7b-v2"
    assert finished.needs_token
    assert finished.weights == "safetensors"
    assert finished.backend == "llguidance"
    assert finished.prompt == CHARACTER.example_prompt
    assert (finished.max_tokens, finished.max_containers, finished.scaledown_window) == (512, 1, 120)
    assert finished.gpu == "L4"  # 7 billion parameters of two bytes, and a fifth more


def test_a_finished_plan_keeps_what_was_decided() -> None:
    draft = Draft(
        "acme/m", None, "mine", OutputType("text"), "Hi.", "h100:2", "sec", "vol", "xgrammar", 9, 3, 60, "http://h"
    )
    finished = draft.finish(FACTS)
    wanted = ("mine", "Hi.", "H100:2", "sec", "vol", "xgrammar", 9, 3, 60, "http://h")
    names = ("app", "prompt", "gpu", "secret", "volume", "backend", "max_tokens", "max_containers", "scaledown_window")
    assert tuple(getattr(finished, name) for name in (*names, "hub_endpoint")) == wanted


def test_without_weights_there_is_no_plan() -> None:
    bare = ModelFacts("acme/m", "acme/m", COMMIT, "open", False, False, files=(ModelFile("model.gguf", 5),))
    with pytest.raises(Problem) as caught:
        DRAFT.finish(bare)
    assert caught.value.code == "weights_missing"


@pytest.mark.parametrize(
    ("repo_id", "name"),
    [
        ("acme/Model", "outlines-model"),
        ("gpt2", "outlines-gpt2"),
        ("acme/Mistral-7B-Instruct-v0.2", "outlines-mistral-7b-instruct-v0-2"),
        ("acme/__", "outlines"),
    ],
)
def test_the_name_of_an_app(repo_id: str, name: str) -> None:
    assert app_name(repo_id) == name


@given(st.text(alphabet=string.ascii_letters + string.digits + "._-", min_size=1, max_size=96))
def test_every_model_gives_a_name_that_modal_takes(name: str) -> None:
    Draft(model="acme/m", output=OutputType("text"), app=app_name(f"acme/{name}")).check()


# --- as TOML -----------------------------------------------------------------------------------------------------

TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("\"'\\\n\r\t \u2028\x00\x1b\x7f#=[]{}$`ä日😀"), st.characters(exclude_categories=("Cs",))
    ),
    max_size=60,
)
PROMPTS = st.one_of(
    TEXT,
    st.lists(
        st.sampled_from(["'", "''", "'''", '"', '"""', "\n", "\r\n", "\\", "\\n", "a", "\t", " "]), max_size=9
    ).map("".join),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
SCHEMAS = st.dictionaries(TEXT, JSON, max_size=4).map(lambda d: parse_output("schema", json.dumps(d), "x"))
OUTPUTS = st.one_of(
    SCHEMAS,
    PROMPTS.map(lambda text: OutputType("grammar", text)),
    TEXT.map(lambda text: OutputType("choices", json.dumps([text, "other"], ensure_ascii=False))),
    st.sampled_from(
        [
            OutputType("text"),
            parse_output("type", "int"),
            parse_output("choices", "a,b"),
            parse_output("regex", r"\d+'''\"\\"),
        ]
    ),
)


@settings(max_examples=50)  # tomlkit takes its time
@given(prompt=PROMPTS, output=OUTPUTS)
def test_a_plan_file_reads_back_to_the_same_plan(prompt: str, output: OutputType) -> None:
    written = plan(prompt=prompt, output=output)
    assert read_plan(write_plan(written), "plan.toml", Draft) == draft_of(written)


def test_a_plan_file_is_made_for_reading() -> None:
    text = write_plan(plan(prompt="one\ntwo"))
    assert "[model]" in text
    assert "[output]" in text
    assert "[function]" in text
    assert '\n  "title": "Character",' in text  # the schema is indented, not one endless line
    assert "\none\ntwo" in text


def test_a_plan_holds_no_secret() -> None:
    value = "hf_" + "".join(random.choices(string.ascii_letters, k=34))
    AccessToken(value)
    finished = Draft(model="acme/m", output=CHARACTER).finish(FACTS)
    assert value not in write_plan(finished)
    assert not any(isinstance(getattr(finished, f.name), AccessToken) for f in fields(finished))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[model\n", "not TOML"),
        ("model = 'acme/model'\n", "outside"),
        ("[model]\nname = 'acme/model'\n", "name"),
        ("[function]\nmax_tokens = '512'\n", "max_tokens"),
        ("[function]\nmax_containers = true\n", "max_containers"),
        ("[function]\ngpu = 4\n", "gpu"),
        ("[function]\nscaledown_window = 1.5\n", "scaledown_window"),
        ("[model]\nmodel = ['acme/model']\n", "model"),
        ("[model.model]\nx = 1\n", "model"),
        ("[output]\nkind = 'xml'\nspec = ''\n", "xml"),
        ("[output]\nkind = ['schema']\nspec = ''\n", "output type"),
        ("[output]\nkind = 'schema'\nspec = 5\n", "output"),
        ("[output]\nkind = 'schema'\nspec = '{\"type\": }'\n", "line 1"),
        ("[output]\nkind = 'schema'\nspec = '[]'\n", "object"),
        ("[output]\nkind = 'schema'\nspec = '{\"maximum\": NaN}'\n", "NaN"),
        ("[output]\nkind = 'choices'\nspec = 'yes,no'\n", "choices"),
        ("[output]\nkind = 'choices'\nspec = '{\"a\": 1}'\n", "choices"),
        ("[output]\nkind = 'choices'\nspec = '[1, 2]'\n", "choices"),
        ("[output]\nkind = 'choices'\nspec = '[\"one\"]'\n", "choices"),
        ("[output]\nkind = 'regex'\nspec = '('\n", "regex"),
        ("[output]\nkind = 'type'\nspec = 'decimal'\n", "decimal"),
        ("[output]\noutput = 'schema'\n", "output"),
        ("[function]\nendpoint = 'yes'\n", "endpoint has to be bool"),
        ("[function]\nmax_tokens = true\n", "max_tokens has to be int"),
        ("x = " + "[" * 5000, "not TOML"),
    ],
)
def test_a_malformed_plan_file_is_a_problem_with_its_name(text: str, words: str) -> None:
    with pytest.raises(Problem) as caught:
        read_plan(text, "my.toml", Draft).check()
    problem = caught.value
    assert problem.exit_code is ExitCode.USAGE
    assert words in problem.message + problem.hint
    assert problem.code not in ("missing_model", "missing_output"), "it was accepted in silence"


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_a_plan(text: str) -> None:
    try:
        read_plan(text, "my.toml", Draft)
    except Problem as problem:
        assert problem.exit_code is ExitCode.USAGE


def test_derived_fields_of_a_plan_file_decide_nothing() -> None:
    draft = read_plan("[model]\nmodel = 'acme/model'\nneeds_token = false\nweights = 'bin'\n", "x", Draft)
    assert draft == Draft(model="acme/model")


def test_an_endpoint_is_only_made_when_it_is_asked_for() -> None:
    assert DRAFT.finish(FACTS).endpoint is False
    asked = read_plan("[function]\nendpoint = true\n", "x", Draft).over(DRAFT)
    assert asked.finish(FACTS).endpoint is True
    assert Draft(endpoint=False).over(asked).finish(FACTS).endpoint is False
