"""What a model is that generates no text: told from the class in its configuration, its type and its task.

A class that ends in one of these words loads as something that it is not: transformers makes up the missing head at
random, and every answer is valid and means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from wizard.core.inference.architecture_table import GENERATES, ArchitectureTable, Does
from wizard.core.models.model_info import ModelFacts

# By what the engine's table says that the class does.
_WORDS: Mapping[Does, str] = {
    "image-only": "it reads an image and takes no text prompt",
    "speech": "it is a model for speech or sound",
    "encoder": "it is an encoder, which fills gaps in a text and does not continue it",
    "encoder-decoder": "it is an encoder-decoder model, which needs another kind of app",
    "diffusion": "it writes by diffusion, not token by token, so no output type can be enforced",
    "drafts": "it drafts tokens for a larger model and does not answer by itself",
    "other": "it does not answer text prompts",
}
_LOOKS = "it takes images and generates no text"
_LABELS = "it classifies text and does not generate it"
# By the end of the class's name, for the many classes that are in no table of models that generate.
_HEADS: tuple[tuple[str, str], ...] = (
    (
        r"ForSequenceClassification|Reward\w*|ForSequenceScoring",
        "it has a classification head, as reward models do, and no language model head",
    ),
    (r"For(TokenClassification|QuestionAnswering|MultipleChoice|NextSentencePrediction)", _LABELS),
    (r"For(MaskedLM|PreTraining)", _WORDS["encoder"]),
    (r"For(CTC|RNNT|TDT|Audio\w+|Speech\w+|TextToSpeech|TextToWaveform)", _WORDS["speech"]),
    (r"For(Image\w+|Object\w+|\w+Segmentation|\w+Estimation|\w*Video\w*|ZeroShot\w+|Keypoint\w+|Mask\w+)", _LOOKS),
    (
        r"For(Retrieval|TextEncoding|Embedding)|(?<!LMHead)(?<!DoubleHeads)(Model|Encoder)",
        "it has no language model head: such models turn text into vectors (embeddings)",
    ),
)
# By the Hub's own word for the task, where the class is not known.
_TASKS: Mapping[str, str] = {
    "automatic-speech-recognition": _WORDS["speech"],
    "text-to-speech": _WORDS["speech"],
    "text-to-audio": _WORDS["speech"],
    "audio-classification": _WORDS["speech"],
    "text-to-image": "it makes images",
    "image-to-image": "it makes images",
    "text-to-video": "it makes videos",
    "image-classification": _LOOKS,
    "object-detection": _LOOKS,
    "image-segmentation": _LOOKS,
    "sentence-similarity": "it turns text into vectors (embeddings)",
    "text-ranking": "it ranks texts and does not generate any",
    "text-classification": _LABELS,
    "token-classification": _LABELS,
    "fill-mask": _WORDS["encoder"],
}


def what_else_it_is(facts: ModelFacts, table: ArchitectureTable) -> str | None:
    """What the model is instead of one that generates text, as the rest of a sentence; None when nothing says so."""
    for name in facts.architectures[:1]:
        does = table.does(name)
        if does in GENERATES:
            return None
        words = _WORDS[does] if does else _head(name)
        if words:
            return f"{words} ({name})"
    does = table.type_does(facts.model_type or "")
    if not facts.architectures and does and does not in GENERATES:
        return f"{_WORDS[does]} ({facts.model_type})"
    task = facts.pipeline_tag or ""
    if does is None and facts.model_type and task in _TASKS:
        return f"{_TASKS[task]} ({task})"
    return None


def _head(name: str) -> str | None:
    return next((words for ending, words in _HEADS if re.search(rf"({ending})$", name)), None)
