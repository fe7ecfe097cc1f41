"""The Modal app that is written for the user: what it says, what it never says, and that every text survives it."""

from __future__ import annotations

import ast
import json
import random
import re
import string
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.plans import COMMIT, plan
from wizard.codegen.app_file import app_file_name, plan_hash, render_app
from wizard.core.access_token import AccessToken
from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.lint.backend import StructuredOutputBackend
from wizard.core.lint.registry import backends
from wizard.core.models.model_info import stored_name
from wizard.core.output.output_type import OutputType, parse_output

RUFF = Path(sys.executable).with_name("ruff")
PROJECT = Path(__file__).resolve().parents[2]
GRAMMAR = 'start: "a" WORD\nWORD: /[a-z"\\\\]+/\n'
DEEP = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": 'A "quoted" name, \\ back'},
        "none": {"enum": [None, True, False, 1, 1.5, -3, "ä日😀"]},
        "list": {"type": "array", "items": {"type": "object", "properties": {"x": {"const": None}}}},
    },
}


PLANS = {
    "schema": plan(),
    "deep schema": plan(output=parse_output("schema", json.dumps(DEEP), "x")),
    "empty schema": plan(output=parse_output("schema", "{}", "x")),
    "open model": plan(needs_token=False),
    "choices": plan(output=parse_output("choices", "yes,no,not - (sure)")),
    "regex": plan(output=parse_output("regex", r"\d{3}-[a-z']+")),
    "regex with quotes": plan(output=parse_output("regex", r'"[a-z]+"\n')),
    "type": plan(output=parse_output("type", "datetime")),
    "grammar": plan(output=OutputType("grammar", GRAMMAR)),
    "text": plan(output=OutputType("text")),
    "outlines_core": plan(backend="outlines_core"),
    "xgrammar": plan(backend="xgrammar"),
    "endpoint": plan(hub_endpoint="http://127.0.0.1:9"),
    "http": plan(endpoint=True),
    "bin": plan(weights="bin"),
    "sees": plan(sees=True),
    "sees over http": plan(sees=True, endpoint=True),
    "thinking": plan(think="200", auto_think=64),
    "thinking over HTTP": plan(think="200", endpoint=True),
    "thinking with vllm": plan(think="200", engine="vllm", fast_start=True),
    "thinking and seeing": plan(think="200", sees=True, endpoint=True),
    "thinking and seeing with vllm": plan(think="200", sees=True, engine="vllm", fast_start=True),
    "thinking with adapters": plan(think="200", adapter=(f"a=acme/a@{COMMIT}", f"b=acme/b@{COMMIT}")),
    "thinking with an adapter and vllm": plan(
        think="200", engine="vllm", fast_start=True, adapter=(f"a=acme/a@{COMMIT}",)
    ),
    "thinking with adapters and vllm": plan(
        think="200", engine="vllm", fast_start=True, adapter=(f"a=acme/a@{COMMIT}", f"b=acme/b@{COMMIT}")
    ),
    "never thinking": plan(closes_thinking=True),
    "no GPU": plan(gpu="none"),
    "folder": plan(model="./my-model", needs_token=False),
    "folders": plan(model="/home/kim/my model", needs_token=False, adapter=(f"a=./a@{COMMIT}", f"b=acme/b@{COMMIT}")),
    "one adapter": plan(adapter=(f"a=acme/a@{COMMIT}",)),
    "adapters over http": plan(adapter=(f"a=acme/a@{COMMIT}", f"b=acme/b@{COMMIT}"), endpoint=True),
    "adapters, vllm": plan(
        adapter=(f"a=acme/a@{COMMIT}", f"b=acme/b@{COMMIT}"), engine="vllm", backend="llguidance", fast_start=True
    ),
    "prompt with quotes": plan(prompt='Say "hi".'),
    "prompt of two lines": plan(prompt="One.\nTwo.\n" + "Three three three. " * 12),
    "prompt that is just too long": plan(prompt="x" * 101),
}


