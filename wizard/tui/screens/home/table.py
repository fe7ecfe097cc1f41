"""The table of deployed functions: one for each row, with as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from wizard.flow.operate.deployed_apps import DeployedFunction
from wizard.tui.screens.home.wording import cells, columns_for, row_of

FRAME = 3  # cells that the table keeps for its scrollbar and its ring


class FunctionTable(DataTable[Text]):
    """Shows functions. `chosen` is the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Ask", id="home.ask", tooltip="Send a prompt to the selected function"),
    ]

    def __init__(self) -> None:
        super().__init__(id="apps", cursor_type="row", zebra_stripes=True, classes="ring")
        self.border_title = "Functions"
        self.tooltip = "One function per row. Enter sends a prompt, c changes it, t tears it down."
        self._functions: Sequence[DeployedFunction] = ()

    @property
    def chosen(self) -> DeployedFunction | None:
        """The function under the cursor."""
        return self._functions[self.cursor_row] if 0 <= self.cursor_row < len(self._functions) else None

    def show(self, functions: Sequence[DeployedFunction], room: int) -> None:
        """Show functions in `room` cells; the cursor stays in its row."""
        self._functions = functions
        rows = {function.name: row_of(function) for function in functions}
        cursor, columns = self.cursor_row, columns_for(list(rows.values()), room - FRAME)
        self.clear(columns=True)
        for name, width in columns.items():  # widths are ours: the table measures when it is idle, and may miss it
            self.add_column(name, width=width, key=name)
        for name, row in rows.items():
            self.add_row(*cells(row, columns), key=name)
        self.set_class(bool(functions), "-shown")
        if functions:
            self.move_cursor(row=min(cursor, len(functions) - 1))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a row there is nothing to ask."""
        return self.row_count > 0 if action == "select_cursor" else True
