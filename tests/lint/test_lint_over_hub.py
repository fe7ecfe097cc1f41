"""Lint over the Hub: the model's own tokenizer, fetched once with the person's access token, and what comes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from wizard.core.access_token import AccessToken
from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.models.model_info import ModelFacts, ModelFile
from wizard.core.output.output_type import CHARACTER, OutputType
from wizard.core.problem import ExitCode, Problem
from wizard.flow.lint.lint import lint_output, refuse_unenforced, tokenizer_of
from wizard.flow.ports.hub import HubRefusal
from wizard.flow.ports.services import Ports
from wizard.rehearsal.hub.server import StandInHub
from wizard.services.hub.client import Hub
from wizard.services.lint.service import Linter
from wizard.services.local.file_cache import FileCache
from wizard.services.local.files import LocalFiles
from wizard.services.local.model_folder import ModelFolders
from wizard.services.validation.validator import Validator

LAB = "rehearsal-lab/tiny-character"


@pytest.fixture
def ports(hub: Hub, tmp_path: Path) -> Ports:
    nobody = cast(Any, None)
    return Ports(
        hub, nobody, nobody, nobody, Linter(), FileCache(tmp_path / "cache"), Validator(), LocalFiles(), ModelFolders()
    )


def token(stand_in: StandInHub, name: str = "read") -> AccessToken:
    return AccessToken(stand_in.fixtures.token(name).value)


async def facts_of(hub: Hub, token: AccessToken) -> ModelFacts:
    return await hub.model(LAB, None, token)


async def test_the_models_own_tokenizer_is_fetched_once(ports: Ports, stand_in: StandInHub, hub: Hub) -> None:
    facts = await facts_of(hub, token(stand_in))
    first = await tokenizer_of(ports, facts, token(stand_in))
    assert first.path is not None
    assert json.loads(first.path.read_text())["model"]["type"] == "BPE"
    assert (first.end, first.window, first.has_template) == (0, 512, True)
    assert "<|end|>" in first.special
    assert LAB in first.source
    kept = set(first.path.parent.iterdir())
    await stand_in.close()  # from here on, nothing can be fetched
    assert await tokenizer_of(ports, facts, token(stand_in)) == first
    assert set(first.path.parent.iterdir()) == kept


async def test_a_closed_gate_is_said_and_bytes_stand_in(ports: Ports, stand_in: StandInHub, hub: Hub) -> None:
    facts = await facts_of(hub, token(stand_in))
    with pytest.raises(HubRefusal):
        await hub.read_file(LAB, facts.commit, "tokenizer.json", token(stand_in, "stranger"), 1 << 20)
    tokenizer = await tokenizer_of(ports, facts, token(stand_in, "stranger"))
    assert tokenizer.path is None
    assert "plain bytes instead of the model's tokens" in tokenizer.source


async def test_a_file_that_is_too_large_is_not_read_to_its_end(stand_in: StandInHub, hub: Hub) -> None:
    facts = await facts_of(hub, token(stand_in))
    with pytest.raises(HubRefusal) as caught:
        await hub.read_file(LAB, facts.commit, "tokenizer.json", token(stand_in), 100)
    assert "100 bytes" in caught.value.answer.message
    data = await hub.read_file(LAB, facts.commit, "config.json", token(stand_in), 1 << 20)
    assert json.loads(data)["model_type"] == "llama"


async def test_a_model_without_a_tokenizer_file(ports: Ports, stand_in: StandInHub, hub: Hub) -> None:
    facts = await facts_of(hub, token(stand_in))
    bare = replace(facts, files=(ModelFile("model.safetensors", 5),))
    tokenizer = await tokenizer_of(ports, bare, None)
    assert tokenizer.path is None
    assert "has no tokenizer.json" in tokenizer.source


async def test_lint_counts_with_that_tokenizer_and_looks_at_the_prompt(
    ports: Ports, stand_in: StandInHub, hub: Hub
) -> None:
    facts = await facts_of(hub, token(stand_in))
    prompt = "<|end|>" + "Give me a character description. " * 80
    report = await lint_output(
        ports,
        CHARACTER,
        facts=facts,
        token=token(stand_in),
        prompt=prompt,
        thorough=False,
        seconds=60,
        engine=DEFAULT_ENGINE,
    )
    assert report.is_enforced
    assert LAB in report.tokenizer
    assert "takes 31 tokens" in report.max_tokens_why
    assert any("<|end|>" in note for note in report.prompt_notes)
    assert any("context window" in note for note in report.prompt_notes)


async def test_what_nothing_enforces_is_refused_with_its_reason_and_a_way_out(ports: Ports) -> None:
    tags = {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True}
    output = OutputType("schema", json.dumps({"type": "object", "properties": {"t": tags}, "required": ["t"]}))
    report = await lint_output(ports, output, backend="llguidance", thorough=False, seconds=60, engine=DEFAULT_ENGINE)
    with pytest.raises(Problem) as caught:
        refuse_unenforced(report, "llguidance")
    assert caught.value.exit_code is ExitCode.USAGE
    assert "uniqueItems at /properties/t" in caught.value.message
    assert "Rewrite the schema." in caught.value.hint
    named = await lint_output(ports, output, backend="outlines_core", thorough=False, seconds=60, engine=DEFAULT_ENGINE)
    refuse_unenforced(named, "outlines_core")  # it compiles: theirs to choose, and the plan says what it ignores
    assert [each.keyword for each in named.about("outlines_core") if each.kind == "ignored"] == ["uniqueItems"]
