"""Whether an inference engine can load what a repository holds, and what a person should know before it does.

Known from the file listing and the configuration alone, so that nobody pays for a GPU to find it out.
"""

from __future__ import annotations

import re

from wizard.core.inference.engine import InferenceEngine
from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.models.model_info import WEIGHT_FILES, ModelFacts

_CHATTY = re.compile(r"(^|[-_.])(instruct|chat|it|dpo|rlhf|sft)([-_.]|$)", re.IGNORECASE)


def why_not_loadable(facts: ModelFacts, engine: InferenceEngine = DEFAULT_ENGINE) -> str | None:
    """Why the engine cannot load this repository, as the rest of a sentence; None when it can.

    A repository whose configuration names no `model_type` is left to the container to judge.
    """
    if facts.weights is None:
        return facts.why_no_weights
    if facts.weights.kind not in engine.weight_formats:
        return f"{engine.label} does not load its weights, which are {WEIGHT_FILES[facts.weights.kind]}"
    names = {file.path for file in facts.files}
    if "config.json" not in names:
        return "it has no config.json"
    if facts.model_type and not engine.loads(facts.model_type):
        if facts.needs_remote_code:
            return "it brings its own code (trust_remote_code), which is not run here"
        return f"{engine.label} {engine.version} has no text-generation model of type {facts.model_type}"
    return None


def why_not_quantised(facts: ModelFacts, engine: InferenceEngine = DEFAULT_ENGINE) -> str | None:
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


def loading_notes(facts: ModelFacts, engine: InferenceEngine = DEFAULT_ENGINE) -> tuple[str, ...]:
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
    names = {file.path for file in facts.files}
    if not names & {"tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "tekken.json"}:
        notes.append(f"It has no tokenizer files that {engine.label} knows.")
    return tuple(notes)


def gate_form(facts: ModelFacts) -> tuple[str, ...]:
    """What the gate's form asks for, label by label; empty when it only asks for agreement."""
    return tuple(facts.gate_fields)
