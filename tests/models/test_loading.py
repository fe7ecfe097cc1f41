"""What can be loaded is known from the configuration: by engine, in one sentence with a way on."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.models.architecture_tables import OTHERWISE
from tests.models.architecture_tables import text as table_text
from wizard.core.inference.architecture_table import parse_table
from wizard.core.inference.engine import InferenceEngine
from wizard.core.inference.engine_registry import DEFAULT_ENGINE, engine_named, engines
from wizard.core.inference.engine_registry import DEFAULT_ENGINE as USUAL
from wizard.core.models.configuration import is_mlx, quantisation_of
from wizard.core.models.loading import NotLoadable, takes_images, why_not_loadable
from wizard.core.models.model_info import ModelFacts
from wizard.flow.access.check import check_access
from wizard.rehearsal.hub.server import StandInHub
from wizard.services.hub.answers import read_facts
from wizard.services.hub.client import Hub

PLAIN = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
SIZES = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 512}


def facts(config: dict[str, Any], files: tuple[str, ...] = PLAIN, **more: Any) -> ModelFacts:
    """What the Hub says of such a repository."""
    siblings = [{"rfilename": name, "size": 1000} for name in files]
    return read_facts({"id": "acme/m", "sha": "c" * 40, "config": config, "siblings": siblings, **more}, "acme/m")


def wrong(config: dict[str, Any], files: tuple[str, ...] = PLAIN, **more: Any) -> NotLoadable:
    found = why_not_loadable(facts(config, files, **more), USUAL)
    assert found is not None
    assert found.way_on.endswith(".") and not found.why.endswith(".")
    return found


def described(architecture: str, model_type: str, **more: Any) -> dict[str, Any]:
    return {"architectures": [architecture], "model_type": model_type, **more}


def test_the_table_is_that_of_the_installed_library() -> None:
    if version("transformers") != DEFAULT_ENGINE.version:
        pytest.skip("another transformers is installed than the engine pins")
    path = Path(__file__).parents[2] / "wizard/core/inference/engines" / DEFAULT_ENGINE.architectures
    assert path.read_text(encoding="utf-8") == table_text(), "run python -m tests.models.architecture_tables"


def test_every_type_that_reads_text_or_images_loads_but_those_with_a_reason() -> None:
    from transformers.models.auto import modeling_auto

    table = DEFAULT_ENGINE.table
    seeing = modeling_auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
    refused = {model_type for model_type in seeing if not table.loads(model_type)}
    assert len(seeing) >= 90 and refused == set(OTHERWISE) & set(seeing)
    for model_type in ("mistral3", "qwen3_vl", "glm46v", "kimi_k25", "internvl", "mistral4", "gemma4", "llama4"):
        assert why_not_loadable(facts({"model_type": model_type, "architectures": [seeing[model_type]]}), USUAL) is None
    for model_type, name in (("llama", "LlamaForCausalLM"), ("gpt2", "GPT2LMHeadModel"), ("llama", "LLaMAForCausalLM")):
        assert why_not_loadable(facts(described(name, model_type)), USUAL) is None


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (described("BertForMaskedLM", "bert"), "an encoder"),
        ({"model_type": "roberta"}, "an encoder"),
        (described("BertModel", "bert"), "no language model head"),
        (described("WhisperForConditionalGeneration", "whisper"), "speech"),
        ({"model_type": "whisper"}, "speech"),
        (described("VoxtralForConditionalGeneration", "voxtral"), "speech"),
        (described("Qwen3ASRForConditionalGeneration", "qwen3_asr"), "speech"),
        (described("Wav2Vec2ForCTC", "wav2vec2"), "speech"),
        (described("LlamaForSequenceClassification", "llama"), "reward models"),
        (described("Qwen2ForRewardModel", "qwen2"), "reward models"),
        (described("Qwen3ForTokenClassification", "qwen3"), "classifies text"),
        (described("BartForConditionalGeneration", "bart"), "encoder-decoder"),
        (described("T5ForConditionalGeneration", "t5"), "encoder-decoder"),
        (described("MistralModel", "mistral"), "no language model head"),
        (described("Gemma3TextModel", "gemma3_text"), "no language model head"),
        (described("CLIPModel", "clip"), "no language model head"),
        (described("ViTForImageClassification", "vit"), "takes images"),
        (described("DetrForObjectDetection", "detr"), "takes images"),
        (described("DiffusionGemmaForBlockDiffusion", "diffusion_gemma"), "by diffusion"),
    ],
    ids=str,
)
def test_what_generates_no_text_is_refused_for_what_it_is(config: dict[str, Any], says: str) -> None:
    found = wrong(config)
    assert says in found.why and not found.generates_text
    assert (config.get("architectures") or [config["model_type"]])[0] in found.why


def test_a_task_tells_where_the_class_is_not_known() -> None:
    found = wrong(described("NewThing", "new_thing"), pipeline_tag="text-to-speech")
    assert "speech" in found.why and not found.generates_text
    assert (
        why_not_loadable(facts(described("LlamaForCausalLM", "llama"), pipeline_tag="feature-extraction"), USUAL)
        is None
    )


@pytest.mark.parametrize(
    ("config", "files", "more", "says", "way_on"),
    [
        (described("Gemma3TextModel", "gemma3_text"), (*PLAIN, "modules.json"), {}, "embedding model", "generation"),
        (described("Qwen3ForCausalLM", "qwen3"), PLAIN, {"library_name": "sentence-transformers"}, "vectors", "text"),
        ({}, ("model_index.json", "unet/model.safetensors"), {}, "diffusion model", "text generation"),
        ({}, ("README.md", "m-q4_k_m.gguf"), {"cardData": {"base_model": "acme/full"}}, "GGUF", "--model acme/full."),
        ({}, ("README.md", "m-q4_k_m.gguf"), {}, "GGUF", "made from"),
        ({}, ("adapter_config.json", "adapter_model.bin"), {"tags": ["base_model:adapter:acme/full"]},
         "only a pickle file", "adapter merged in"),
        ({}, ("one/adapter_config.json", "one/adapter_model.safetensors"), {}, "folders of their own", "base model"),
        (described("MistralForCausalLM", "mistral", quantization={"group_size": 64, "bits": 4}), PLAIN, {}, "MLX",
         "made from"),
        (described("MistralForCausalLM", "mistral"), PLAIN, {"library_name": "mlx"}, "MLX", "made from"),
        (described("MistralForCausalLM", "mistral"), PLAIN, {"tags": ["mlx"]}, "MLX", "made from"),
        (described("MistralForCausalLM", "mistral"), PLAIN, {"safetensors": {"parameters": {"U32": 8, "BF16": 1}}},
         "MLX", "made from"),
        (described("LlamaForCausalLM", "llama"), ("params.json", "consolidated.safetensors", "tekken.json"), {},
         "Mistral's own format", "model.safetensors"),
        (described("MistralForCausalLM", "mistral"), ("config.json", "model.safetensors", "tekken.json"), {},
         "tekken.json", "tokenizer.json"),
        (described("NewForCausalLM", "new", auto_map={"AutoModelForCausalLM": "modeling_new.NewForCausalLM"}), PLAIN,
         {}, "trust_remote_code: modeling_new.NewForCausalLM", "no code of its own"),
        (described("ChatGLMModel", "chatglm", auto_map={"AutoModel": "modeling_chatglm.ChatGLM"}), PLAIN, {},
         "modeling_chatglm.ChatGLM", "no code"),
        (described("NewForCausalLM", "brand_new"), PLAIN, {}, "no text-generation model of type brand_new", "another"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_files_tags_and_code_are_told_with_a_way_on(
    config: dict[str, Any], files: tuple[str, ...], more: dict[str, Any], says: str, way_on: str
) -> None:
    found = wrong(config, files, **more)
    assert says in found.why
    if len(engines()) == 1 or not found.generates_text:
        assert way_on in found.way_on


def test_a_package_that_the_image_lacks_is_named() -> None:
    found = wrong(described("Gemma3nForConditionalGeneration", "gemma3n"))
    assert "needs timm" in found.why and found.generates_text
    assert why_not_loadable(facts(described("Gemma3nForCausalLM", "gemma3n_text")), USUAL) is None


def test_look_alikes_stay_as_they_are() -> None:
    own = described("DeepseekV3ForCausalLM", "deepseek_v3", auto_map={"AutoModel": "modeling_deepseek.DeepseekV3Model"})
    assert why_not_loadable(facts(own), USUAL) is None, "the library's own code is used"
    assert (
        why_not_loadable(facts(described("LlamaForCausalLM", "llama"), (*PLAIN, "m.gguf", "tekken.json")), USUAL)
        is None
    )
    assert why_not_loadable(facts({}), USUAL) is None, "nothing is known: the container decides"
    awq = {"quantization_config": {"quant_method": "awq", "group_size": 128, "bits": 4}}
    assert not is_mlx(awq) and quantisation_of(awq) == "awq"
    assert quantisation_of({"quantization_config": {"group_size": 64, "bits": 4}}) == "mlx"


def test_a_table_says_what_each_class_does() -> None:
    table = parse_table("# a note\nmistral MistralForCausalLM text\nqwen3_vl Qwen3VLForConditionalGeneration images\n")
    assert table.loads("mistral") and table.loads("qwen3_vl") and not table.loads("llama")
    assert table.does("Qwen3VLForConditionalGeneration") == "images" and table.does("LlamaForCausalLM") is None
    with pytest.raises(ValueError, match="does not say"):
        parse_table("mistral MistralForCausalLM dances\n")


@pytest.mark.parametrize("engine", engines(), ids=lambda engine: engine.name)
def test_every_engine_has_its_table(engine: InferenceEngine) -> None:
    mistral, bert = described("MistralForCausalLM", "mistral"), described("BertForMaskedLM", "bert")
    assert why_not_loadable(facts(mistral), engine) is None
    found = why_not_loadable(facts(bert), engine)
    assert found is not None and not found.generates_text


def test_what_one_engine_refuses_another_may_load() -> None:
    chatglm = described("ChatGLMModel", "chatglm")
    assert engine_named("vllm").table.loads("chatglm")
    found = wrong(chatglm)
    assert found.way_on == "vLLM loads it: pass --engine vllm."


CASES: dict[str, tuple[dict[str, Any], dict[str, str | int], str, str]] = {
    "embed": (
        described("Gemma3TextModel", "gemma3_text", use_bidirectional_attention=True, **SIZES),
        {"modules.json": "[]", "config_sentence_transformers.json": "{}", "tokenizer_config.json": "{}"},
        "not_a_text_model",
        "Gemma3TextModel",
    ),
    "mlx": (
        described("MistralForCausalLM", "mistral", quantization={"group_size": 64, "bits": 4}, **SIZES),
        {"tokenizer_config.json": '{"chat_template": "{{ messages }}"}'},
        "weights_missing",
        "MLX",
    ),
    "reward": (
        described("LlamaForSequenceClassification", "llama", num_labels=1, **SIZES),
        {"tokenizer_config.json": '{"chat_template": "{{ messages }}"}'},
        "not_a_text_model",
        "LlamaForSequenceClassification",
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_folders_from_the_field(name: str, tmp_path: Path, stand_in: StandInHub, hub: Hub) -> None:
    config, files, verdict, says = CASES[name]
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    for path, content in files.items():
        (tmp_path / path).write_text(str(content))
    stand_in.fixtures.add_repository(tmp_path, f"acme/{name}")
    report = await check_access(hub, f"acme/{name}", None, None, with_shape=True)
    assert report.verdict.value == verdict
    assert says in report.cause
    assert report.problem is not None and report.problem.exit_code == 3 and report.problem.hint


async def test_a_model_is_judged_for_the_engine_that_is_to_run_it(
    tmp_path: Path, stand_in: StandInHub, hub: Hub
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(described("ChatGLMModel", "chatglm", **SIZES)))
    (tmp_path / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    (tmp_path / "tokenizer.json").write_text("{}")
    stand_in.fixtures.add_repository(tmp_path, "acme/glm")
    refused = await check_access(hub, "acme/glm", None, None, with_shape=True, engine=DEFAULT_ENGINE)
    assert refused.problem is not None and refused.problem.hint == "vLLM loads it: pass --engine vllm."
    report = await check_access(hub, "acme/glm", None, None, with_shape=True, engine=engine_named("vllm"))
    assert report.verdict == "ready"
    open_choice = await check_access(hub, "acme/glm", None, None, with_shape=True)
    assert open_choice.verdict == "ready", "where none is named, the one that loads it is taken"


@pytest.mark.parametrize("engine", engines(), ids=lambda each: each.name)
@pytest.mark.parametrize(
    ("architecture", "model_type", "file", "sees"),
    [
        ("Qwen3VLForConditionalGeneration", "qwen3_vl", "preprocessor_config.json", True),
        ("Mistral3ForConditionalGeneration", "mistral3", "processor_config.json", True),
        ("Gemma3ForConditionalGeneration", "gemma3", "preprocessor_config.json", True),
        ("Gemma3ForConditionalGeneration", "gemma3", "special_tokens_map.json", False),  # nothing prepares images
        ("Gemma3ForCausalLM", "gemma3_text", "preprocessor_config.json", False),
        ("MistralForCausalLM", "mistral", "preprocessor_config.json", False),
        ("NotHeardOf", "not_heard_of", "preprocessor_config.json", False),
    ],
)
def test_which_models_take_images(
    architecture: str, model_type: str, file: str, sees: bool, engine: InferenceEngine
) -> None:
    assert takes_images(facts(described(architecture, model_type), (*PLAIN, file)), engine) is sees
