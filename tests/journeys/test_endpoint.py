"""A function that answers over HTTP: never open, in OpenAI's words, and called by the clients that people have."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from tests.support.person import APP, BIN, Serving, wait_until
from wizard.core.cases.case import with_system
from wizard.core.inference.engine_registry import engines
from wizard.core.output.output_type import OutputType
from wizard.core.plan.call_snippets import MAKE_PROXY_TOKEN
from wizard.core.plan.question_code import openai_code, python_code
from wizard.core.schema.json_value import JsonObject
from wizard.flow.deploy.function_calls import call_output

PROMPT = "Give me a character description: Conan, 40 year old man with an axe and no armor. It's Conan."
USER = [{"role": "user", "content": PROMPT}]
SLOW = {"regex": "[0-9]{420}"}  # a token for each digit
UNIQUE = {"type": "object", "properties": {"tags": {"type": "array", "uniqueItems": True}}}

pytestmark = [pytest.mark.long, pytest.mark.slow]


@dataclass
class Endpoint:
    """A deployed function with an endpoint, and a proxy token that its door lets in."""

    serving: Serving
    url: str
    next: dict[str, str]
    token: dict[str, str]

    def client(self, **more: Any) -> httpx2.AsyncClient:
        headers = {"Modal-Key": self.token["MODAL_KEY"], "Modal-Secret": self.token["MODAL_SECRET"]}
        return httpx2.AsyncClient(base_url=self.url, headers=headers, follow_redirects=True, timeout=280, **more)

    async def ask(self, **body: Any) -> tuple[int, Any]:
        async with self.client() as client:
            response = await client.post("/v1/chat/completions", json={"messages": USER} | body)
            return response.status_code, response.json()

    async def stream(self, **body: Any) -> list[Any]:
        """The events of a stream: parsed, and the last one as it is where it is no JSON."""
        async with (
            self.client() as client,
            client.stream("POST", "/v1/chat/completions", json={"messages": USER, "stream": True} | body) as response,
        ):
            assert response.status_code == 200, await response.aread()
            assert response.headers["content-type"].startswith("text/event-stream")
            lines = [line.removeprefix("data: ") async for line in response.aiter_lines() if line]
        return [json.loads(line) if line.startswith("{") else line for line in lines]


def of_engine(name: str) -> Any:
    """A parameter for an inference engine: skipped where it is not installed."""
    here = importlib.util.find_spec(name) is not None
    return pytest.param(name, marks=pytest.mark.skipif(not here, reason=f"{name} is not installed"))


@pytest.fixture(scope="module", params=[of_engine(each.name) for each in engines()])
def endpoint(serving: Serving, request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    person = serving.person
    flags = ["--endpoint", "--engine", request.param, "--prompt", PROMPT]
    planned = person.deploy(*flags, "--dry-run", "--save-plan", "plan.toml")
    assert planned.one("PlanReady")["plan"]["function"]["endpoint"] is True
    done = person.deploy("--plan", "plan.toml", "--no-sample")
    made = serving.modal_json(*MAKE_PROXY_TOKEN.split()[1:])
    token = {"MODAL_KEY": made["Modal-Key"], "MODAL_SECRET": made["Modal-Secret"]}
    yield Endpoint(serving, done.last["endpoint"], done.last["next"], token)
    without = person.deploy("--no-sample")
    assert without.changes()["app"] == "update"
    assert without.last["endpoint"] == ""
    assert "endpoint" not in person.wizard("status", APP, "--rehearse", "--json").json()["functions"]


def is_conan(text: str) -> bool:
    return bool(json.loads(text)["name"] == "Conan")


def test_status_and_the_app_file_tell_of_it(endpoint: Endpoint) -> None:
    person = endpoint.serving.person
    assert endpoint.url.endswith(f"/rehearsal--{APP}-endpoint")
    seen = person.wizard("status", APP, "--rehearse", "--json").json()
    assert seen["endpoint"] == endpoint.url and "endpoint" in seen["functions"]
    assert list(seen["snippets"]) == ["outlines", "python", "http", "openai", "pydantic-ai", "langchain", "instructor"]
    assert seen["snippets"] == {key: endpoint.next[key] for key in seen["snippets"]}
    told = person.wizard("status", APP, "--rehearse").stdout
    assert "# Outlines" in told and "import instructor" in told and MAKE_PROXY_TOKEN in told


async def test_the_door_lets_in_who_has_a_proxy_token(endpoint: Endpoint) -> None:
    async with httpx2.AsyncClient(base_url=endpoint.url, follow_redirects=True) as stranger:
        for path in ("/v1/models", "/health", "/v1/chat/completions"):
            response = await stranger.get(path)
            assert response.status_code == 401
            assert response.text == "modal-http: missing credentials for proxy authorization"
        bearer = {"Authorization": f"Bearer {endpoint.token['MODAL_KEY']}.{endpoint.token['MODAL_SECRET']}"}
        assert (await stranger.get("/health", headers=bearer)).json()["status"] == "ok"
    async with endpoint.client() as client:
        found = (await client.get("/v1/models")).json()["data"]
        assert found[0]["id"] == APP


async def test_an_answer_and_what_it_says_of_itself(endpoint: Endpoint) -> None:
    status, answer = await endpoint.ask(temperature=0)
    assert (status, answer["object"]) == (200, "chat.completion")
    [choice] = answer["choices"]
    assert is_conan(choice["message"]["content"]), "no schema was asked for: it is the function's own"
    assert (choice["finish_reason"], choice["message"]["refusal"]) == ("stop", None)
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 20
    _, short = await endpoint.ask(temperature=0, max_tokens=5)
    assert short["choices"][0]["finish_reason"] == "length" and short["usage"]["completion_tokens"] == 5
    _, choices = await endpoint.ask(structured_outputs={"choice": ["yes", "no"]}, n=3, seed=5, temperature=2)
    assert {each["message"]["content"] for each in choices["choices"]} <= {"yes", "no"}
    assert [each["index"] for each in choices["choices"]] == [0, 1, 2]
    _, empty = await endpoint.ask(guided_regex="")
    assert empty["choices"][0]["message"]["content"] is None and "empty" in empty["choices"][0]["message"]["refusal"]
    _, brief = await endpoint.ask(messages=[{"role": "system", "content": "Be brief."}, *USER], temperature=0)
    assert brief["usage"]["prompt_tokens"] > usage["prompt_tokens"]


async def test_a_stream_tells_what_an_answer_says(endpoint: Endpoint) -> None:
    _, whole = await endpoint.ask(temperature=0)
    *events, done = await endpoint.stream(temperature=0, stream_options={"include_usage": True})
    assert done == "[DONE]"
    assert {event["object"] for event in events} == {"chat.completion.chunk"} and len({e["id"] for e in events}) == 1
    *made, usage = events
    assert (usage["choices"], usage["usage"]) == ([], whole["usage"])
    assert made[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    text = "".join(event["choices"][0]["delta"].get("content", "") for event in made)
    assert text == whole["choices"][0]["message"]["content"] and len(made) > 5
    assert [event["choices"][0]["finish_reason"] for event in made[-2:]] == [None, "stop"]
    two = await endpoint.stream(temperature=0, n=2, structured_outputs={"choice": ["yes", "no"]})
    assert [e["choices"][0]["index"] for e in two[:-1] if e["choices"][0]["finish_reason"]] == [0, 1]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
async def test_what_cannot_be_enforced_names_the_keyword_and_its_place(endpoint: Endpoint, streamed: bool) -> None:
    status, said = await endpoint.ask(structured_outputs={"json": UNIQUE}, stream=streamed)
    assert (status, said["error"]["code"]) == (400, "output_type_not_enforced")
    assert "uniqueItems at /properties/tags" in said["error"]["message"]
    status, said = await endpoint.ask(messages=[{"role": "user", "content": "word " * 2000}], stream=streamed)
    assert (status, said["error"]["code"]) == (400, "context_length_exceeded")
    assert "512 tokens" in said["error"]["message"]


async def test_a_client_that_goes_away_ends_its_call(endpoint: Endpoint) -> None:
    assert (await endpoint.ask(max_tokens=2))[0] == 200  # a container is up

    def counted(rpc: str) -> int:
        return endpoint.serving.rpcs().get(f"container:{rpc}", 0)

    for more in ({}, {"stream": True}):
        called, cancelled = counted("FunctionMap"), counted("FunctionCallCancel")
        asking = asyncio.create_task(endpoint.ask(structured_outputs=SLOW, max_tokens=450, **more))
        await asyncio.to_thread(wait_until, lambda called=called: counted("FunctionMap") > called)
        await asyncio.sleep(0.3)  # it is being answered
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.to_thread(wait_until, lambda before=cancelled: counted("FunctionCallCancel") > before)
    assert is_conan((await endpoint.ask(temperature=0))[1]["choices"][0]["message"]["content"])


async def test_a_stream_whose_container_dies_says_so(endpoint: Endpoint) -> None:
    """Another container begins anew, and what it says does not go on from what was told."""
    assert (await endpoint.ask(max_tokens=2))[0] == 200  # a container is up

    async def kill_soon() -> None:
        await asyncio.sleep(0.6)
        for number, environ in endpoint.serving.person.processes().items():
            if b"HF_HUB_OFFLINE=1" in environ and b"MODAL_CONTAINER_ARGUMENTS_PATH" in environ:
                os.kill(number, 9)

    killing = asyncio.create_task(kill_soon())
    events = await endpoint.stream(structured_outputs=SLOW, max_tokens=450, temperature=2)
    await killing
    assert "choices" in events[0], "it had begun"
    assert events[-1] != "[DONE]" and events[-1]["error"]["type"] == "server_error", events[-1]
    assert "broke off" in events[-1]["error"]["message"]


async def test_many_calls_at_once_of_all_sorts(endpoint: Endpoint) -> None:
    """Each gets what it asked for, whatever its neighbours ask for."""
    started = time.monotonic()
    kinds: list[dict[str, Any]] = [
        {"structured_outputs": {"choice": ["yes", "no"]}},
        {"structured_outputs": {"regex": "[0-9]{4}"}},
        {"max_tokens": 3},
        {"response_format": {"type": "text"}, "max_tokens": 4},
    ]
    answers = await asyncio.gather(*(endpoint.ask(**kinds[number % 4]) for number in range(300)))
    assert {status for status, _ in answers} == {200}, time.monotonic() - started
    texts = [answer["choices"][0]["message"]["content"] for _, answer in answers]
    assert set(texts[::4]) <= {"yes", "no"}
    assert all(len(text) == 4 and text.isdigit() for text in texts[1::4])


SNIPPETS = {
    "outlines": ("outlines", "openai"),
    "python": (),
    "http": (),
    "openai": ("openai",),
    "pydantic-ai": ("pydantic_ai",),
    "langchain": ("langchain_openai",),
    "instructor": ("instructor",),
}


@pytest.mark.parametrize("key", SNIPPETS)
def test_a_snippet_works_as_it_is_printed(endpoint: Endpoint, key: str) -> None:
    missing = [name for name in SNIPPETS[key] if importlib.util.find_spec(name) is None]
    if missing or (key == "http" and shutil.which("curl") is None):
        pytest.skip(f"{missing or 'curl'} is not installed")
    command = ["sh", "-c"] if key == "http" else [sys.executable, "-W", "ignore", "-c"]
    printed = endpoint.serving.run(*command, endpoint.next[key], **endpoint.token)
    if key == "http":
        printed = json.loads(printed)["choices"][0]["message"]["content"]
    assert "Conan" in printed and "40" in printed, printed


@pytest.mark.parametrize("key", ["python", "openai"])
def test_a_question_as_code_works_as_it_is_printed(endpoint: Endpoint, key: str) -> None:
    """With an output type and sampling that are not the function's own."""
    if key == "openai":
        pytest.importorskip("openai")
    asked: JsonObject = {"prompt": PROMPT, "messages": [*with_system("Be brief.", PROMPT)], "max_tokens": 20}
    asked |= {"temperature": 0.2, "seed": 3, **call_output(OutputType("regex", "(yes|no) indeed"))}
    code = python_code(APP, asked) if key == "python" else openai_code(APP, asked, endpoint=endpoint.url)
    printed = endpoint.serving.run(sys.executable, "-W", "ignore", "-c", code, **endpoint.token)
    assert printed.strip() in ("yes indeed", "no indeed")


