"""One question to a deployed function as code: with its system message, sampling and output type, to run as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from wizard.core.plan.call_snippets import PROXY_TOKEN, openai_client, python_call
from wizard.core.schema.json_value import JsonObject, JsonValue

WIDTH = 100  # columns of the code, where a value can be broken at all
INDENT = "    "
_OPENAI = """\
{imports}

from openai import OpenAI

{functions}{token}
client = {client}
{before}answer = client.chat.completions.create(
{arguments})
print(answer.choices[0].message.content)"""
_DATA_ADDRESS = """\

def data_address(name: str) -> str:
    with open(name, "rb") as file:
        return f"data:{mimetypes.guess_type(name)[0]};base64,{base64.b64encode(file.read()).decode()}"


"""
_OPENAI_NAMES = ("max_tokens", "temperature", "top_p", "seed")  # which OpenAI's client takes by the same name


def python_code(
    app: str, arguments: Mapping[str, JsonValue], *, images: Sequence[str] = (), environment: str | None = None
) -> str:
    """A call from Python. `arguments` are those of ``Generator.generate`` by their names; `images` are file names."""
    named = [_named(name, value) for name, value in arguments.items()]
    if images:
        files = ", ".join(f'open({literal(each)}, "rb").read()' for each in images)
        named.append(f"{INDENT}images=[{files}],\n")
    return python_call(app, f"\n{''.join(named)}", environment)


def openai_code(app: str, arguments: Mapping[str, JsonValue], *, endpoint: str, images: Sequence[str] = ()) -> str:
    """The same over HTTP, with OpenAI's client. MODAL_KEY and MODAL_SECRET hold a proxy token."""
    modules = ["import base64", "import mimetypes", "import os"] if images else ["import os"]
    model = arguments.get("adapter") or app  # an app with several adapters has each as a model
    named = [_named("model", model), _messages(arguments, bool(images))]
    extra: JsonObject = {}
    form, output = arguments.get("form"), arguments.get("output")
    if form == "json_schema":
        described: JsonValue = {"name": "answer", "schema": output}
        named.append(_named("response_format", {"type": "json_schema", "json_schema": described}))
    elif form == "none":
        named.append(_named("response_format", {"type": "text"}))
    elif isinstance(form, str):
        extra["structured_outputs"] = {form: output}
    named += [_named(name, arguments[name]) for name in _OPENAI_NAMES if arguments.get(name) is not None]
    extra |= {name: arguments[name] for name in ("top_k", "think") if arguments.get(name) is not None}
    if extra:
        named.append(_named("extra_body", extra))
    files = ", ".join(literal(each) for each in images)
    before = f'images = [{{"type": "image_url", "image_url": {{"url": data_address(name)}}}} for name in [{files}]]\n'
    return _OPENAI.format(
        imports="\n".join(modules),
        functions=_DATA_ADDRESS if images else "",
        token=PROXY_TOKEN,
        client=openai_client("OpenAI", endpoint),
        before=before if images else "",
        arguments="".join(named),
    )


def _messages(arguments: Mapping[str, JsonValue], with_images: bool) -> str:
    """The conversation, as OpenAI's client takes it; images go with its last message."""
    given, prompt = arguments.get("messages"), arguments.get("prompt", "")
    messages: list[JsonValue] = list(given) if isinstance(given, list) else [{"role": "user", "content": prompt}]
    if not with_images:
        return _named("messages", messages)
    said = messages[-1]
    text = said.get("content", "") if isinstance(said, dict) else ""
    before = "".join(f"{INDENT * 2}{literal(each, 2)},\n" for each in messages[:-1])
    part = f'{{"type": "text", "text": {literal(text)}}}'
    return f'{INDENT}messages=[\n{before}{INDENT * 2}{{"role": "user", "content": [{part}, *images]}},\n{INDENT}],\n'


def _named(name: str, value: JsonValue) -> str:
    return f"{INDENT}{name}={literal(value, 1, len(name) + 2)},\n"


def literal(value: JsonValue, depth: int = 0, taken: int = 0) -> str:
    """A value as Python writes it, on one line where it fits behind `taken` columns; `depth` is that of its line."""
    flat = _flat(value)
    if not isinstance(value, dict | list) or not value or len(flat) + len(INDENT) * depth + taken <= WIDTH:
        return flat
    inner, outer = INDENT * (depth + 1), INDENT * depth
    if isinstance(value, list):
        return "[\n" + "".join(f"{inner}{literal(each, depth + 1, 1)},\n" for each in value) + f"{outer}]"
    lines = []
    for key, each in value.items():
        name = _flat(key)
        lines.append(f"{inner}{name}: {literal(each, depth + 1, len(name) + 3)},\n")
    return "{\n" + "".join(lines) + f"{outer}}}"


def _flat(value: JsonValue) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flat(key)}: {_flat(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    if isinstance(value, str) and all(char.isprintable() or char in "\n\t" for char in value):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)  # None, True and numbers; and a text with what cannot be seen, which is escaped
