"""The rendered endpoint reads requests as OpenAI's clients write them, and says what is wrong in their words."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

from tests.codegen.tiny_vision import data_url, picture
from tests.support.plans import plan
from wizard.codegen.app_file import render_app
from wizard.core.plan.plan import Plan

pytest.importorskip("starlette")

USER = [{"role": "user", "content": "Who?"}]
PERSON = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
FORMAT = {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON, "strict": True}}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return load(tmp_path_factory.mktemp("app") / "endpoint_app.py", plan(endpoint=True))


@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return load(tmp_path_factory.mktemp("app") / "seeing_app.py", plan(endpoint=True, sees=True))


def load(file: Path, rendered: Plan) -> ModuleType:
    file.write_text(render_app(rendered), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ask(app: ModuleType, method: str, path: str, content: Any = None) -> tuple[int, Any]:
    async def send() -> tuple[int, Any]:
        transport = httpx2.ASGITransport(app=app.endpoint.local())
        async with httpx2.AsyncClient(transport=transport, base_url="http://endpoint") as client:
            text = content if isinstance(content, str) else json.dumps(content)
            response = await client.request(method, path, content=None if content is None else text)
            return response.status_code, response.json()

    return asyncio.run(send())


def test_models_and_health_are_told_without_the_model(app: ModuleType) -> None:
    status, found = ask(app, "GET", "/v1/models")
    assert status == 200 and found["object"] == "list"
    assert [each["id"] for each in found["data"]] == [app.APP_NAME, app.MODEL_ID]
    status, found = ask(app, "GET", "/health")
    assert (status, found["status"], found["app"]) == (200, "ok", app.APP_NAME)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("POST", "/", 404), ("GET", "/v1/chat/completions", 405), ("POST", "/v1/embeddings", 404)],
)
def test_other_routes_are_errors_of_the_same_shape(app: ModuleType, method: str, path: str, status: int) -> None:
    got, found = ask(app, method, path)
    assert got == status
    assert "POST /v1/chat/completions" in found["error"]["message"]


def test_what_a_request_may_hold_arrives(app: ModuleType) -> None:
    assert app.read_request({"messages": USER}) == {"messages": USER, "form": app.FORM, "output": app.OUTPUT}
    body = {
        "model": app.MODEL_ID,
        "messages": [
            {"role": "developer", "content": "Be brief.", "name": "x"},
            {"role": "user", "content": [{"type": "text", "text": "Who"}, {"type": "text", "text": "is it?"}]},
            {"role": "assistant", "content": "Conan", "refusal": None},
            *USER,
        ],
        "max_completion_tokens": 9,
        "max_tokens": 8,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 5,
        "seed": 7,
        "stop": "\n",
        "frequency_penalty": 0,
        "logprobs": False,
        "tools": [{"type": "function"}],
        "tool_choice": "none",
        "user": "robin",
        "metadata": {"a": "b"},
        "reasoning_effort": None,
    }
    assert app.read_request(body) == {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Who\nis it?"},
            {"role": "assistant", "content": "Conan"},
            *USER,
        ],
        "form": app.FORM,
        "output": app.OUTPUT,
        "max_tokens": 9,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 5,
        "seed": 7,
        "stop": ["\n"],
    }
    assert "top_k" not in app.read_request({"messages": USER, "top_k": -1})


CLOSED = PERSON | {"additionalProperties": False}
ANYTHING = {"type": "object"}


@pytest.mark.parametrize(
    ("asked", "form", "output"),
    [
        ({"response_format": FORMAT}, "json_schema", CLOSED),
        ({"response_format": {"type": "json_object"}}, "json_schema", ANYTHING),
        ({"response_format": {"type": "text"}}, "none", ""),
        ({"structured_outputs": {"json": PERSON}}, "json_schema", CLOSED),
        ({"structured_outputs": {"json": json.dumps(PERSON), "regex": None}}, "json_schema", CLOSED),
        ({"structured_outputs": {"json_object": True, "json": None}}, "json_schema", ANYTHING),
        ({"structured_outputs": {"regex": "a+", "disable_any_whitespace": True}}, "regex", "a+"),
        ({"structured_outputs": {"choice": ["a.b", "c"]}}, "regex", r"(a\.b|c)"),
        ({"structured_outputs": {"grammar": 'start: "a"'}}, "grammar", 'start: "a"'),
        ({"guided_json": PERSON, "guided_decoding_backend": "xgrammar"}, "json_schema", CLOSED),
        ({"guided_regex": "a+"}, "regex", "a+"),
        ({"guided_choice": ["yes", "no"]}, "regex", "(yes|no)"),
    ],
    ids=str,
)
def test_every_way_to_ask_for_an_output_type(app: ModuleType, asked: dict[str, Any], form: str, output: Any) -> None:
    read = app.read_request({"messages": USER} | asked)
    assert (read["form"], read["output"]) == (form, output)


@pytest.mark.parametrize(
    "body", ['{"a":' * 100_000, "no JSON", '{"n": 1' + "0" * 5000 + "}"], ids=["deep", "no", "long"]
)
def test_what_cannot_be_read_is_refused(app: ModuleType, body: str) -> None:
    status, found = ask(app, "POST", "/v1/chat/completions", body)
    assert (status, found["error"]["type"]) == (400, "invalid_request_error") and found["error"]["message"]


def test_objects_are_closed_where_that_means_the_same(app: ModuleType) -> None:
    inner = {"type": "object", "properties": {"a": PERSON, "b": {"const": {"properties": {}}}}}
    closed = app.closed(inner)
    assert closed["additionalProperties"] is False and closed["properties"]["a"]["additionalProperties"] is False
    assert closed["properties"]["b"] == {"const": {"properties": {}}}
    for open_schema in (
        {"allOf": [PERSON, {"properties": {"age": {"type": "integer"}}}]},
        {"$defs": {"P": PERSON}, "$ref": "#/$defs/P", "properties": {"age": {}}},
        PERSON | {"additionalProperties": True},
    ):
        assert app.closed(open_schema) == open_schema


@pytest.mark.parametrize(
    ("body", "param", "said"),
    [
        ([], None, "JSON object"),
        ({}, "messages", "at least one"),
        ({"messages": []}, "messages", "at least one"),
        ({"messages": ["Who?"]}, "messages[0]", "role"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0]", "'tool'"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "no text"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content", "'image_url'"),
        ({"max_tokens": 0}, "max_tokens", "at least 1"),
        ({"max_tokens": "9"}, "max_tokens", "whole number"),
        ({"temperature": -1}, "temperature", "at least 0"),
        ({"temperature": float("nan")}, "temperature", "at least 0"),
        ({"seed": 10**40}, "seed", "at most"),
        ({"top_p": 2}, "top_p", "at most 1"),
        ({"seed": True}, "seed", "number"),
        ({"n": 0}, "n", "at least 1"),
        ({"stop": ["a", ""]}, "stop", "list of texts"),
        ({"logprobs": True}, "logprobs", "not supported"),
        ({"presence_penalty": 1.5}, "presence_penalty", "not supported"),
        ({"tools": [{"type": "function"}]}, "tools", "response_format"),
        ({"response_format": {"type": "grammar_x"}}, "response_format", "grammar_x"),
        ({"response_format": {"type": "json_schema"}}, "response_format", "no JSON"),
        ({"response_format": FORMAT | {"json_schema": "x"}}, "response_format", "no JSON Schema at json_schema.schema"),
        ({"response_format": FORMAT | {"json_schema": {"schema": None}}}, "response_format", "no JSON Schema"),
        ({"response_format": "json_object"}, "response_format", "is an object, not 'json_object'"),
        ({"response_format": {"type": ["text"]}}, "response_format", "one of json_schema, json_object and text"),
        ({"structured_outputs": "a+"}, "structured_outputs", "is an object"),
        ({"stream": True, "stream_options": "x"}, "stream_options", "is an object"),
        ({"stream": "yes"}, "stream", "is true or false"),
        ({"response_format": FORMAT, "guided_regex": "a"}, "response_format", "one output type"),
        ({"structured_outputs": {"structural_tag": "x"}}, "structured_outputs", "structural_tag"),
        ({"structured_outputs": {"regex": "a", "whitespace_pattern": " "}}, "structured_outputs", "one output type"),
        ({"structured_outputs": {"choice": []}}, "structured_outputs", "choice"),
    ],
    ids=str,
)
def test_what_cannot_be_answered_as_asked_is_refused(app: ModuleType, body: Any, param: str | None, said: str) -> None:
    whole = {"messages": USER} | body if isinstance(body, dict) and body and "messages" not in body else body
    status, found = ask(app, "POST", "/v1/chat/completions", whole)
    assert (status, found["error"]["type"], found["error"]["param"]) == (400, "invalid_request_error", param)
    assert said in found["error"]["message"]
    assert found["error"].keys() == {"message", "type", "param", "code"}


def test_no_json_and_another_model(app: ModuleType) -> None:
    assert ask(app, "POST", "/v1/chat/completions", "no JSON")[0] == 400
    status, found = ask(app, "POST", "/v1/chat/completions", {"model": "gpt-9", "messages": USER})
    assert (status, found["error"]["code"]) == (404, "model_not_found")
    assert app.APP_NAME in found["error"]["message"]


def test_errors_of_a_call_have_their_status(app: ModuleType) -> None:
    import modal

    refused = ValueError(f"{app.NOT_ENFORCED}: uniqueItems at /properties/tags: no")
    known = [
        (refused, 400, "output_type_not_enforced"),
        (TypeError("a prompt is a text"), 400, None),
        (modal.exception.RemoteError("gone"), 503, "unavailable"),
        (RuntimeError("boom"), 500, None),
    ]
    for error, status, code in known:
        got, data = app.error_of(error)
        assert (got, data["error"]["code"]) == (status, code)
        assert str(error) in data["error"]["message"]


def test_a_prompt_without_room_is_an_overflow_with_every_engine(app: ModuleType) -> None:
    for engine in ("transformers", "vllm"):
        source = render_app(plan(engine=engine, endpoint=True))
        said = re.findall(r'refused = f"(the prompt fills the model.*?)"', source)
        assert said, engine
        with pytest.raises(app.Refusal) as caught:
            app.ending({"refused": said[0], "truncated": False})
        assert caught.value.code == "context_length_exceeded"


def picture_part(url: object) -> dict[str, Any]:
    return {"type": "image_url", "image_url": url}


def test_images_are_parts_of_messages_and_reach_the_call_as_files(seeing: ModuleType) -> None:
    pytest.importorskip("PIL")
    first, second = picture(), picture(kind="JPEG")
    text = {"type": "text", "text": "What is on them?"}
    parts = [picture_part({"url": data_url(first), "detail": "low"}), text, picture_part(data_url(second))]
    body = {"messages": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": parts}, *USER]}
    arguments = asyncio.run(seeing.with_files(seeing.read_request(body)))
    images = [{"type": "image", "image": first}, text, {"type": "image", "image": second}]
    system = {"role": "system", "content": "Be brief."}
    assert arguments["messages"] == [system, {"role": "user", "content": images}, *USER]
    assert seeing.place_images("", arguments["messages"], None)[2] == [first, second]


@pytest.mark.parametrize(
    ("parts", "param", "said"),
    [
        ([picture_part({"url": "/etc/passwd"})], "messages", "neither bytes nor a data URL nor an https:// address"),
        ([picture_part("http://example.com/a.png")], "messages", "image 1 is neither bytes"),
        ([picture_part("https://169.254.169.254/")], "messages", "169.254.169.254 is not on the public internet"),
        ([picture_part("data:image/png;base64,aGVsbG8=")], "messages", "image 1 is not a JPEG, PNG, WEBP, GIF file"),
        ([picture_part("https://x.invalid/")] * 10_000, "messages", "10,000 images are too many"),
        ([picture_part({})], "messages[0].content", "has no url: this function reads text and images"),
        ([picture_part(""), {"type": "input_audio"}], "messages[0].content", "a part of type 'input_audio'"),
        ([picture_part(""), {"type": "text", "text": 7}], "messages[0].content", "has no text"),
        ([picture_part(""), {"type": ["text"]}], "messages[0].content", "a part of type ['text']"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_images_that_cannot_be_used_are_refused_before_the_call(
    seeing: ModuleType, parts: list[Any], param: str, said: str
) -> None:
    pytest.importorskip("PIL")
    status, found = ask(seeing, "POST", "/v1/chat/completions", {"messages": [{"role": "user", "content": parts}]})
    assert (status, found["error"]["type"], found["error"]["param"]) == (400, "invalid_request_error", param)
    assert said in found["error"]["message"] and "\n" not in found["error"]["message"]


def test_a_body_that_is_too_large_is_not_read_to_its_end(seeing: ModuleType) -> None:
    status, found = ask(seeing, "POST", "/v1/chat/completions", "x" * (65 << 20))
    assert (status, found["error"]["message"]) == (413, "The body of a request has 64 MiB at most.")
