"""Memory for images: the tokens that one becomes, as the library's own processors count them, and the vision tower."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.codegen.tiny_vision import picture, seeing
from tests.models.test_configurations import FOLDER, read
from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.models.model_info import ModelFile
from wizard.core.models.vision_tower import MOST_TOKENS, PHOTO, read_vision_tower
from wizard.core.sizing.memory_fit import TokenBudget, fits, footprint

QWEN = {"vision_config": {"hidden_size": 1280, "intermediate_size": 3420, "patch_size": 14, "spatial_merge_size": 2}}
PIXTRAL = {"vision_config": {"hidden_size": 1024, "image_size": 1540, "patch_size": 14}, "spatial_merge_size": 2}
SIGLIP = {"hidden_size": 1152, "intermediate_size": 4304, "image_size": 896, "patch_size": 14}


@pytest.mark.parametrize(
    ("config", "tokens"),
    [
        ({}, None),
        ({"vision_config": None}, None),
        ({"vision_config": "x"}, None),
        ({"mm_tokens_per_image": 256, "vision_config": SIGLIP, "model_type": "gemma3"}, 256),
        (QWEN, 144 * 109),  # 4032 by 3024 pixels in squares of 28, and at most an end for each row
        (PIXTRAL, 55 * 43),
        ({"vision_config": {"image_size": 336, "patch_size": 14}, "model_type": "llava"}, 576),
        ({"vision_config": {"image_size": [448, 448], "patch_size": [14, 14]}, "downsample_ratio": 0.5,
          "model_type": "internvl"}, 13 * 256),
        ({"vision_config": {"image_size": 384, "patch_size": 14}, "scale_factor": 3, "model_type": "smolvlm"}, 1377),
        ({"vision_config": {"image_size": 336, "patch_size": 14, "pixel_shuffle_ratio": 0.5}, "model_type": "llama4"},
         17 * 144),
        ({"vision_config": {"patch_size": 1}}, MOST_TOKENS),
    ],
)  # fmt: skip
def test_how_many_tokens_a_photo_becomes(config: dict[str, Any], tokens: int | None) -> None:
    tower = read_vision_tower(config)
    assert (tower.tokens if tower else None) == tokens


@pytest.mark.long
def test_it_is_at_least_what_qwens_own_processor_counts() -> None:
    transformers = pytest.importorskip("transformers")
    processor = transformers.Qwen2VLImageProcessorPil(min_pixels=3136, max_pixels=12845056)
    counted = processor.get_number_of_image_patches(*PHOTO) // 4
    tower = read_vision_tower(QWEN)
    assert tower and counted <= tower.tokens <= 1.15 * counted


@pytest.mark.long
@pytest.mark.parametrize("model_type", ["gemma3", "idefics3", "llava"])
def test_it_is_at_least_what_the_processor_makes(model_type: str, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from PIL import Image
    from transformers import AutoProcessor

    folder = seeing(model_type, tmp_path / "model")
    processor = AutoProcessor.from_pretrained(folder)
    mark = getattr(processor, "boi_token", None) or processor.image_token
    image = Image.open(io.BytesIO(picture(*PHOTO, kind="JPEG")))
    made = processor(text=[mark], images=[image])["input_ids"][0]
    placed = (
        made.count(processor.tokenizer.convert_tokens_to_ids("<image_soft_token>")) if model_type == "gemma3" else 0
    )
    tower = read_vision_tower(json.loads((folder / "config.json").read_text()))
    assert tower and tower.tokens >= (placed or made.count(processor.tokenizer.convert_tokens_to_ids(mark)))


def test_the_plan_holds_the_tower_and_one_image() -> None:
    case = read(FOLDER / "Qwen2.5-VL-7B-Instruct.json")
    blind, budget = case.facts, TokenBudget()
    seeing_facts = replace(blind, files=(*blind.files, ModelFile("preprocessor_config.json", 1)))
    without = footprint(blind, budget, engine=DEFAULT_ENGINE)
    with_one = footprint(seeing_facts, budget, engine=DEFAULT_ENGINE)
    assert with_one.weights == without.weights, "the tower is among the weights"
    assert with_one.cache > 5 * without.cache and with_one.activations > without.activations + 1
    assert "one photo, which becomes 15,696 tokens" in with_one.notes[-1]
    assert {each.choice.spec for each in fits(seeing_facts, budget, DEFAULT_ENGINE) if each.verdict == "fits"} < {
        each.choice.spec for each in fits(blind, budget, DEFAULT_ENGINE) if each.verdict == "fits"
    }
