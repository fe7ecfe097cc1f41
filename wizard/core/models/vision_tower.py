"""What an image takes of a model that sees: the tokens of the prompt that it becomes, and the memory to read it.

Planned for is one photo of a telephone. How many tokens a model makes of it follows from its configuration where that
says it, and else from the usual settings of its image processor, as published with the models (2026-11).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wizard.core.models.model_defaults import size_of

PHOTO = (4032, 3024)  # pixels
MOST_TOKENS = 16_384  # of one image: `max_pixels` of Qwen's models, in patches that are merged
_PATCH = 14
_FIXED = ("mm_tokens_per_image", "vision_soft_tokens_per_image")
# By `model_type`: of how many tiles of `image_size` a large image is made, the small one of the whole among them.
_TILES: Mapping[str, int] = {
    "aya_vision": 13,
    "cohere2_vision": 13,
    "got_ocr2": 13,
    "granite4_vision": 10,
    "idefics2": 5,
    "idefics3": 17,
    "internvl": 13,
    "internvl_chat": 13,
    "llama4": 17,
    "llava_next": 5,
    "llava_onevision": 10,
    "mllama": 4,
    "ovis2": 10,
    "qianfan_ocr": 13,
    "smolvlm": 17,
}
_ELEMENT = 2  # bytes of a number


@dataclass(frozen=True)
class VisionTower:
    """Of one planned image: its `tokens` in the prompt, and the bytes that reading it takes beside the weights."""

    tokens: int
    reading: int


def read_vision_tower(config: Mapping[str, Any]) -> VisionTower | None:
    """What a config.json says of images; None for a model that reads text only. Never raises."""
    tower = config.get("vision_config")
    if not isinstance(tower, Mapping):
        tower = {}
    fixed = next((size for name in _FIXED if (size := size_of(config.get(name)))), None)
    if not tower and not fixed:
        return None
    patch = _side(tower.get("patch_size")) or _PATCH
    square = _side(tower.get("image_size"))
    merged = size_of(tower.get("spatial_merge_size")) or size_of(config.get("spatial_merge_size")) or 0
    if square and not merged:
        tiles = _TILES.get(str(config.get("model_type")), 1)
        patches = tiles * (square // patch) ** 2
        tokens = fixed or math.ceil(patches / _shrunk(config, tower))
    else:
        cells = _cells(patch * (merged or 2), square)
        tokens, patches = fixed or cells, cells * (merged or 2) ** 2
    return VisionTower(tokens, patches * _bytes_per_patch(tower, patch))


def _side(value: object) -> int | None:
    """A length, as a number or as that of both sides."""
    if isinstance(value, list):
        value = max((size for each in value if (size := size_of(each))), default=None)
    return size_of(value)


def _cells(side: int, longest: int | None) -> int:
    """Of how many squares a photo is made in the resolution that it has, as far as the model takes it."""
    scale = min(1.0, longest / max(PHOTO)) if longest else 1.0
    rows, columns = (math.ceil(pixels * scale / side) for pixels in PHOTO)
    return min(rows * (columns + 1), MOST_TOKENS)  # some mark the end of each row


def _shrunk(config: Mapping[str, Any], tower: Mapping[str, Any]) -> float:
    """How many patches become one token."""
    if scale := size_of(config.get("scale_factor")):
        return float(scale**2)
    for table, name in ((config, "downsample_ratio"), (tower, "pixel_shuffle_ratio")):
        ratio = table.get(name)
        if isinstance(ratio, int | float) and 0 < ratio <= 1:
            return 1 / float(ratio) ** 2
    return 1.0


def _bytes_per_patch(tower: Mapping[str, Any], patch: int) -> int:
    """The widest moment of one layer of the tower, and the pixels in 32 bits (twice, as for two pictures of a film)."""
    hidden = size_of(tower.get("hidden_size")) or size_of(tower.get("embed_dim")) or 1280
    inner = size_of(tower.get("intermediate_size")) or 4 * hidden
    return (3 * inner + 4 * hidden) * _ELEMENT + 2 * 3 * patch**2 * 4
