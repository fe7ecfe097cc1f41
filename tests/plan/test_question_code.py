"""A question as code: what it says is what was asked, whatever is in it. The journeys run it against the stand-ins."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.question_code import literal, openai_code, python_code
from wizard.core.schema.json_value import JsonObject, JsonValue
from wizard.flow.deploy.function_calls import call_output

HOSTILE = 'say "x"\n\\ {brace} \u202eright to left\x1b]0;title\x07 \ud800 \U0001f600 %s {{}}'
QUESTIONS: list[JsonObject] = [
    {"prompt": "Is it?"},
    {"prompt": HOSTILE, "temperature": 0.2, "seed": 7, "top_k": 5, "max_tokens": 12},
    {"prompt": "Who?", **call_output(CHARACTER)},
    {"prompt": "Who?", "form": "none", "output": ""},
    {"prompt": "Who?", "form": "regex", "output": r"\d{3}\w+", "think": "off"},
    {"prompt": "x", "messages": [{"role": "system", "content": HOSTILE}, {"role": "user", "content": "x"}]},
]


def keywords(code: str, name: str) -> dict[str, Any]:
    """The literal arguments of the call in a program whose function has that name; others are left out."""
    code.encode()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
            found = {}
            for each in node.keywords:
                try:
                    found[str(each.arg)] = ast.literal_eval(each.value)
                except ValueError:
                    continue
            return found
    raise AssertionError(f"no call of {name}")


@pytest.mark.parametrize("asked", QUESTIONS)
def test_python_passes_on_what_was_asked(asked: JsonObject) -> None:
    code = python_code("my-app", asked, environment="dev")
    assert keywords(code, "remote") == asked
    assert keywords(code, "from_name") == {"environment_name": "dev"}
    assert all(char.isprintable() or char == "\n" for char in code), "nothing in it reads otherwise than it runs"


@pytest.mark.parametrize("asked", QUESTIONS)
def test_the_openai_client_is_told_the_same(asked: JsonObject) -> None:
    said = keywords(openai_code("my-app", asked, endpoint="https://x.example/"), "create")
    assert said["model"] == "my-app"
    assert said["messages"] == asked.get("messages", [{"role": "user", "content": asked["prompt"]}])
    for name in ("temperature", "seed", "max_tokens"):
        assert said.get(name) == asked.get(name)
    extra, wanted = said.get("extra_body", {}), said.get("response_format", {})
    assert extra.get("top_k") == asked.get("top_k") and extra.get("think") == asked.get("think")
    match asked.get("form"):
        case "json_schema":
            assert wanted["json_schema"]["schema"] == asked["output"]
        case "none":
            assert wanted == {"type": "text"}
        case "regex":
            assert extra["structured_outputs"] == {"regex": asked["output"]}
        case None:
            assert not wanted and "structured_outputs" not in extra


def test_images_are_read_from_their_files() -> None:
    system: JsonValue = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is it?"}]
    asked: JsonObject = {"prompt": "What is it?", "messages": system}
    names = ["two words.png", 'it"s.jpg']
    code = python_code("app", {"prompt": "What is it?"}, images=names)
    assert 'images=[open("two words.png", "rb").read(), open("it\\"s.jpg", "rb").read()]' in code
    compile(code, "code", "exec")
    code = openai_code("app", asked, endpoint="https://x.example", images=names)
    compile(code, "code", "exec")
    assert '{"role": "system", "content": "Be brief."}' in code and "*images]" in code
    assert "import base64" in code and 'for name in ["two words.png", "it\\"s.jpg"]' in code


def test_values_are_broken_where_they_are_long() -> None:
    value: JsonValue = {"a": [1, 2.5, True, None, "é"], "b": {"c": "x" * 90}}
    assert ast.literal_eval(literal(value)) == value
    assert literal(value).splitlines()[1] == '    "a": [1, 2.5, True, None, "é"],'
    assert literal({}) == "{}" and literal([]) == "[]"
