"""Whether an inference engine can load what a repository holds, and what a person should know before it does.

Known from the file listing and the configuration alone, so that nobody pays for a GPU to find it out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wizard.core.inference.engine import InferenceEngine
from wizard.core.inference.engine_registry import DEFAULT_ENGINE, engines
from wizard.core.models.adapter import why_not_served, why_not_usable
from wizard.core.models.model_info import WEIGHT_FILES, ModelFacts
from wizard.core.models.what_it_does import what_else_it_is

TOKENIZERS = frozenset({"tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model"})
OWN_TOKENIZER = "tekken.json"  # Mistral's; an engine that reads Mistral's own weights reads it too
_IMAGE_PROCESSORS = {"preprocessor_config.json", "processor_config.json"}
_CHATTY = re.compile(r"(^|[-_.])(instruct|chat|it|dpo|rlhf|sft)([-_.]|$)", re.IGNORECASE)


@dataclass(frozen=True)
class NotLoadable:
    """Why an engine does not load a repository, as the rest of a sentence, and what to do instead, as a sentence."""

    why: str
    way_on: str
    generates_text: bool = True  # False: another engine would not help, because the model does something else


def why_not_loadable(facts: ModelFacts, engine: InferenceEngine) -> NotLoadable | None:
    """Why the engine cannot load this repository; None when it can.

    A repository whose configuration names no `model_type` and no class is left to the container to judge.
    """
    found = _judge(facts, engine)
    if found is None:
        return None
    other = next((each for each in engines() if each.name != engine.name and _judge(facts, each) is None), None)
    if other is None:
        return found
    return NotLoadable(found.why, f"{other.label} loads it: pass --engine {other.name}.")


def engine_that_loads(facts: ModelFacts) -> InferenceEngine | None:
    """The first engine that loads this repository, its packed weights too where there is one that does."""
    loading = [each for each in engines() if _judge(facts, each) is None]
    return next((each for each in loading if why_not_quantised(facts, each) is None), next(iter(loading), None))


def engine_to_judge(facts: ModelFacts, named: InferenceEngine | None = None) -> InferenceEngine:
    """The engine that a model is judged for: the one that was named, else the one that loads it."""
    return named or engine_that_loads(facts) or DEFAULT_ENGINE


def _judge(facts: ModelFacts, engine: InferenceEngine) -> NotLoadable | None:
    names = {file.path for file in facts.files}
    if facts.library_name == "diffusers" or "model_index.json" in names:
        return NotLoadable(
            "it is a diffusion model, which makes images or sound", _another(facts), generates_text=False
        )
    if facts.is_adapter:
        return _useless_adapter(facts)
    if (found := _no_weights(facts, engine)) is not None:
        return found
    if (unserved := why_not_served(facts, engine)) is not None:
        return NotLoadable(unserved, "Use a version of the model with the adapter merged in.")
    if names & {"modules.json", "config_sentence_transformers.json"} or facts.library_name == "sentence-transformers":
        named = f" ({facts.architectures[0]})" if facts.architectures else ""
        why = f"it is an embedding model for sentence-transformers{named}, which turns text into vectors"
        return NotLoadable(why, _another(facts), generates_text=False)
    return _wrong_architecture(facts, engine) or _no_tokenizer(names, engine)


def _another(facts: ModelFacts) -> str:
    """What to choose in place of a model that does something else."""
    if facts.base_model:
        return f"Choose a model for text generation; this one was made from {facts.base_model}."
    return "Choose a model for text generation."


def _useless_adapter(facts: ModelFacts) -> NotLoadable | None:
    """What keeps an adapter from being applied to its base model, which is judged by itself."""
    if (why := why_not_usable(facts)) is None:
        return None
    return NotLoadable(why, "Use its base model, or a version of it with the adapter merged in.")


def _no_weights(facts: ModelFacts, engine: InferenceEngine) -> NotLoadable | None:
    """What is wrong with the files of the weights."""
    original = f"Use the model that it was made from: --model {facts.base_model}." if facts.base_model else _ORIGINAL
    weights = facts.weights
    if weights is None:
        return NotLoadable(facts.why_no_weights, original)
    if facts.is_mlx:
        return NotLoadable(
            f"its weights are packed by MLX for Apple's chips, and {engine.label} does not load them", original
        )
    names = {file.path for file in facts.files}
    if weights.kind not in engine.weight_formats:
        own = " (Mistral's own format)" if weights.kind == "mistral" else ""
        why = f"{engine.label} does not load its weights, which are {WEIGHT_FILES[weights.kind]}{own}"
        return NotLoadable(why, "Choose a repository of the same model that has model.safetensors.")
    if "config.json" not in names and weights.kind != "mistral":
        return NotLoadable("it has no config.json", original)
    return None


_ORIGINAL = "Choose the model that it was made from; its page usually names it."


def _wrong_architecture(facts: ModelFacts, engine: InferenceEngine) -> NotLoadable | None:
    """What is wrong with the class of the model, and with its type."""
    table, model_type = engine.table, facts.model_type
    known = not model_type or table.loads(model_type)
    if facts.remote_code and not (known and model_type):
        why = f"it needs its own code (trust_remote_code: {facts.remote_code}), which is never run here"
        return NotLoadable(why, "Choose a version that needs no code of its own, or another model.")
    if other := what_else_it_is(facts, table):
        return NotLoadable(other, _another(facts), generates_text=False)
    if not known:
        why = f"{engine.label} {engine.version} has no text-generation model of type {model_type}"
        return NotLoadable(why, "Choose another model.")
    if package := engine.missing_packages.get(model_type or ""):
        return NotLoadable(f"it needs {package}, which the image does not have", "Choose another model.")
    return None


def _no_tokenizer(names: set[str], engine: InferenceEngine) -> NotLoadable | None:
    """Mistral's own tokenizer alone: transformers reads the vocabulary, but learns of no end token."""
    if OWN_TOKENIZER not in names or names & {*TOKENIZERS, "tokenizer_config.json"}:
        return None
    if "mistral" in engine.weight_formats:
        return None
    why = f"its tokenizer is Mistral's own ({OWN_TOKENIZER}) only, which tells {engine.label} no end token"
    return NotLoadable(why, "Choose a version of the model that has tokenizer.json.")


