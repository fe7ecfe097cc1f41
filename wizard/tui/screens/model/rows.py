"""A model as a row of the list: what each column says, and which columns there is room for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from wizard.core.access_token import clean_line
from wizard.core.models.known_models import what_was_tried
from wizard.core.models.model_info import ModelFacts
from wizard.core.problem import Problem
from wizard.core.sizing.gpus import memory_needed, smallest_that_fits
from wizard.core.sizing.memory_fit import TokenBudget, recommend
from wizard.flow.deploy.discovery import count_words, size_words
from wizard.flow.ports.hub import ModelSummary

BYTES_EACH = 2  # bf16 and f16, which nearly every published model is in
UNKNOWN = "—"
LONGEST_NAME, SHORTEST_NAME, PADDING = 44, 30, 2
NARROW = 70  # cells; below this the gate is said in one word, and what is known to work with a sign


@dataclass(frozen=True)
class Column:
    """A column: its key, its title, and whether it holds figures."""

    key: str
    title: str
    figures: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("model", "Model"),
    Column("mark", "✓"),
    Column("access", "Access"),
    Column("gate", "Gate"),
    Column("parameters", "Params", figures=True),
    Column("size", "On disk", figures=True),
    Column("gpu", "GPU"),
    Column("known", "Tried"),
    Column("licence", "Licence"),
    Column("downloads", "Downloads", figures=True),
)
KEPT_LONGEST = ("access", "parameters", "known", "gpu", "size", "licence", "downloads")

Row = Mapping[str, str]


def count_or_dash(number: int | None) -> str:
    """A count as a person says it, or the sign for what is not known."""
    return UNKNOWN if number is None else count_words(number)


def row_of(summary: ModelSummary, facts: ModelFacts | None = None) -> Row:
    """What the columns say of a model; `facts` say it better where the Hub has been asked about this one."""
    parameters = dict(facts.parameters) if facts and facts.parameters else {}
    if not parameters and summary.parameters:
        parameters = {"BF16": summary.parameters}
    count = sum(parameters.values()) or None
    weights = facts.weights.size if facts and facts.weights else 0
    size = weights or (count or 0) * BYTES_EACH
    access = access_words(facts.gate if facts else summary.gate, facts.private if facts else summary.private)
    return {
        "model": summary.repo_id,
        "access": access,
        "gate": access.split()[-1],
        "mark": "✓" if what_was_tried(summary.repo_id, facts) else "",
        "known": "✓ works" if what_was_tried(summary.repo_id, facts) else "",
        "parameters": count_or_dash(count),
        "size": UNKNOWN if not size else size_words(size) if weights else f"~{size_words(size)}",
        "gpu": smallest_gpu(facts) if facts and facts.weights else gpu_words(parameters, weights),
        "licence": clean_line((facts.licence if facts else None) or summary.licence or UNKNOWN, 18),
        "downloads": count_or_dash(facts.downloads if facts and facts.downloads is not None else summary.downloads),
    }


def access_words(gate: str, private: bool) -> str:
    """Who may read it."""
    if private:
        return "private"
    return {"open": "open", "auto": "gated auto", "manual": "gated manual"}.get(gate, UNKNOWN)


def gpu_words(parameters: Mapping[str, int], weights: int) -> str:
    """The smallest GPU that it fits on."""
    if not parameters and not weights:
        return UNKNOWN
    try:
        return smallest_that_fits(memory_needed(parameters, weights)).spec
    except Problem:
        return "too large"


def smallest_gpu(facts: ModelFacts) -> str:
    """The same, from everything that is known of a model."""
    try:
        return recommend(facts, TokenBudget()).choice.spec
    except Problem:
        return "too large"


def fitting(rows: Iterable[Row], width: int) -> list[tuple[Column, int]]:
    """The columns that fit into `width` cells, in their order, each with its own width.

    The model's name always stays; the others go in the reverse order of KEPT_LONGEST.
    """
    rows = list(rows)
    wide = {c.key: max([cell_len(c.title), *(cell_len(row[c.key]) for row in rows)]) for c in COLUMNS}
    name = min(wide["model"], LONGEST_NAME)
    kept, left = {"model"}, width - PADDING - min(name, SHORTEST_NAME)
    short = {"access": "gate", "known": "mark"} if width < NARROW else {}
    for key in (short.get(key, key) for key in KEPT_LONGEST):
        if wide[key] + PADDING > left:
            break
        kept.add(key)
        left -= wide[key] + PADDING
    wide["model"] = min(name, min(name, SHORTEST_NAME) + max(0, left))
    return [(column, wide[column.key]) for column in COLUMNS if column.key in kept]


def shortened(name: str, width: int) -> str:
    """A name cut in its middle, since names of one family differ at their ends."""
    if cell_len(name) <= width:
        return name
    tail = max(1, (width - 1) * 3 // 5)
    while cell_len(name[-tail:]) > tail:
        tail -= 1
    return set_cell_size(name, width - 1 - cell_len(name[-tail:])).rstrip() + "…" + name[-tail:]
