"""How a deployed function is called from outside of this program: snippets that work as they are printed."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

MAKE_PROXY_TOKEN = "modal workspace proxy-tokens create"  # modal 1.6; prints it once, as Modal-Key and Modal-Secret

IMAGE = "receipt.jpg"  # what a snippet for a vision model names
# Modal documents the two headers for web functions, and a bearer token for endpoints of its own: each names the token.
PROXY_TOKEN = 'key, secret = os.environ["MODAL_KEY"], os.environ["MODAL_SECRET"]'
_CLIENT = """\
{client}(
    base_url={base_url},
    api_key=f"{{key}}.{{secret}}",
    default_headers={{"Modal-Key": key, "Modal-Secret": secret}},
)"""
_PERSON = """\
class Person(BaseModel):  # what you want to know
    name: str
    age: int = Field(ge=0, le=150)
"""
_OUTLINES = """\
import os

import outlines
from openai import OpenAI
from pydantic import BaseModel, Field


{person}

{token}
client = {client}
model = outlines.from_vllm(client, {app})
print(model({prompt}, Person))"""
_OPENAI = """\
import os

from openai import OpenAI
from pydantic import BaseModel, Field


{person}

{token}
client = {client}
messages = [{{"role": "user", "content": {prompt}}}]
done = client.chat.completions.parse(model={app}, messages=messages, response_format=Person)
print(done.choices[0].message.parsed)"""
_PYDANTIC_AI = """\
import os

from openai import AsyncOpenAI
from pydantic import BaseModel, Field
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


{person}

{token}
client = {client}
model = OpenAIChatModel({app}, provider=OpenAIProvider(openai_client=client))
agent = Agent(model, output_type=NativeOutput(Person))
print(agent.run_sync({prompt}).output)"""
_LANGCHAIN = """\
import os

from langchain_openai import ChatOpenAI
from pydantic import BaseModel, Field


{person}

{token}
model = {client}
print(model.with_structured_output(Person).invoke({prompt}))"""
_INSTRUCTOR = """\
import os

import instructor
from openai import OpenAI
from pydantic import BaseModel, Field


{person}

{token}
openai = {client}
client = instructor.from_openai(openai, mode=instructor.Mode.JSON_SCHEMA)
messages = [{{"role": "user", "content": {prompt}}}]
print(client.create(model={app}, messages=messages, response_model=Person))"""


@dataclass(frozen=True)
class Snippet:
    """One way to call a function: the key by which JSON has it, what a person calls it, and the code."""

    key: str
    label: str
    text: str
    language: str = "python"


def snippets(
    app: str, prompt: str, *, endpoint: str = "", environment: str | None = None, sees: bool = False
) -> list[Snippet]:
    """Every way to call a deployed function from a program; those over HTTP where it has an endpoint. `sees`: the one
    from Python passes an image.
    """
    python = Snippet("python", "Python", python_snippet(app, prompt, environment, sees=sees))
    if not endpoint:
        return [python]

    def over_http(key: str, label: str, source: str, client: str) -> Snippet:
        name = f"ChatOpenAI(\n    model={_text(app)}," if client == "ChatOpenAI" else f"{client}("
        made = openai_client("", endpoint)
        words = {"person": _PERSON, "token": PROXY_TOKEN, "client": name + made[1:], "app": _text(app)}
        return Snippet(key, label, source.format(**words, prompt=_text(prompt)))

    return [
        over_http("outlines", "Outlines", _OUTLINES, "OpenAI"),
        python,
        Snippet("http", "curl", curl_snippet(endpoint, prompt), "bash"),
        over_http("openai", "openai", _OPENAI, "OpenAI"),
        over_http("pydantic-ai", "pydantic-ai", _PYDANTIC_AI, "AsyncOpenAI"),
        over_http("langchain", "LangChain", _LANGCHAIN, "ChatOpenAI"),
        over_http("instructor", "instructor", _INSTRUCTOR, "OpenAI"),
    ]


def curl_snippet(endpoint: str, prompt: str) -> str:
    """One call of the HTTP endpoint. MODAL_KEY and MODAL_SECRET hold a proxy token.

    ``-L`` since Modal redirects a caller who has waited for 150 seconds to the same answer.
    """
    body = shlex.quote(json.dumps({"messages": [{"role": "user", "content": prompt}]}, ensure_ascii=False))
    url = shlex.quote(f"{endpoint.rstrip('/')}/v1/chat/completions")
    return f'curl -sL -H "Modal-Key: $MODAL_KEY" -H "Modal-Secret: $MODAL_SECRET" -d {body} {url}'


def python_snippet(app: str, prompt: str, environment: str | None = None, *, sees: bool = False) -> str:
    """How Python calls the deployed function, with an image where the model sees."""
    images = f', images=[open({_text(IMAGE)}, "rb").read()]' if sees else ""
    return python_call(app, f"{_text(prompt)}{images}", environment)


def python_call(app: str, arguments: str, environment: str | None = None) -> str:
    """A call from Python with arguments that are written already."""
    place = f", environment_name={_text(environment)}" if environment else ""
    return (
        "import modal\n\n"
        f'Generator = modal.Cls.from_name({_text(app)}, "Generator"{place})\n'
        f"answer = Generator().generate.remote({arguments})\n"
        'print(answer["text"])'
    )


def openai_client(name: str, endpoint: str) -> str:
    """A client of OpenAI's API, made with the class of that name, behind PROXY_TOKEN."""
    return _CLIENT.format(client=name, base_url=_text(f"{endpoint.rstrip('/')}/v1"))


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
