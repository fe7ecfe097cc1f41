"""What the Hub says about one model, as text for the pane beside the list."""

from __future__ import annotations

from textual.content import Content

from wizard.core.access_token import clean, clean_line
from wizard.core.inference.engine import InferenceEngine
from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.models.known_models import AS_OF, what_was_tried
from wizard.core.models.loading import engine_that_loads, gate_form, loading_notes, why_not_loadable
from wizard.core.models.model_info import ModelFacts
from wizard.flow.deploy.discovery import size_words
from wizard.flow.ports.hub import ModelSummary
from wizard.tui.screens.model.rows import UNKNOWN, access_words, count_or_dash, row_of, smallest_gpu

MOST_FILES, LONGEST_GATE_TEXT = 6, 400


def detail_of(facts: ModelFacts) -> Content:
    """The whole pane: gate and form, weights, chat template, licence, and what is worth knowing."""
    parts = [Content.styled(clean_line(facts.repo_id), "bold")]
    parts += [_field(name, value) for name, value in _fields(facts)]
    engine = _engine(facts)
    wrong = why_not_loadable(facts, engine)
    if wrong:
        parts.append(
            Content.styled(f"✗ Cannot be deployed: {clean_line(wrong.why)}. {clean_line(wrong.way_on)}", "$error")
        )
    parts += [Content.styled(f"! {clean_line(note)}", "$warning") for note in loading_notes(facts, engine)]
    parts += _gate(facts)
    parts += _files(facts)
    return Content("\n").join(parts)


def short_detail_of(facts: ModelFacts) -> Content:
    """The same in three lines, for the place under the list."""
    row = row_of(ModelSummary(facts.repo_id, facts.gate, None, facts.licence, facts.downloads, None), facts)
    first = " · ".join((row["access"], row["parameters"], row["size"], row["licence"], f"fits {row['gpu']}"))
    engine = _engine(facts)
    wrong = why_not_loadable(facts, engine)
    notes = loading_notes(facts, engine)
    last = f"✗ cannot be deployed: {wrong.why}" if wrong else f"! {notes[0]}" if notes else ""
    template = {True: "has a chat template", False: "no chat template", None: "chat template unknown"}
    tried = " · tested ✓" if what_was_tried(facts.repo_id, facts) else ""
    second = f"{template[facts.has_chat_template]}{tried} · {_weights_words(facts)}"
    lines = [clean_line(first), clean_line(second), clean_line(last)]
    return Content("\n").join(Content(line) for line in lines if line)


def _engine(facts: ModelFacts) -> InferenceEngine:
    """What would run it: the model is judged for the engine that loads it, where there is one."""
    return engine_that_loads(facts) or DEFAULT_ENGINE


def _fields(facts: ModelFacts) -> list[tuple[str, str]]:
    template = {True: "yes", False: "no (prompts are sent as plain text)", None: "unknown"}[facts.has_chat_template]
    tried = what_was_tried(facts.repo_id, facts)
    return [
        ("Access", access_words(facts.gate, facts.private)),
        ("Parameters", count_or_dash(sum(facts.parameters.values()) or None)),
        ("Weights", _weights_words(facts)),
        ("Smallest GPU", smallest_gpu(facts) if facts.weights else UNKNOWN),
        ("Chat template", template + _reasoning(facts)),
        ("Tested", f"✓ works end to end: {tried} ({AS_OF})" if tried else "not yet; it may well work"),
        ("Licence", facts.licence or "not stated"),
        ("Type", facts.model_type or "not stated"),
        ("Pinned to", facts.commit[:7]),
    ]


def _reasoning(facts: ModelFacts) -> str:
    """Whether the model reasons before it answers, as its chat template says."""
    if facts.thinking is None or not facts.thinking.is_sure:
        return ""
    return "; always reasons first" if facts.thinking.is_always_on else "; can reason first"


def _field(name: str, value: str) -> Content:
    return Content.assemble((f"{name:<14}", "$quiet"), clean_line(value, 120))


def _weights_words(facts: ModelFacts) -> str:
    weights = facts.weights
    if weights is None:
        return f"no weights for {DEFAULT_ENGINE.label}"
    many = f"{len(weights.files)} files, " if len(weights.files) > 1 else ""
    return f"{many}{size_words(weights.size)} of {weights.kind}"


def _gate(facts: ModelFacts) -> list[Content]:
    if facts.gate == "open":
        return []
    text = clean(facts.gate_text or "").strip()
    if len(text) > LONGEST_GATE_TEXT:
        text = text[: LONGEST_GATE_TEXT - 1] + "…"
    decides = (
        "Access is granted as soon as you accept the terms."
        if facts.gate == "auto"
        else "The authors review every request."
    )
    parts = [Content(""), Content.styled(decides, "bold")]
    if text:
        parts.append(Content(text))
    if form := gate_form(facts):
        parts.append(Content.styled("The form asks for:", "$quiet"))
        parts += [Content(f"  · {clean_line(label, 80)}") for label in form]
    return parts


def _files(facts: ModelFacts) -> list[Content]:
    weights = facts.weights
    if weights is None:
        return []
    parts = [Content(""), Content.styled("Weight files", "bold")]
    for file in weights.files[:MOST_FILES]:
        size = size_words(file.size) if file.size else "size unknown"
        parts.append(Content.assemble(f"  {clean_line(file.path, 80)}  ", (size, "$quiet")))
    if len(weights.files) > MOST_FILES:
        parts.append(Content.styled(f"  and {len(weights.files) - MOST_FILES} more", "$quiet"))
    return parts
