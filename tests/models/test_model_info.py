"""Model names as people paste them, and which files transformers would load."""

from __future__ import annotations

import pytest
from huggingface_hub.utils import validate_repo_id
from hypothesis import given
from hypothesis import strategies as st

from wizard.core.models.model_info import ModelFacts, ModelFile, ModelName, is_folder_name, read_model_name
from wizard.core.problem import ExitCode, Problem

NAME = "mistralai/Mistral-7B-Instruct-v0.2"


@pytest.mark.parametrize(
    ("typed", "repo_id", "revision"),
    [
        (NAME, NAME, None),
        (f"  {NAME}\n", NAME, None),
        (f"{NAME}/", NAME, None),
        (f'"{NAME}"', NAME, None),
        (f"'{NAME}'", NAME, None),
        (f"`{NAME}`", NAME, None),
        (f"“{NAME}”", NAME, None),
        (f"<https://huggingface.co/{NAME}>", NAME, None),
        (f"https://huggingface.co/{NAME}", NAME, None),
        (f"http://huggingface.co/{NAME}/", NAME, None),
        (f"https://www.huggingface.co/{NAME}", NAME, None),
        (f"https://hf.co/{NAME}", NAME, None),
        (f"huggingface.co/{NAME}", NAME, None),
        (f"www.huggingface.co/{NAME}", NAME, None),
        (f"hf.co/{NAME}", NAME, None),
        (f"https://huggingface.co/{NAME}?library=transformers", NAME, None),
        (f"https://huggingface.co/{NAME}#usage", NAME, None),
        (f"https://huggingface.co/{NAME}/tree/main", NAME, "main"),
        (f"https://huggingface.co/{NAME}/tree/main/", NAME, "main"),
        (f"https://huggingface.co/{NAME}/tree/v1.0/sub/folder", NAME, "v1.0"),
        (f"https://huggingface.co/{NAME}/blob/main/config.json", NAME, "main"),
        (f"https://huggingface.co/{NAME}/resolve/main/config.json?download=true", NAME, "main"),
        (f"https://huggingface.co/{NAME}/raw/main/README.md", NAME, "main"),
        (f"https://huggingface.co/{NAME}/commit/{'0123456789' * 4}", NAME, "0123456789" * 4),
        (f"https://huggingface.co/{NAME}/tree/refs%2Fpr%2F3", NAME, "refs/pr/3"),
        (f"hf://{NAME}", NAME, None),
        (f"hf://models/{NAME}", NAME, None),
        (f"hf://{NAME}@v1.0", NAME, "v1.0"),
        (f"{NAME}@main", NAME, "main"),
        (f"{NAME}@", NAME, None),
        ("gpt2", "gpt2", None),
        ("https://huggingface.co/gpt2", "gpt2", None),
        ("hf://gpt2", "gpt2", None),
        ("gpt2@main", "gpt2", "main"),
        ("https://huggingface.co/gpt2/tree/main", "gpt2", "main"),
        ("https://huggingface.co/gpt2/blob/main/config.json", "gpt2", "main"),
        ("openai-community/gpt2", "openai-community/gpt2", None),
        ("a/b", "a/b", None),
        ("org_1/name_", "org_1/name_", None),
        (f"https://huggingface.co/{NAME}.git", NAME, None),
    ],
)
def test_a_pasted_model_is_understood(typed: str, repo_id: str, revision: str | None) -> None:
    assert read_model_name(typed) == ModelName(repo_id, revision)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "No model"),
        ("   ", "No model"),
        ("datasets/acme/things", "dataset"),
        ("https://huggingface.co/datasets/acme/things", "dataset"),
        ("hf://datasets/acme/things", "dataset"),
        ("https://huggingface.co/spaces/acme/app", "space"),
        ("https://huggingface.co/", "not the name"),
        ("https://huggingface.co/models?search=llama", "not the name"),
        ("a/b/c", "not the name"),
        ("two words", "not the name"),
        ("acme/two words", "not the name"),
        ("acme/na--me", "not the name"),
        ("acme/na..me", "not the name"),
        ("acme/-name", "not the name"),
        ("acme/name.", "not the name"),
        ("acme/" + "x" * 97, "not the name"),
        ("acme/näme", "not the name"),
        ("acme/name; rm -rf /", "not the name"),
        ("https://[acme/name", "not the name"),
        ("http://acme]/name", "not the name"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(typed: str, words: str) -> None:
    with pytest.raises(Problem) as caught:
        read_model_name(typed)
    assert words in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code is ExitCode.USAGE


PIECES = st.lists(
    st.sampled_from(
        ["https://", "hf://", "http://", "huggingface.co/", "hf.co/", "www.", "acme", "/", "name", "@", "main", "tree",
         "blob", ".git", "..", "--", "-", "_", ".", "%2F", "%00", "?", "#", "[", "]", ":", " ", "datasets", "models",
         "é", "\n", '"', "\\", "x" * 50]
    ),
    max_size=10,
).map("".join)  # fmt: skip


@given(typed=st.one_of(PIECES, st.text(max_size=60)))
def test_every_text_gives_a_valid_name_or_a_problem(typed: str) -> None:
    try:
        name = read_model_name(typed)
    except Problem as problem:
        assert problem.exit_code is ExitCode.USAGE
        return
    if not is_folder_name(name.repo_id):
        validate_repo_id(name.repo_id)  # the Hub client's own rule
    assert name.revision != ""


def facts(*paths: str, **more: object) -> ModelFacts:
    files = tuple(ModelFile(path, 10) for path in paths)
    values = {"gate": "open", "private": False, "disabled": False, **more}
    return ModelFacts(repo_id="acme/model", asked_for="acme/model", commit="c" * 40, files=files, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("paths", "kind", "loaded"),
    [
        (["config.json", "model.safetensors"], "safetensors", ["model.safetensors"]),
        (["model.safetensors", "pytorch_model.bin"], "safetensors", ["model.safetensors"]),
        (
            ["model.safetensors.index.json", "model-00002-of-00002.safetensors", "model-00001-of-00002.safetensors"],
            "safetensors",
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
        ),
        (["pytorch_model.bin"], "bin", ["pytorch_model.bin"]),
        (
            ["pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin", "consolidated.safetensors"],
            "bin",
            ["pytorch_model-00001-of-00001.bin"],
        ),
        (["model.safetensors", "onnx/model.onnx", "model.gguf"], "safetensors", ["model.safetensors"]),
    ],
)
def test_the_weights_that_transformers_would_load(paths: list[str], kind: str, loaded: list[str]) -> None:
    weights = facts(*paths).weights
    assert weights is not None
    assert weights.kind == kind
    assert [file.path for file in weights.files] == loaded
    assert weights.size == 10 * len(loaded)


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        ([], "neither"),
        (["config.json"], "neither"),
        (["README.md", "model-q4.gguf"], "GGUF"),
        (["onnx/model.onnx"], "ONNX"),
        (["unet/model.safetensors"], "neither"),
        (["consolidated.safetensors"], "neither"),
        (["model.fp16.safetensors"], "neither"),
        (["model-00001-of-00002.safetensors"], "neither"),
        (["model.safetensors.index.json"], "neither"),
    ],
)
def test_why_there_is_nothing_to_load(paths: list[str], words: str) -> None:
    model = facts(*paths)
    assert model.weights is None
    assert words in model.why_no_weights


@pytest.mark.parametrize(
    ("gate", "private", "needed"),
    [("open", False, False), ("auto", False, True), ("manual", False, True), ("open", True, True)],
)
def test_who_needs_an_access_token(gate: str, private: bool, needed: bool) -> None:
    assert facts("model.safetensors", gate=gate, private=private).needs_token is needed


def test_a_download_is_the_weights_and_the_small_files() -> None:
    model = facts("model.safetensors", "config.json", "tokenizer.model", "chat_template.jinja", "model.onnx", "a.bin")
    assert model.download_size == 40


def test_a_rename_is_noticed_and_a_change_of_case_is_none() -> None:
    assert not facts("model.safetensors").is_renamed
    model = facts()
    assert ModelFacts("acme/new", "acme/old", model.commit, "open", False, False).is_renamed
    assert not ModelFacts("Acme/Model", "acme/model", model.commit, "open", False, False).is_renamed
