"""Tiny models that see, with random weights and what prepares images for them, as the library saves them."""

from __future__ import annotations

import base64
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.codegen.tiny_families import FAMILIES, TEXT
from tests.support import torchvision_ops
from tests.support.app_process import MODEL

MARKS = {
    "gemma3": {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"},
    "idefics3": {"image_token": "<image>", "fake": "<fake_token_around_image>", "end": "<end_of_utterance>"},
    "llava": {"image_token": "<image>"},
}
WITH_TORCHVISION = {  # their processors need it
    "qwen3_vl": {
        "image_token": "<|image_pad|>", "video_token": "<|video_pad|>", "start": "<|vision_start|>",
        "end": "<|vision_end|>",
    },
    "mistral3": {"image_token": "[IMG]", "break": "[IMG_BREAK]", "end": "[IMG_END]"},
}  # fmt: skip
TEMPLATE = (  # as those of models that see are: with a mark for each image, and no system message
    "{% for message in messages %}{% if message['role'] == 'system' %}{{ raise_exception('no system message') }}"
    "{% endif %}<|user|>{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}MARK{% else %}{{ part['text'] }}"
    "{% endif %}{% endfor %}{% endif %}{% endfor %}<|assistant|>"
)
TOWER: dict[str, Any] = {
    "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 28,
    "patch_size": 14,
}  # fmt: skip


def seeing(model_type: str, folder: Path) -> Path:
    """A model of that type in a folder that is made for it."""
    import torch
    from transformers import AutoModelForImageTextToText, AutoTokenizer
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    shutil.copytree(MODEL, folder, ignore=shutil.ignore_patterns("model.safetensors", "config.json"))
    marks = (MARKS | WITH_TORCHVISION)[model_type]
    tokenizer = AutoTokenizer.from_pretrained(folder, extra_special_tokens=marks)
    mark = marks.get("boi_token", marks["image_token"])
    if model_type == "qwen3_vl":
        mark = f"{marks['start']}{mark}{marks['end']}"
    tokenizer.chat_template = TEMPLATE.replace("MARK", mark)
    processor = _processor(model_type, tokenizer)
    processor.save_pretrained(folder)
    image_token = processor.tokenizer.convert_tokens_to_ids(marks["image_token"])
    text = {**TEXT, "head_dim": 32, "vocab_size": len(processor.tokenizer) + 8}  # vLLM's CPU kernels take such heads
    settings = {
        "gemma3": {
            "text_config": {**text, "sliding_window": 64}, "vision_config": TOWER, "mm_tokens_per_image": 4,
            "image_token_index": image_token,
        },
        "idefics3": {
            "text_config": {**text, "model_type": "llama"}, "vision_config": TOWER, "scale_factor": 1,
            "image_token_id": image_token,
        },
        "llava": {
            "text_config": {**text, "model_type": "llama"},
            "vision_config": {**TOWER, "model_type": "siglip_vision_model"},
            "image_token_index": image_token, "vision_feature_select_strategy": "full", "vision_feature_layer": -1,
        },
        "qwen3_vl": {
            **FAMILIES["qwen3_vl"],
            "text_config": {**text, **FAMILIES["qwen3_vl"]["text_config"], "vocab_size": text["vocab_size"]},
            "image_token_id": image_token, "video_token_id": image_token + 1, "vision_start_token_id": image_token + 2,
            "vision_end_token_id": image_token + 3,
        },
        "mistral3": {
            "text_config": {**text, "model_type": "mistral"}, "spatial_merge_size": 2, "image_token_index": image_token,
            "vision_config": {**TOWER, "image_size": 56, "model_type": "pixtral"},
        },
    }[model_type]  # fmt: skip
    torch.manual_seed(0)
    generation = (folder / "generation_config.json").read_text()
    model: Any = AutoModelForImageTextToText.from_config(CONFIG_MAPPING[model_type](**settings))
    for name, weights in model.named_parameters():
        if "vision" not in name and ("projector" in name or "connector" in name):
            weights.data.normal_()  # as small as they are drawn, nothing of an image would reach the answer
    model.save_pretrained(folder)
    (folder / "generation_config.json").write_text(generation)
    return folder


def seeing_apart(model_type: str, folder: Path, packages: Path) -> Path:
    """The same, made by a process that has the folder `packages` beside the installed ones."""
    env = os.environ | {"PYTHONPATH": str(packages)}
    subprocess.run([sys.executable, "-m", "tests.codegen.tiny_vision", model_type, str(folder)], env=env, check=True)
    return folder


def _processor(model_type: str, tokenizer: Any) -> Any:
    import transformers

    square = {"height": 28, "width": 28}
    if model_type == "gemma3":
        images = transformers.Gemma3ImageProcessorPil(size=square)
        return transformers.Gemma3Processor(images, tokenizer, image_seq_length=4)
    if model_type == "idefics3":
        images = transformers.Idefics3ImageProcessorPil(size={"longest_edge": 56}, max_image_size={"longest_edge": 28})
        return transformers.Idefics3Processor(images, tokenizer, image_seq_len=4)
    if model_type == "qwen3_vl":
        images = transformers.Qwen2VLImageProcessor(patch_size=16, min_pixels=32**2, max_pixels=16 * 32**2)
        return transformers.Qwen3VLProcessor(images, tokenizer, transformers.Qwen3VLVideoProcessor())
    if model_type == "mistral3":
        images = transformers.PixtralImageProcessor(size={"longest_edge": 56}, patch_size={"height": 14, "width": 14})
        return transformers.PixtralProcessor(images, tokenizer, patch_size=14, spatial_merge_size=2)
    images = transformers.SiglipImageProcessorPil(size=square)
    return transformers.LlavaProcessor(images, tokenizer, patch_size=14, vision_feature_select_strategy="full")


def picture(width: int = 60, height: int = 40, kind: str = "PNG", colour: str = "white") -> bytes:
    """An image file with a line on it."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(image).line((0, 0, width, height), fill="black", width=3)
    image.save(file := io.BytesIO(), kind)
    return file.getvalue()


def data_url(file: bytes) -> str:
    """An image file as JSON carries it."""
    return f"data:image/png;base64,{base64.b64encode(file).decode()}"


if __name__ == "__main__":
    torchvision_ops.declare()
    seeing(sys.argv[1], Path(sys.argv[2]))
