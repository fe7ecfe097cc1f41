"""The rendered app file at work: its own code, the real engines, a real model; only Modal's part is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.codegen.model_variants import padded, plain
from tests.codegen.test_app_file import plan
from tests.support.app_process import AppProcess
from wizard.core.inference.engine import InferenceEngine
from wizard.core.inference.engine_registry import DEFAULT_ENGINE, backends_of, engine_named, engines
from wizard.core.lint.registry import backends
from wizard.core.output.kinds.schema_presets import CHARACTER_PROMPT
from wizard.core.output.output_type import parse_output

pytest.importorskip("torch")

# Keywords that all three backends keep; which they do not is the business of other tests.
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[A-Za-z]{1,12}$"},
        "age": {"enum": list(range(20, 80))},
        "armor": {"enum": ["leather", "chainmail", "plate", "robe", "none"]},
    },
    "required": ["name", "age", "armor"],
    "additionalProperties": False,
}
CHARACTER = Draft202012Validator(SCHEMA)
OUTPUT = parse_output("schema", json.dumps(SCHEMA), "x")
GREEDY = {"temperature": 0}
ANY = {"temperature": 2.0}  # flat enough that answers differ
FREE = {"form": "none", "output": ""}


def matching(pattern: str) -> dict[str, Any]:
    return {"form": "regex", "output": pattern}


def of_engine(engine: InferenceEngine, backend: str) -> Any:
    """A parameter for an engine and a backend: the preferred ones in the fast tests, others in those that take long."""
    first = engine is DEFAULT_ENGINE and backend == backends()[0].name
    absent = engine.name == "vllm" and not find_spec("vllm")
    marks = [] if first else [pytest.mark.long]
    marks += [pytest.mark.skip(reason="vLLM is not installed: make vllm")] if absent else []
    return pytest.param((engine.name, backend), marks=marks, id=f"{engine.name}-{backend}")


@pytest.fixture(
    scope="module", params=[of_engine(engine, each.name) for engine in engines() for each in backends_of(engine)]
)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    """An app for each engine and backend; the model has more rows than tokens, as many real ones have."""
    folder = tmp_path_factory.mktemp("app")
    engine, backend = request.param
    asked = plan(engine=engine, backend=backend, fast_start=True, output=OUTPUT, prompt=CHARACTER_PROMPT)
    process = AppProcess(asked, folder, padded(folder / "padded"))
    assert process.started == {}
    yield process
    process.close()


def is_character(answer: dict[str, Any]) -> bool:
    return not answer["truncated"] and not answer["refused"] and CHARACTER.is_valid(json.loads(answer["text"]))


def test_samples_differ_and_all_have_the_output_type(app: AppProcess) -> None:
    answers = app.asks(*[{"prompt": f"Describe number {i}.", **ANY} for i in range(40)])
    texts = {answer["text"] for answer in answers}
    assert len(texts) > 30
    for answer in answers:
        assert is_character(answer), answer


@pytest.mark.long
def test_answers_of_a_batch_are_those_of_single_calls(app: AppProcess) -> None:
    """Neighbours, padding and the output types of neighbours change nothing."""
    calls = [
        {"prompt": CHARACTER_PROMPT} | GREEDY,
        {"prompt": "Is it?"} | matching("(yes|no|perhaps)") | GREEDY,
        {"prompt": "Say something long about swords and armor and age."} | FREE | GREEDY | {"max_tokens": 9},
        {"prompt": CHARACTER_PROMPT, "max_tokens": 7} | GREEDY,
        {"prompt": "When?"} | matching("[0-9]{4}-[0-9]{2}-[0-9]{2}") | GREEDY,
    ]
    together = app.asks(*calls)
    alone = [app.asks(call)[0] for call in calls]
    assert max(answer["batch"] for answer in together) > 1
    assert {answer["batch"] for answer in alone} == {1}
    said = [[(a["text"], a["tokens"], a["truncated"], a["refused"]) for a in each] for each in (together, alone)]
    assert said[0] == said[1]
    assert together[1]["text"] in ("yes", "no", "perhaps")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", together[4]["text"])


def test_no_batch_is_larger_than_it_may_be(app: AppProcess) -> None:
    answers = app.asks(*[{"prompt": "Now?"} | matching("(yes|no)") | GREEDY for _ in range(70)])
    assert {answer["text"] for answer in answers} <= {"yes", "no"}
    assert 1 < max(answer["batch"] for answer in answers) <= engine_named(app.plan.engine).max_batch


def test_cut_short_is_told_from_complete(app: AppProcess) -> None:
    whole = app.ask(CHARACTER_PROMPT, **GREEDY)
    assert not whole["truncated"]
    exactly, less = app.asks(
        {"prompt": CHARACTER_PROMPT, "max_tokens": whole["tokens"]} | GREEDY,
        {"prompt": CHARACTER_PROMPT, "max_tokens": whole["tokens"] - 1} | GREEDY,
    )
    assert (exactly["text"], exactly["truncated"]) == (whole["text"], False)
    assert less["truncated"] and less["tokens"] == whole["tokens"] - 1
    assert whole["text"].startswith(less["text"]) and less["text"] != whole["text"]
    assert app.ask(CHARACTER_PROMPT, **FREE, **GREEDY, max_tokens=3)["truncated"]


def test_what_no_text_can_have_is_refused_and_not_an_answer(app: AppProcess) -> None:
    answer = app.ask(**matching(""))
    assert (answer["text"], answer["truncated"]) == ("", False)
    assert "empty" in answer["refused"]


def test_a_prompt_that_fills_the_context_is_refused(app: AppProcess) -> None:
    long, good = app.asks({"prompt": "word " * 2000} | GREEDY, {"prompt": CHARACTER_PROMPT} | GREEDY)
    assert "512 tokens" in long["refused"] and long["text"] == ""
    assert is_character(good), "a neighbour was harmed"


def test_a_call_that_cannot_be_answered_harms_no_other(app: AppProcess) -> None:
    bad, good = app.asks({"prompt": "x", "form": "json_schema", "output": {"type": 7}}, {"prompt": "x"} | GREEDY)
    assert "this output type cannot be enforced" in bad["error"]
    assert is_character(good)
    assert "unknown form" in app.ask(form="poem", output="")["error"]
    answers = app.asks(*[{"prompt": prompt} | GREEDY for prompt in ("a", "half a character: \ud83d", "b", "c", "d")])
    assert "error" in answers.pop(1)
    assert all(map(is_character, answers)), "a neighbour in the same batch was harmed"
    assert "max_tokens" in app.ask(max_tokens="many")["error"]
    assert "temperature" in app.ask(temperature=2.1)["error"]


def test_a_seed_gives_the_same_again_whatever_comes_with_it(app: AppProcess) -> None:
    call = {"prompt": "Describe somebody.", "seed": 7} | ANY
    first = app.asks(call)[0]["text"]
    again = app.asks({"prompt": "Other."} | ANY, call, {"prompt": "Another."} | ANY)[1]
    assert again["text"] == first
    assert app.asks(call | {"seed": 8})[0]["text"] != first


def test_sampling_arguments_arrive(app: AppProcess) -> None:
    greedy = app.ask("Describe somebody.", **GREEDY)["text"]
    narrow = [{"prompt": "Describe somebody.", "seed": i, "temperature": 2.0} for i in range(3)]
    assert {a["text"] for a in app.asks(*(call | {"top_k": 1} for call in narrow))} == {greedy}
    assert {a["text"] for a in app.asks(*(call | {"top_p": 1e-6} for call in narrow))} == {greedy}
    assert {a["text"] for a in app.asks(*narrow)} != {greedy}


def test_the_seconds_of_an_answer_add_up(app: AppProcess) -> None:
    seconds = app.ask(CHARACTER_PROMPT)["seconds"]
    assert seconds["first_token"] + seconds["rest"] == pytest.approx(seconds["generate"], abs=0.001)
    assert min(seconds[part] for part in ("load", "compile", "first_token", "rest")) > 0


def test_a_begin_token_is_there_once(app: AppProcess) -> None:
    """The chat template writes it and the tokenizer writes it; the model was trained to see one."""
    read = app.asks({"tokens_of": "Who?"})[0]
    assert read["text"] == "Who?\n"
    assert read["tokens"].count(read["tokens"][0]) == 1


@pytest.mark.long
def test_grammars_work_where_the_backend_takes_them(tmp_path: Path) -> None:
    process = AppProcess(plan(), tmp_path)
    grammar = 'start: "<" WORD ">"\nWORD: /[a-z]{2,5}/'
    answer = process.ask(form="grammar", output=grammar, **ANY)
    process.close()
    assert re.fullmatch(r"<[a-z]{2,5}>", answer["text"])


@pytest.mark.long
def test_a_model_without_a_chat_template_reads_the_prompt_as_it_is(tmp_path: Path) -> None:
    process = AppProcess(plan(output=OUTPUT), tmp_path, plain(tmp_path / "plain"))
    read, empty = process.asks({"tokens_of": "Who?"}, {"tokens_of": ""})
    answer = process.ask("")
    process.close()
    assert read["text"] == "Who?"
    assert empty["tokens"], "a model cannot go on from nothing"
    assert is_character(answer)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_missing_weights_are_named(tmp_path: Path, name: str) -> None:
    model = plain(tmp_path / "partial")
    (model / name).unlink()
    process = AppProcess(plan(), tmp_path, model)
    process.close()
    assert f"{name} is missing. Run `download` first." in process.started["error"]


@pytest.mark.long
def test_a_missing_part_of_large_weights_is_named(tmp_path: Path) -> None:
    model = plain(tmp_path / "partial")
    weights = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (model / "model.safetensors.index.json").write_text(json.dumps(weights))
    (model / "model.safetensors").rename(model / "model-00001-of-00002.safetensors")
    process = AppProcess(plan(), tmp_path, model)
    process.close()
    assert "model-00002-of-00002.safetensors is missing" in process.started["error"]


@pytest.mark.long
def test_an_output_type_that_cannot_be_enforced_fails_at_the_start(tmp_path: Path) -> None:
    process = AppProcess(plan(output=parse_output("schema", '{"type": "array", "uniqueItems": true}', "x")), tmp_path)
    process.close()
    assert "this output type cannot be enforced" in process.started["error"]
    assert "uniqueItems" in process.started["error"]


FAULTS = {  # what is named, for a schema that the preferred backend refuses
    "uniqueItems at the top": {"type": "array", "uniqueItems": True},
    "uniqueItems at /properties/a~1b": {
        "type": "object",
        "properties": {"a/b": {"type": "array", "uniqueItems": True}},
    },
    "contains at /$defs/L": {
        "$defs": {"L": {"type": "array", "contains": {"const": 1}}},
        "type": "object",
        "properties": {"list": {"$ref": "#/$defs/L"}},
    },
    "pattern at /items/anyOf/1": {
        "type": "array",
        "items": {"anyOf": [{"type": "null"}, {"type": "string", "pattern": "^(?=a)a$"}]},
    },
    "minimum at /items": {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 5, "maximum": 3}},
    "if at the top": {"type": "object", "if": {"type": "object"}, "then": {"type": "object"}},
    "type at the top": {"type": 7},
}


@pytest.mark.parametrize("named", FAULTS)
def test_a_schema_that_is_not_enforced_names_the_keyword_and_its_place(app: AppProcess, named: str) -> None:
    output = FAULTS[named]
    error = app.ask(form="json_schema", output=output)["error"]
    assert error.startswith("ValueError: this output type cannot be enforced: ")
    assert named in error or "would be ignored" in error, error
    assert app.ask(form="json_schema", output=output)["error"] == error


def test_a_stream_says_as_it_is_made_what_a_call_returns(app: AppProcess) -> None:
    call = {"prompt": CHARACTER_PROMPT} | GREEDY
    whole, streamed = app.asks(call, {"stream": call})
    *pieces, last = streamed["pieces"]
    assert len(pieces) > 5
    assert "".join(piece["text"] for piece in pieces) == last["text"] == whole["text"]
    assert {key: last[key] for key in ("truncated", "refused", "tokens")} == {
        key: whole[key] for key in ("truncated", "refused", "tokens")
    }
    assert last.keys() == whole.keys()


def test_a_stream_tells_no_half_character(app: AppProcess) -> None:
    emoji = {"stream": {"prompt": "?"} | matching("(日本語😀|é){4}") | GREEDY}
    streamed = app.asks(emoji)[0]
    if "vocabulary" in streamed.get("error", ""):
        assert app.plan.backend == "outlines_core", "it needs a token for each byte, and this small model has not all"
        return
    *pieces, last = streamed["pieces"]
    assert "".join(piece["text"] for piece in pieces) == last["text"]
    assert re.fullmatch("(日本語😀|é){4}", last["text"])
    assert not any("\ufffd" in piece["text"] for piece in pieces)


def test_a_stop_text_ends_an_answer_and_is_not_told(app: AppProcess) -> None:
    plain = app.ask(CHARACTER_PROMPT, **GREEDY)["text"]
    stop = [plain[12:15], "never comes"]
    whole, streamed = app.asks(
        {"prompt": CHARACTER_PROMPT, "stop": stop} | GREEDY,
        {"stream": {"prompt": CHARACTER_PROMPT, "stop": stop} | GREEDY},
    )
    *pieces, last = streamed["pieces"]
    assert whole["text"] == last["text"] == "".join(piece["text"] for piece in pieces) == plain[: plain.index(stop[0])]
    assert whole["stopped"] == stop[0] and not whole["truncated"] and not whole["refused"]


def test_messages_are_what_was_said_so_far(app: AppProcess) -> None:
    one = {"role": "user", "content": CHARACTER_PROMPT}
    alone, same = app.asks({"messages": [one]} | GREEDY, {"prompt": CHARACTER_PROMPT} | GREEDY)
    assert alone["text"] == same["text"]
    longer = app.ask(messages=[{"role": "system", "content": "Be brief."}, one], **GREEDY)
    assert is_character(longer) and longer["prompt_tokens"] > alone["prompt_tokens"]
    for wrong in ([], ["text"], [{"role": "user"}], [{"role": "user", "content": 7}]):
        assert "messages" in app.ask(messages=wrong)["error"]