@pytest.mark.parametrize("key", ["openai", "http"])
def test_without_a_proxy_token_a_snippet_says_401(endpoint: Endpoint, key: str) -> None:
    if key == "http":
        assert "missing credentials" in endpoint.serving.run("sh", "-c", endpoint.next[key])
        return
    pytest.importorskip("openai")
    strange = {"MODAL_KEY": "wk-x", "MODAL_SECRET": "ws-x"}
    said = endpoint.serving.run(sys.executable, "-W", "ignore", "-c", endpoint.next[key], code=1, **strange)
    assert "401" in said and "AuthenticationError" in said


def program(endpoint: Endpoint, text: str) -> str:
    """What a program prints that has OpenAI's client as `client`."""
    before, after = endpoint.next["openai"].split("messages = ")
    assert after
    return endpoint.serving.run(sys.executable, "-W", "ignore", "-c", before + text, **endpoint.token)


def test_the_openai_client_streams_and_reads_errors(endpoint: Endpoint) -> None:
    pytest.importorskip("openai")
    text = f"""
import openai
messages = [{{"role": "system", "content": "Be brief."}}, {{"role": "user", "content": {PROMPT!r}}}]
how = dict(model={APP!r}, messages=messages, response_format=Person, temperature=0)
with client.chat.completions.stream(**how) as stream:
    kinds = {{event.type for event in stream}}
    print(sorted(kinds)[:2], stream.get_final_completion().choices[0].message.parsed.name)
print([each.id for each in client.models.list()])
try:
    client.chat.completions.create(model={APP!r}, messages=messages, extra_body={{"guided_json": {UNIQUE!r}}})
except openai.BadRequestError as error:
    print(error.code, error.body["message"])
try:
    client.chat.completions.create(model="other", messages=messages)
except openai.NotFoundError as error:
    print(error.code)
try:
    client.chat.completions.parse(**how, max_tokens=4)
except openai.LengthFinishReasonError as error:
    print("cut short")
"""
    said = program(endpoint, text)
    assert "content.delta" in said and "Conan" in said and APP in said
    assert "output_type_not_enforced" in said and "uniqueItems at /properties/tags" in said
    assert "model_not_found" in said and "cut short" in said