def takes_images(facts: ModelFacts, engine: InferenceEngine) -> bool:
    """Whether the model sees: the engine loads it whole, and the repository says how images are prepared for it."""
    table = engine.table
    does = table.does(facts.architectures[0]) if facts.architectures else table.type_does(facts.model_type or "")
    return does == "images" and bool({file.path for file in facts.files} & _IMAGE_PROCESSORS)


def why_not_quantised(facts: ModelFacts, engine: InferenceEngine) -> str | None:
    """Why the image cannot load these quantised weights, as the rest of a sentence; None when it can."""
    method = facts.quantisation
    if method is None:
        return None
    known = engine.quantisations.get(method)
    if known is None:
        return f"it is quantised with {method}, which this image does not know"
    if known.missing:
        return f"it is quantised with {method}, which needs {known.missing}: the image does not have it"
    return None


def loading_notes(facts: ModelFacts, engine: InferenceEngine) -> tuple[str, ...]:
    """What works, but not as somebody might expect."""
    notes = []
    if packed := why_not_quantised(facts, engine):
        notes.append(f"It cannot be deployed: {packed}. Choose the model that it was made from.")
    if facts.weights is not None and facts.weights.kind == "bin":
        notes.append("Its weights are pickle files (.bin): they load more slowly, and only with PyTorch's safe loader.")
    if facts.has_chat_template is False and _CHATTY.search(facts.repo_id.rsplit("/", 1)[-1]):
        notes.append("Its name says chat, but it has no chat template: prompts go in as plain text.")
    if facts.needs_remote_code and why_not_loadable(facts, engine) is None:
        notes.append(f"It also offers code of its own (trust_remote_code); {engine.label}' own is used instead.")
    if not {file.path for file in facts.files} & {*TOKENIZERS, OWN_TOKENIZER}:
        notes.append(f"It has no tokenizer files that {engine.label} knows.")
    return tuple(notes)


def gate_form(facts: ModelFacts) -> tuple[str, ...]:
    """What the gate's form asks for, label by label; empty when it only asks for agreement."""
    return tuple(facts.gate_fields)
