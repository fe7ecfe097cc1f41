"""Inputs that nobody would make on purpose, by seed: names, schemas, plans, images, lines, tables, logs, requests.

Each is something valid with a part that was changed: cut off, repeated, nested, replaced by what readers stumble over.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from tests.codegen.tiny_vision import picture

SPICE = (
    *(
        "\x1b[2J",
        "\x1b]0;owned\x07",
        "\r",
        "\n",
        "\t",
        "\u2028",
        "\u202e",
        "[/x]",
        "[bold red]",
        "{model}",
        "{0}",
        "%s",
    ),
    *(
        "\x00",
        "\ud800",
        "é",
        "🦜",
        "\x7f",
        "</form>",
        "\ufeff",
        "..",
        "../..",
        "/",
        "//",
        "\\",
        "~",
        "-",
        "--",
        "'",
        '"',
    ),
    *("-1", "0", "1e999", "NaN", "Infinity", "9" * 400, "null", "true", "None", "#", ":", "@", "?", "=", ",", ";", "|"),
    *(" ", "%", "$HOME", "~nobody/"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**31, 2**63, 2**64, 10**40, 0.5, -0.0, 1e300, float("nan"), float("inf"), "", " "),
    *("\ud800", "\x00", "a" * 5000, [], {}, [[]], [None], {"": ""}, {"type": "object"}, [1, "a", None], "\x1b[2J"),
)
SCHEMA: dict[str, Any] = {
    "title": "Thing",
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 9},
        "age": {"type": "integer", "minimum": 0, "maximum": 120},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/Tag"}, "minItems": 1, "maxItems": 3},
        "kind": {"enum": ["a", "b", None]},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
    "$defs": {"Tag": {"anyOf": [{"const": "x"}, {"type": "number", "multipleOf": 0.5}]}},
}
PLAN = """[model]
model = "acme/tiny"
revision = "main"

[output]
kind = "choices"
spec = ["yes", "no"]
prompt = "Is it?"
max_tokens = 32
think = "off"

[function]
app = "tiny"
gpu = "L4"
backend = "auto"
max_containers = 2
scaledown_window = 60
endpoint = true
engine = "auto"
"""
REQUEST: dict[str, Any] = {
    "model": "tiny",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Is it?"}],
    "response_format": {"type": "json_schema", "json_schema": {"name": "thing", "schema": SCHEMA, "strict": True}},
    "max_tokens": 4,
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 5,
    "seed": 7,
    "n": 1,
    "stop": ["."],
    "stream": False,
    "stream_options": {"include_usage": True},
}
CASE: dict[str, Any] = {
    "prompt": "Who?", "expected": {"name": "Conan", "age": 40}, "compare": {"age": "±1"}, "max_tokens": 9, "id": 1,
}  # fmt: skip
LINE: dict[str, Any] = {
    "prompt": "Who?", "max_tokens": 9, "think": "off", "adapter": "a", "id": {"a": 1}, "images": ["x.png"],
}  # fmt: skip
TABLE = 'prompt,name,age,tags\nWho is it?,Conan,40,axe\n"quoted, with a comma",Zoe,29,"a""b"\n'
LOG = """Traceback (most recent call last):
  File "/app/run.py", line 3, in <module>
