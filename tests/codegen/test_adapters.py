"""The app of a model with LoRA adapters: what it says, and what it answers with one and with several."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.codegen.test_app_runs import CHARACTER, GREEDY, OUTPUT
from tests.codegen.test_endpoint_requests import USER, ask, load
from tests.support.app_process import MODEL, AppProcess
from tests.support.lora import write_lora
from tests.support.plans import COMMIT, plan
from wizard.codegen.app_file import render_app
from wizard.core.inference.engine_registry import engines
from wizard.core.plan.plan import Plan

PEFT = [pytest.mark.long, pytest.mark.skipif(not find_spec("peft"), reason="peft is not installed: make local")]
VLLM = [pytest.mark.long, pytest.mark.skipif(not find_spec("vllm"), reason="vLLM is not installed: make vllm")]
PROMPT = "Describe somebody."


def with_adapters(*names: str, **changes: Any) -> Plan:
    """A plan with these adapters."""
    return plan(adapter=tuple(f"{name}=acme/{name}@{COMMIT}" for name in names), **changes)


@pytest.mark.parametrize("engine", [engine.name for engine in engines()])
@pytest.mark.parametrize("endpoint", [False, True])
def test_only_an_app_that_has_adapters_speaks_of_them(engine: str, endpoint: bool) -> None:
    none, one, two = (
        render_app(with_adapters(*names, engine=engine, backend="llguidance", endpoint=endpoint))
        for names in ((), ("a",), ("a", "b"))
    )
    assert (
        "adapter" not in none.lower().replace("type_adapter", "") and "peft" not in none and "lora" not in none.lower()
    )
    assert f'"a": ("acme/a", "{COMMIT}"),' in one and f'"b": ("acme/b", "{COMMIT}"),' in two
    assert ("peft==" in one) is (engine == "transformers") and ("enable_lora=True" in one) is (engine == "vllm")
    assert "adapter: str | None" not in one and "adapter: str | None" in two
    for source in (none, one, two):
        compile(source, "app.py", "exec")
    assert len(two.splitlines()) - len(none.splitlines()) < 75, "its owner has to read it"


@pytest.mark.parametrize(
    ("names", "served", "chosen", "refused"),
    [(["a"], ["outlines-model", "a"], [None, None], "acme/model"), (["a", "b"], ["acme/model", "b"], [None, "b"], "c")],
)
def test_a_request_names_an_adapter_as_its_model(
    names: list[str], served: list[str], chosen: list[str | None], refused: str, tmp_path: Path
) -> None:
    app = load(tmp_path / "endpoint_app.py", with_adapters(*names, endpoint=True))
    asked = [app.read_request({"model": name, "messages": USER}) for name in served]
    assert [each.get("adapter") for each in asked] == chosen
    with pytest.raises(app.Refusal, match="does not exist"):
        app.read_request({"model": refused, "messages": USER})
    status, found = ask(app, "GET", "/v1/models")
    assert status == 200 and {each["id"] for each in found["data"]} >= {*served, *names}
    assert refused not in {each["id"] for each in found["data"]}


def place(folder: Path, name: str, seed: int) -> Path:
    """Put an adapter where `download` would have put it."""
    return write_lora(folder / "models" / f"acme--{name}" / COMMIT, seed, "acme/model")


def is_character(answer: dict[str, Any]) -> bool:
    return answer["truncated"] or CHARACTER.is_valid(json.loads(answer["text"]))


COMMON = {"backend": "llguidance", "output": OUTPUT, "max_tokens": 100, "fast_start": True}


@pytest.mark.parametrize("engine", [pytest.param("transformers", marks=PEFT), pytest.param("vllm", marks=VLLM)])
def test_each_of_several_adapters_answers_when_it_is_named(engine: str, tmp_path: Path) -> None:
    place(tmp_path, "a", 1)
    place(tmp_path, "b", 2)
    app = AppProcess(with_adapters("a", "b", engine=engine, **COMMON), tmp_path)
    try:
        assert app.started == {}
        asked = [None, "a", "b", None, "b", "a"]
        answers = app.asks(*({"prompt": PROMPT, **GREEDY, **({"adapter": each} if each else {})} for each in asked))
        assert all(is_character(answer) and not answer["refused"] for answer in answers), answers
        texts = [answer["text"] for answer in answers]
        assert len(set(texts)) == 3 and texts[:3] == [texts[3], texts[5], texts[4]]
        (wrong,) = app.asks({"prompt": PROMPT, "adapter": "c"})
        assert "there is no adapter 'c'" in wrong["error"]
    finally:
        app.close()
    if engine == "transformers":  # merged, an adapter answers as it does beside others
        (tmp_path / "one").mkdir()
        (tmp_path / "one" / "models").symlink_to(tmp_path / "models")
        assert one_answer(with_adapters("a", engine=engine, **COMMON), tmp_path / "one") == texts[1]


@pytest.mark.parametrize("engine", [pytest.param("transformers", marks=PEFT), pytest.param("vllm", marks=VLLM)])
def test_the_adapter_that_answers_has_reasoned(engine: str, tmp_path: Path) -> None:
    place(tmp_path, "a", 1)
    place(tmp_path, "b", 2)
    model = tmp_path / "thinker"
    shutil.copytree(MODEL, model)
    template = model / "chat_template.jinja"
    template.write_text(template.read_text() + r"{{ '<think>\n' }}{# </think> #}")
    app = AppProcess(with_adapters("a", "b", engine=engine, think="12", **COMMON), tmp_path, model)
    try:
        assert app.started == {}
        asked = [None, "a", "b", "a"]
        answers = app.asks(*({"prompt": PROMPT, **GREEDY, **({"adapter": each} if each else {})} for each in asked))
        assert all(is_character(answer) and not answer["refused"] for answer in answers), answers
        told = [answer["reasoning"] for answer in answers]
        assert len(set(told)) == 3 and told[1] == told[3] and {each["reasoning_tokens"] for each in answers} == {12}
    finally:
        app.close()


def one_answer(asked: Plan, folder: Path) -> str:
    """What an app answers when it may not choose; it has the output type."""
    app = AppProcess(asked, folder, MODEL)
    try:
        assert app.started == {}
        (answer,) = app.asks({"prompt": PROMPT, **GREEDY})
        assert is_character(answer) and not answer["refused"], answer
        return str(answer["text"])
    finally:
        app.close()
