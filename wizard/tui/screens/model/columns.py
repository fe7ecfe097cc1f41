"""The columns of the list of models: which there is room for, and how a name is cut to fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

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
    Column("known", "Tested"),
    Column("licence", "Licence"),
    Column("downloads", "Downloads", figures=True),
)
KEPT_LONGEST = ("access", "known", "parameters", "gpu", "size", "licence", "downloads")

Row = Mapping[str, str]


def fitting(rows: Iterable[Row], width: int) -> list[tuple[Column, int]]:
    """The columns that fit into `width` cells, in their order, each with its own width.

    The model's name always stays, and whole where it can: names of one family differ only somewhere in them. The others
    go in the reverse order of KEPT_LONGEST; only the first of them, and a sign of one cell, are worth a shorter name.
    """
    rows = list(rows)
    wide = {c.key: max([cell_len(c.title), *(cell_len(row[c.key]) for row in rows)]) for c in COLUMNS}
    name = min(wide["model"], LONGEST_NAME)
    kept, left = {"model"}, width - PADDING
    short = {"access": "gate", "known": "mark"} if width < NARROW else {}
    for key in (short.get(key, key) for key in KEPT_LONGEST):
        is_worth_it = len(kept) == 1 or wide[key] == 1
        if wide[key] + PADDING > left - (min(name, SHORTEST_NAME) if is_worth_it else name):
            continue
        kept.add(key)
        left -= wide[key] + PADDING
    wide["model"] = min(name, max(left, min(name, SHORTEST_NAME)))
    return [(column, wide[column.key]) for column in COLUMNS if column.key in kept]


def shortened(name: str, width: int) -> str:
    """A name cut in its middle, since names of one family differ at their ends."""
    if cell_len(name) <= width:
        return name
    tail = max(1, (width - 1) * 3 // 5)
    while cell_len(name[-tail:]) > tail:
        tail -= 1
    return set_cell_size(name, width - 1 - cell_len(name[-tail:])).rstrip() + "…" + name[-tail:]
