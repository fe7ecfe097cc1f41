"""A model in a folder of this machine: how it is named, what of it counts, and what is refused as it is on the Hub."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.app_process import MODEL
from tests.support.lora import write_lora
from wizard.core.access.verdicts import Verdict
from wizard.core.models.adapter import read_adapters
from wizard.core.models.model_info import ModelFacts, is_folder_name, read_model_name, stored_name
from wizard.core.problem import ExitCode, Problem
from wizard.flow.access.check import check_access
from wizard.flow.access.folder import judge_folder, known_folders
from wizard.services.local.model_folder import ModelFolders

HUB = "https://huggingface.co"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the rehearsal model, in the folder that one is in."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(MODEL, tmp_path / "my-model"))


async def read(name: str) -> ModelFacts:
    (facts,) = (await known_folders(ModelFolders(), name)).values()
    return facts


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("./my-model", "./my-model"),
        ("../runs/checkpoint 500", "./checkpoint-500"),
        ("/home/kim/my-model/", "./my-model"),
        ("~/my-model", "./my-model"),
        ("C:\\models\\mine", "./mine"),
        ("./---", "./model"),
    ],
)
def test_a_path_is_no_name_and_modal_sees_only_its_last_part(name: str, stored: str) -> None:
    assert is_folder_name(name) and stored_name(name) == stored
    assert read_model_name(name).revision is None and is_folder_name(read_model_name(name).repo_id)


@pytest.mark.parametrize("name", ["acme/model", "gpt2", "https://huggingface.co/acme/model", "acme/model@v1"])
def test_a_name_is_no_path(name: str) -> None:
    assert not is_folder_name(name) and stored_name(read_model_name(name).repo_id) == read_model_name(name).repo_id


def test_an_adapter_may_be_a_folder_too() -> None:
    for text in ("./loras/support", "support=./loras/support"):
        (found,) = read_adapters("--adapter", (text,))
        assert (found.name, found.repo_id, found.revision) == ("support", "./loras/support", None)
    (pinned,) = read_adapters("--adapter", (f"support=./l@ras/s@{COMMIT}",))
    assert (pinned.repo_id, pinned.revision) == ("./l@ras/s", COMMIT)


async def test_what_is_known_of_a_folder_is_what_the_hub_would_say(folder: Path) -> None:
    facts = await read("./my-model")
    assert facts.is_folder and not facts.needs_token and not facts.uses_hub
    assert (facts.repo_id, facts.model_type) == ("./my-model", "llama") and facts.shape is not None
    assert sum(facts.parameters.values()) > 1_000_000 and facts.weights is not None and facts.weights.size > 2_000_000
    report = judge_folder(facts, None, HUB)
    assert (report.verdict, report.cause) == (Verdict.READY, "The weights of ./my-model are on this machine.")


async def test_the_hash_is_that_of_the_content(folder: Path) -> None:
    first = (await read("./my-model")).commit
    (folder / "notes.md").write_text("not a part of the model")
    (folder / "optimizer.pt").write_bytes(b"nor this")
    moved = folder.rename(folder.with_name("elsewhere"))
    assert (await read("./elsewhere")).commit == first and len(first) == 40
    (moved / "generation_config.json").write_text("{}")
    second = (await read("./elsewhere")).commit
    assert second != first
    weights = bytearray((moved / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (moved / "model.safetensors").write_bytes(weights)
    assert (await read("./elsewhere")).commit not in (first, second)


async def test_only_what_is_loaded_is_uploaded(folder: Path) -> None:
    for name in ("pytorch_model.bin", "README.md", "training_args.bin", "model.safetensors.tmp"):
        (folder / name).write_bytes(b"x")
    names = {file.path for file in (await read("./my-model")).needed_files}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert not names & {"pytorch_model.bin", "README.md", "training_args.bin", "model.safetensors.tmp"}


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"auto_map": {"AutoModelForCausalLM": "m.Own"}, "model_type": "own", "architectures": ["Own"]}, "own code"),
        ({"architectures": ["BertModel"], "model_type": "bert"}, "bert"),
        ({"architectures": ["OwnForCausalLM"], "model_type": "brand_new"}, "brand_new"),
    ],
)
async def test_what_is_refused_on_the_hub_is_refused_here(folder: Path, config: dict[str, Any], says: str) -> None:
    (folder / "config.json").write_text(json.dumps(config))
    problem = judge_folder(await read("./my-model"), None, HUB).problem
    assert problem is not None and says in problem.message.lower() and problem.exit_code is ExitCode.GATE_CLOSED


async def test_weights_that_are_not_there_are_told(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "weights.pt")
    problem = judge_folder(await read("./my-model"), None, HUB).problem
    assert problem is not None and "neither model.safetensors nor" in problem.message and problem.url is None


@pytest.mark.parametrize(
    ("name", "code"), [("./nothing", "folder_missing"), ("./empty", "folder_no_model"), ("./file", "folder_missing")]
)
async def test_a_folder_without_a_model_is_one_sentence(folder: Path, name: str, code: str) -> None:
    (folder.parent / "empty").mkdir()
    (folder.parent / "file").write_text("")
    with pytest.raises(Problem) as raised:
        await read(name)
    assert (raised.value.code, raised.value.exit_code) == (code, ExitCode.USAGE) and name in raised.value.message


def test_a_name_with_a_slash_is_a_folder_where_there_is_one_with_a_model(folder: Path) -> None:
    folders = ModelFolders()
    folder.rename((folder.parent / "acme").mkdir() or folder.parent / "acme" / "model")
    (folder.parent / "acme" / "other").mkdir()
    assert folders.folder_of("acme/model") == "./acme/model"
    assert folders.folder_of("acme/other") is None and folders.folder_of("gpt2") is None
    assert folders.folder_of("https://huggingface.co/acme/model") is None


async def test_a_lora_in_a_folder_goes_with_its_base_on_the_hub_or_in_a_folder(
    folder: Path, stand_in: Any, hub: Any, held: Any
) -> None:
    base = "rehearsal-lab/tiny-character"
    write_lora(folder.parent / "lora", 1, base)
    folders = await known_folders(ModelFolders(), "./lora", "./my-model")
    report = await check_access(hub, "./lora", None, held("read"), folders=folders)
    assert report.verdict == "ready" and report.facts is not None and report.facts.repo_id == base
    assert [str(each) for each in report.facts.adapters] == [f"lora=./lora@{folders['./lora'].commit}"]
    closed = await check_access(hub, "./lora", None, held("stranger"), folders=folders)
    assert [gate.verdict for gate in closed.gates] == ["ready", "not_requested"]
    asked = len(stand_in.seen)
    named = read_adapters("--adapter", ("./lora",))
    both = await check_access(hub, "./my-model", None, None, adapters=named, folders=folders)
    assert both.verdict == "ready" and both.facts is not None and not both.facts.uses_hub
    assert len(stand_in.seen) == asked, "nothing is asked of the Hub"