def constants(source: str) -> dict[str, Any]:
    """The module's literal constants, by name."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


def definition(source: str, name: str) -> ast.FunctionDef | ast.ClassDef:
    return next(
        node
        for node in ast.parse(source).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name
    )


@pytest.mark.parametrize("name", PLANS)
def test_it_is_python_and_says_the_plan(name: str) -> None:
    chosen = PLANS[name]
    source = render_app(chosen)
    compile(source, "app.py", "exec")
    said = constants(source)
    assert said["APP_NAME"] == chosen.app
    assert said["MODEL_ID"] == stored_name(chosen.model)
    assert said["MODEL_REVISION"] == COMMIT
    assert said.get("GPU", "none") == chosen.gpu
    assert ("CORES" in said) == ("GPU" not in said)
    assert said["VOLUME"] == chosen.volume
    assert said["PROMPT"] == chosen.prompt
    assert said["MAX_TOKENS"] == chosen.max_tokens
    assert said["FORM"] == chosen.output.form
    wanted = json.loads(chosen.output.enforced) if chosen.output.kind == "schema" else chosen.output.enforced
    assert said["OUTPUT"] == wanted
    assert not re.search(r"\$(?!defs|ref)[a-z_]+", source), "a placeholder was not filled"


def ruff(tmp_path: Path, *command: str) -> str:
    for name, chosen in PLANS.items():
        (tmp_path / f"{name.replace(' ', '_')}.py").write_text(render_app(chosen), encoding="utf-8")
    done = subprocess.run(
        [str(RUFF), *command, "--no-cache", str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_it_has_no_errors_that_a_linter_finds(tmp_path: Path) -> None:
    assert ruff(tmp_path, "check", "--isolated", "--select", "F,E9") == ""


def test_it_is_formatted_as_this_project_is(tmp_path: Path) -> None:
    assert ruff(tmp_path, "format", "--check", "--config", str(PROJECT / "pyproject.toml")) == ""


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert render_app(plan()) == render_app(plan())
    assert plan_hash(plan()) == plan_hash(plan())
    program = (
        "from wizard.codegen.app_file import plan_hash\n"
        "from wizard.core.output.output_type import CHARACTER as C\n"
        "from wizard.core.plan.plan import Plan\n"
        f"print(plan_hash(Plan('acme/model', '{COMMIT}', 'outlines-model', C, 'Describe somebody.', 'L4', True)))"
    )
    again = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PYTHONHASHSEED": "7"},
        cwd=PROJECT,
    )
    assert again.stdout.strip() == plan_hash(plan())


@pytest.mark.parametrize(
    "change",
    [
        {"model": "acme/other"},
        {"revision": "f" * 40},
        {"app": "other"},
        {"output": OutputType("text")},
        {"prompt": "Other."},
        {"gpu": "H100:2"},
        {"needs_token": False},
        {"secret": "other"},
        {"volume": "other"},
        {"weights": "bin"},
        {"backend": "xgrammar"},
        {"max_tokens": 9},
        {"max_containers": 9},
        {"scaledown_window": 9},
        {"hub_endpoint": "http://127.0.0.1:9"},
        {"weights_bytes": 140 * 10**9},
        {"endpoint": True},
        {"sees": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_of_the_plan_shows_in_the_file_and_its_hash(change: dict[str, Any]) -> None:
    other = replace(plan(), **change)
    assert render_app(other) != render_app(plan())
    assert plan_hash(other) != plan_hash(plan())


def test_the_deployed_app_carries_the_hash_of_its_plan() -> None:
    assert f'"plan": "{plan_hash(plan())}"' in render_app(plan())
    assert re.fullmatch(r"[0-9a-f]{12}", plan_hash(plan()))


@pytest.mark.parametrize("name", PLANS)
def test_only_modal_is_imported_where_it_is_deployed(name: str) -> None:
    source = render_app(PLANS[name])
    top: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            top |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            top.add((node.module or "").partition(".")[0])
    assert top - set(sys.stdlib_module_names) == {"modal"}
    anywhere = {n.module or "" for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ImportFrom)}
    anywhere |= {a.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import) for a in n.names}
    assert not any(module.partition(".")[0] == "wizard" for module in anywhere)


def decorator(source: str, name: str) -> dict[str, str]:
    call = definition(source, name).decorator_list[0]
    assert isinstance(call, ast.Call)
    return {keyword.arg or "**": ast.unparse(keyword.value) for keyword in call.keywords}


def test_the_secret_goes_to_the_download_and_nowhere_else() -> None:
    source = render_app(plan(secret="my-secret"))
    assert constants(source)["HF_SECRET"] == "my-secret"
    assert decorator(source, "download")["secrets"] == "[modal.Secret.from_name(HF_SECRET, required_keys=['HF_TOKEN'])]"
    assert "secrets" not in decorator(source, "Generator")
    assert source.count("modal.Secret") == 1


def test_an_open_model_is_given_no_secret() -> None:
    source = render_app(plan(needs_token=False))
    assert "modal.Secret" not in source
    assert "HF_TOKEN" not in source
    assert decorator(source, "download")["secrets"] == "[]"


def test_no_gpu_second_is_spent_on_a_download() -> None:
    source = render_app(plan(scaledown_window=77, max_containers=3))
    assert "gpu" not in decorator(source, "download")
    generator = decorator(source, "Generator")
    assert generator["gpu"] == "GPU"
    assert generator["scaledown_window"] == "77"
    assert generator["max_containers"] == "3"
    assert "read_only=True" in generator["volumes"]
    assert "'HF_HUB_OFFLINE': '1'" in generator["env"]


@pytest.mark.parametrize(
    ("size", "download", "startup"), [(0, 60, 10), (2 * 10**6, 60, 10), (16 * 10**9, 60, 10), (140 * 10**9, 130, 30)]
)
def test_large_weights_are_given_the_time_that_they_need(size: int, download: int, startup: int) -> None:
    source = render_app(plan(weights_bytes=size))
    assert decorator(source, "download")["timeout"] == f"{download} * MINUTES"
    assert decorator(source, "Generator")["startup_timeout"] == f"{startup} * MINUTES"


def test_reasoning_is_given_the_time_that_it_needs() -> None:
    def minutes(**changes: Any) -> tuple[str, str]:
        source = render_app(plan(endpoint=True, **changes))
        return decorator(source, "Generator")["timeout"], decorator(source, "endpoint")["timeout"]

    assert minutes(weights_bytes=16 * 10**9) == ("10 * MINUTES", "20 * MINUTES")
    slow = minutes(weights_bytes=16 * 10**9, think="8000")
    generator, endpoint = (int(each.removesuffix(" * MINUTES")) for each in slow)
    assert generator > 40 and endpoint == generator + 10


def test_the_endpoint_is_never_open_and_needs_no_gpu_and_no_secret() -> None:
    source = render_app(plan(endpoint=True))
    function = definition(source, "endpoint")
    assert "modal.asgi_app(requires_proxy_auth=True)" in [ast.unparse(each) for each in function.decorator_list]
    assert not {"gpu", "secrets", "volumes"} & set(decorator(source, "endpoint"))
    assert "asgi_app" not in render_app(plan())


def test_what_needs_no_gpu_is_done_before_the_snapshot_is_taken() -> None:
    source = render_app(plan())
    assert decorator(source, "Generator")["enable_memory_snapshot"] == "True"
    methods = {part.name: part for part in definition(source, "Generator").body if isinstance(part, ast.FunctionDef)}
    assert [ast.unparse(each) for each in methods["prepare"].decorator_list] == ["modal.enter(snap=True)"]
    assert [ast.unparse(each) for each in methods["load"].decorator_list] == ["modal.enter()"]
    early, late = ast.unparse(methods["prepare"]), ast.unparse(methods["load"])
    assert "Backend(" in early and "read_tokenizer(" in early
    assert "cuda" not in early, "torch remembers that there was no GPU"
    assert "model_class(config).from_pretrained" in late and "from_pretrained(downloaded" not in early


def test_no_token_of_this_process_is_in_it() -> None:
    value = "hf_" + "".join(random.choices(string.ascii_letters, k=34))
    AccessToken(value)
    assert value not in render_app(plan())


@pytest.mark.parametrize("backend", backends(), ids=lambda each: each.name)
def test_every_package_of_the_image_is_pinned(backend: StructuredOutputBackend) -> None:
    source = render_app(plan(backend=backend.name))
    for name, version in DEFAULT_ENGINE.image_packages(backend).items():
        assert f'"{name}=={version}"' in source
    others = {name for each in backends() if each != backend for name in each.image_packages}
    assert not any(f'"{name}==' in source for name in others)


@pytest.mark.parametrize(
    ("app", "name"), [("outlines-model", "outlines_model.py"), ("a.b-c", "a_b_c.py"), ("Mixed_9", "Mixed_9.py")]
)
def test_the_name_of_the_file(app: str, name: str) -> None:
    assert app_file_name(plan(app=app)) == name


@pytest.mark.parametrize("app", ["modal", "json", "time", "os", "torch", "outlines", "transformers", "huggingface-hub"])
def test_the_file_hides_no_module_that_it_imports_itself(app: str) -> None:
    """A modal.py beside the user's other files is what `import modal` finds from then on."""
    source = render_app(plan(app=app))
    imported = {
        a.name.partition(".")[0] for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import) for a in n.names
    }
    imported |= {
        (n.module or "").partition(".")[0] for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ImportFrom)
    }
    assert Path(app_file_name(plan(app=app))).stem not in imported