def test_outlines_streams_and_takes_its_own_types(endpoint: Endpoint) -> None:
    pytest.importorskip("openai")
    text = f"""
import outlines, datetime
from typing import Literal
model = outlines.from_vllm(client, {APP!r})
print(model("Is it?", Literal["yes", "no"]), model("When?", datetime.date), len(model("A number?", int, max_tokens=5)))
print("".join(model.stream({PROMPT!r}, Person)))
"""
    said = program(endpoint, text)
    assert said.split()[0] in ("yes", "no") and "Conan" in said


def test_the_llm_command_line_tool(endpoint: Endpoint) -> None:
    if not (BIN / "llm").is_file():
        pytest.skip("llm is not installed")
    folder = endpoint.serving.person.folder / "llm"
    folder.mkdir()
    headers = f"{{Modal-Key: {endpoint.token['MODAL_KEY']}, Modal-Secret: {endpoint.token['MODAL_SECRET']}}}"
    entry = f"- model_id: mine\n  model_name: {APP}\n  api_base: {endpoint.url}/v1\n  headers: {headers}\n"
    (folder / "extra-openai-models.yaml").write_text(entry)
    own = {"LLM_USER_PATH": str(folder)}
    assert is_conan(endpoint.serving.run(str(BIN / "llm"), "-m", "mine", PROMPT, **own))
    assert is_conan(endpoint.serving.run(str(BIN / "llm"), "-m", "mine", "--no-stream", PROMPT, **own))
