"""Tiny random models of today's families, run by the app file: each answers a text prompt with valid structure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.codegen.test_app_file import plan
from tests.codegen.test_app_runs import ANY, CHARACTER, OUTPUT
from tests.codegen.tiny_families import FAMILIES, tiny
from tests.support.app_process import AppProcess
from tests.support.session import nightly_beside

pytestmark = pytest.mark.long
pytest.importorskip("torch")


@pytest.mark.parametrize("model_type", nightly_beside(["qwen3_vl", "smolvlm", "qwen3_next", "gpt_oss"], FAMILIES))
def test_it_answers_with_valid_structure(model_type: str, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    asked = plan(output=OUTPUT, max_tokens=100)
    app = AppProcess(asked, tmp_path / "app", tiny(model_type, tmp_path / "model"))
    try:
        answers = app.asks(*({"prompt": f"Describe somebody, {at}.", **ANY} for at in range(3)))
        for answer in answers:
            assert answer["truncated"] or CHARACTER.is_valid(json.loads(answer["text"])), answer
        assert not any(answer["refused"] for answer in answers)
        assert not all(answer["truncated"] for answer in answers)
        (read,) = app.asks({"tokens_of": "Who is there?"})
        assert read["text"].count("Who is there?") == 1, "no chat template loses the prompt"
        assert (model_type == "smolvlm") is ("<|user|>Who" in read["text"])
    finally:
        app.close()