# --- every text survives ------------------------------------------------------------------------------------------

NASTY = st.lists(
    st.sampled_from(
        ['"', "'", '"""', "'''", "\\", "\\n", "\n", "\r", "\r\n", "\t", "\x00", "\x0b", "\x1c", "\x7f", "\u2028",
         "\ufeff", "{", "}", "$", "$model", "${x}", "%s", "#", "ä", "日", "😀", "\u202e", " ", "word ", "x" * 45,
         "\\u0041"]
    ),
    max_size=14,
).map("".join)  # fmt: skip
TEXTS = st.one_of(NASTY, st.text(max_size=150))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NASTY,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NASTY, inner, max_size=4),
    max_leaves=10,
)


@given(prompt=TEXTS)
def test_every_prompt_survives(prompt: str) -> None:
    source = render_app(plan(prompt=prompt))
    assert constants(source.encode("utf-8").decode("utf-8"))["PROMPT"] == prompt


@given(text=TEXTS.filter(bool))
def test_every_grammar_and_expression_survives(text: str) -> None:
    assert constants(render_app(plan(output=OutputType("grammar", text))))["OUTPUT"] == text
    assert constants(render_app(plan(output=OutputType("regex", text))))["OUTPUT"] == text


@given(schema=st.dictionaries(NASTY, JSON, max_size=4))
def test_every_schema_survives(schema: dict[str, Any]) -> None:
    output = parse_output("schema", json.dumps(schema), "x")
    assert constants(render_app(plan(output=output)))["OUTPUT"] == json.loads(output.enforced)


def test_a_prompt_that_was_not_utf8_on_the_command_line_still_makes_a_file() -> None:
    """Python hands such bytes on as lone surrogates, which no UTF-8 file can hold as they are."""
    prompt = b"caf\xe9".decode("utf-8", "surrogateescape")
    source = render_app(plan(prompt=prompt)).encode("utf-8").decode("utf-8")
    assert constants(source)["PROMPT"] == prompt


def test_an_escaped_half_character_in_a_schema_still_makes_a_file() -> None:
    output = parse_output("schema", '{"const": "\\ud83d"}', "x")
    source = render_app(plan(output=output)).encode("utf-8").decode("utf-8")
    assert constants(source)["OUTPUT"] == {"const": "\ud83d"}


def test_an_empty_grammar_is_still_text() -> None:
    assert constants(render_app(plan(output=OutputType("grammar", ""))))["OUTPUT"] == ""