huggingface_hub.errors.GatedRepoError: 403 Client Error. Cannot access gated repo for url https://huggingface.co/a/b.
"""
NAMES = ("acme/tiny", "https://huggingface.co/acme/tiny/tree/main", "hf://acme/tiny@main", "./folder", "acme/tiny@v1")


def changed_text(dice: random.Random, text: str) -> str:
    """A text with one to three places changed."""
    for _ in range(dice.randint(1, 3)):
        at, width = dice.randrange(len(text) + 1), dice.choice([0, 0, 1, 3, 20])
        piece = dice.choice(SPICE) * dice.choice([1, 1, 1, 2, 50])
        text = text[:at] + piece + text[at + width :]
        if dice.random() < 0.1:
            text = text[: dice.randrange(len(text) + 1)]
    return text


def changed_bytes(dice: random.Random, data: bytes) -> bytes:
    """Bytes with some of them changed, cut off, or in another encoding."""
    how = dice.randrange(6)
    if how == 0:
        return data[: dice.randrange(len(data) + 1)]
    if how == 1:
        return data.decode("utf-8", "replace").encode(dice.choice(["utf-16", "utf-8-sig", "utf-32"]))
    if how == 2:
        return dice.randbytes(dice.choice([0, 1, 16, 300]))
    found = bytearray(data)
    for _ in range(dice.randint(1, 8)):
        if found:
            found[dice.randrange(len(found))] = dice.randrange(256)
    return bytes(found)


def changed_value(dice: random.Random, value: Any) -> Any:
    """A JSON value with one part replaced by another value, a key renamed or added, or nested very deep."""
    if isinstance(value, dict) and value and dice.random() < 0.8:
        key = dice.choice(list(value))
        how = dice.randrange(8)
        if how == 0:
            return value | {dice.choice(SPICE): dice.choice(VALUES)}
        if how == 1:
            return {dice.choice(SPICE) if name == key else name: each for name, each in value.items()}
        if how == 2:
            return {name: each for name, each in value.items() if name != key}
        return value | {key: changed_value(dice, value[key])}
    if isinstance(value, list) and value and dice.random() < 0.7:
        at = dice.randrange(len(value))
        return [*value[:at], changed_value(dice, value[at]), *value[at + 1 :]]
    if isinstance(value, str) and dice.random() < 0.5:
        return changed_text(dice, value)
    if dice.random() < 0.03:
        for _ in range(dice.choice([30, 100])):
            value = {"properties": {"a": value}} if dice.random() < 0.5 else [value]
        return value
    return dice.choice(VALUES)


def changed_json(dice: random.Random, value: Any) -> bytes:
    """A JSON text of a changed value; now and then no JSON any more."""
    for _ in range(dice.randint(1, 3)):
        value = changed_value(dice, value)
    data = json.dumps(value, ensure_ascii=dice.random() < 0.8).encode("utf-8", "surrogatepass")
    how = dice.random()
    if how < 0.1:
        return changed_bytes(dice, data)
    if how < 0.11:
        deep = dice.choice([400, 900, 2_000])
        return dice.choice([b'{"a":' * 100_000, b'{"not":' * deep + b"{}" + b"}" * deep, b"[" * deep + b"]" * deep])
    return data


def lines_of(dice: random.Random, value: Any) -> bytes:
    """Several JSON lines, most of them changed."""
    return dice.choice([b"\n", b"\r\n"]).join(changed_json(dice, value) for _ in range(dice.randint(1, 3)))


def image_of(dice: random.Random) -> bytes:
    """What was an image, or says that it is one."""
    data = changed_bytes(dice, picture(9, 60, dice.choice(["PNG", "JPEG"])))
    starts = [b"", b"", b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\x04\0\0\0WEBP", b"%PDF-"]
    return dice.choice(starts) + data


FILES: dict[str, tuple[str, Callable[[random.Random], bytes]]] = {
    "schema": ("in.json", lambda dice: changed_json(dice, SCHEMA)),
    "plan": ("in.toml", lambda dice: changed_text(dice, PLAN).encode("utf-8", "surrogatepass")),
    "image": ("in.png", image_of),
    "lines": ("in.jsonl", lambda dice: lines_of(dice, LINE)),
    "cases": ("in.jsonl", lambda dice: lines_of(dice, CASE)),
    "table": ("in.csv", lambda dice: changed_text(dice, TABLE).encode("utf-8", "surrogatepass")),
    "log": ("in.txt", lambda dice: changed_text(dice, LOG).encode("utf-8", "surrogatepass")),
}
"""By kind: the name of the file, and what is in it."""


def command_of(dice: random.Random, kind: str) -> list[str]:
    """The command that reads an input of that kind; of a name the input itself."""
    given = ["--prompt", changed_text(dice, "Is it?").replace("\x00", "")] if dice.random() < 0.2 else ["--prompt", "x"]
    return {
        "name": ["check", "--", changed_text(dice, dice.choice(NAMES)).replace("\x00", "")],
        "schema": ["call", "app", "--schema", "in.json", *given],
        "plan": ["deploy", "--plan", "in.toml", "--dry-run"],
        "image": ["call", "app", "--image", "in.png", *given],
        "cases": ["verify", "app", "--cases", "in.jsonl"],
        "table": ["verify", "app", "--cases", "in.csv"],
        "log": ["explain", "in.txt"],
    }[kind]
