"""What the installed transformers loads, as the table beside the record of its engine: `python -m` this writes it.

One line for each class: the `model_type` of its configuration, its name as a repository's `architectures` has it, and
what it does: it continues a `text`, reads `images` beside text, or is something else that a name alone does not tell.
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from typing import Any

HEAD = """\
# What transformers {version} makes of a repository, without code from the Hub: model_type, class, and what it does.
# Written by `python -m tests.models.architecture_tables`; a test compares it with the installed version.
"""
# In the order in which one of them is taken for a class that several name.
MAPPINGS = {
    "text": ("CAUSAL_LM",),
    "images": ("IMAGE_TEXT_TO_TEXT",),
    "speech": ("SPEECH_SEQ_2_SEQ", "MULTIMODAL_LM", "TEXT_TO_WAVEFORM", "TEXT_TO_SPECTROGRAM"),
    "encoder-decoder": ("SEQ_TO_SEQ_CAUSAL_LM",),
    "encoder": ("MASKED_LM",),
}
ALL_MAPPINGS = [mapping for mappings in MAPPINGS.values() for mapping in mappings]
# What the name of a mapping does not tell, by model_type. A class that "reads an image and takes no prompt of text" is
# one whose forward pass refuses to begin without an image, as seen by calling it.
OTHERWISE = {
    "audioflamingo3": "speech",
    "blip-2": "image-only",
    "diffusion_gemma": "diffusion",
    "evolla": "other",  # answers questions about a protein that comes with them
    "florence2": "encoder-decoder",
    "gemma4_assistant": "drafts",
    "gemma4_unified_assistant": "drafts",
    "idefics": "image-only",
    "instructblip": "image-only",
    "instructblipvideo": "image-only",
    "kosmos-2": "image-only",
    "moshi": "speech",
    "moss_transcribe_diarize": "speech",
    "musicflamingo": "speech",
    "musicgen": "speech",
    "musicgen_melody": "speech",
    "pi0": "other",  # moves a robot
    "pix2struct": "image-only",
    "pp_formulanet": "image-only",
    "t5gemma2": "encoder-decoder",
    "trocr": "encoder-decoder",
    "udop": "encoder-decoder",
    "vision-encoder-decoder": "image-only",
    "whisper": "speech",
}


def lines() -> list[str]:
    """The lines of the table, sorted."""
    from transformers.models.auto import modeling_auto

    found: dict[tuple[str, str], str] = {}
    seen = set(named(modeling_auto, "IMAGE_TEXT_TO_TEXT"))  # of a class in both, that it sees is the better word
    for does, mappings in MAPPINGS.items():
        for mapping in mappings:
            for pair in named(modeling_auto, mapping):
                found.setdefault(pair, OTHERWISE.get(pair[0]) or ("images" if pair in seen else does))
    return sorted(f"{model_type} {name} {does}" for (model_type, name), does in found.items())


def named(module: Any, mapping: str) -> list[tuple[str, str]]:
    """The pairs of model_type and class of one of the library's mappings."""
    table = getattr(module, f"MODEL_FOR_{mapping}_MAPPING_NAMES")
    return [
        (model_type, name)
        for model_type, names in table.items()
        for name in (names if isinstance(names, (tuple, list)) else [names])
    ]


def text() -> str:
    """The whole file."""
    return HEAD.format(version=version("transformers")) + "\n".join(lines()) + "\n"


if __name__ == "__main__":
    path = files("wizard.core.inference.engines").joinpath("transformers_architectures.txt")
    path.write_text(text(), encoding="utf-8")  # type: ignore[attr-defined]
