"""Which model? Search while typing, paste a name or an address, or take the marked row."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import DataTable, Input, Static

from wizard.core.models.model_info import ModelFacts, ModelName, is_folder_name, read_model_name
from wizard.core.problem import Problem
from wizard.tui.background import run_exclusive
from wizard.tui.frame import StepScreen
from wizard.tui.messages import ServicesOpened
from wizard.tui.screens.model.columns import Row, fitting, shortened
from wizard.tui.screens.model.typed import understood, what_enter_does
from wizard.tui.widgets.search_field import ModelList, SearchField

if TYPE_CHECKING:  # the first question is drawn before anything that reads answers of the Hub is imported
    from wizard.flow.ports.hub import ModelSummary
    from wizard.tui.screens.model.hub_requests import ModelRequests

TYPING_SECONDS = 0.25  # after the last key, before the Hub is asked
RESTING_SECONDS = 0.2  # on a row, before its details are asked for


class ModelScreen(StepScreen):
    """The first question. `shown` are the rows, `answers` the text that they answer."""

    step = "model"
    question = "Which model do you want to use?"
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#search"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Choose", id="model.enter", tooltip="Use the highlighted model, or the one you typed"),
        Binding("escape", "back", "Back", id="frame.back", tooltip="Go back one question; your answers are kept"),
        Binding("slash", "search", "Search", id="model.search", show=False, tooltip="Go to the search field"),
        Binding("f2,d", "details", "Details", id="model.details", tooltip="Everything about the highlighted model"),
        Binding("ctrl+r", "again", "Refresh", id="model.again", tooltip="Ask the Hub again"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[ModelSummary] = []
        self.answers: str | None = None
        self._facts: dict[str, ModelFacts | str] = {}
        self._moved = False
        self._large = False
        self._of_services: ModelRequests | None = None

    def answer(self) -> Iterable[Widget]:
        field = SearchField(placeholder="Search Hugging Face, or paste a name or address", id="search", classes="ring")
        field.border_title = "Search"
        field.tooltip = "Type to search; arrow keys move in the list. You can also type a full org/model name."
        yield field
        yield Static(id="said", markup=False)
        with Horizontal(id="models"):
            table = ModelList(id="list", cursor_type="row", zebra_stripes=False, classes="ring")
            table.border_title = "Models"
            table.tooltip = "Arrow keys move, Enter chooses, d shows the details of a model, / goes to the search."
            yield table
            with VerticalScroll(id="pane", classes="ring") as pane:
                pane.border_title = "Details"
                yield Static(id="detail", markup=False)
        with Vertical(id="below"):
            yield Static(id="short-detail", markup=False)

    @property
    def is_untouched(self) -> bool:
        return not self._moved and not self.query_one("#search", SearchField).value

    def on_shown(self) -> None:
        if self._requests is None:
            self._say("Starting…")
        elif self.answers is None:
            self._look(self.query_one("#search", Input).value, 0)

    @property
    def _requests(self) -> ModelRequests | None:
        """What asks the Hub; None until services are open."""
        ports, requests = self.wizard.ports, self._of_services
        if ports is None:
            return None
        if requests is None or requests.ports is not ports:
            from wizard.tui.screens.model.hub_requests import ModelRequests

            requests = self._of_services = ModelRequests(ports)
            run_exclusive(self, "token", requests.find_token, self.wizard.session.options.token_from)
        return requests

    @property
    def _preferred(self) -> str | None:
        """The model that heads the list while nothing is typed."""
        return self.wizard.session.draft.model or (self.wizard.suggested if self.wizard.rehearsal else None)

    def on_services_opened(self, message: ServicesOpened) -> None:
        if self._requests is not None:  # else they are closed again
            from wizard.tui.resuming import offer_to_resume

            run_exclusive(self, "resume", offer_to_resume, self.wizard)
            self._look(self.query_one("#search", Input).value, 0)

    # --- the list -------------------------------------------------------------------------------------------------

    @on(Input.Changed, "#search")
    def _typed(self, event: Input.Changed) -> None:
        self._moved = False
        self.refresh_bindings()
        if self._requests is not None:
            self._look(event.value, TYPING_SECONDS)

    def _look(self, text: str, pause: float) -> None:
        """Ask the Hub; an answer to an older text is dropped with its worker."""
        run_exclusive(self, "search", self._search, text.strip(), pause)

    async def _search(self, text: str, pause: float) -> None:
        await asyncio.sleep(pause)
        if not text:
            await self._suggest()
            return
        requests = self._requests
        assert requests is not None
        name, wrong = understood(text)
        if wrong:
            self._say(wrong, "warning")
            self._show([], text)
            return
        if name is not None and is_folder_name(name.repo_id):  # no Hub is told of a path on this computer
            self._show([], text)
            self._say(what_enter_does(name, [], text))
            return
        self._say("Searching…")
        try:
            found = await requests.search(name.repo_id if name else text)
        except Problem as problem:
            self._say(f"{problem.message} You can still type a full org/model name.", "error")
            self._show([], None)
            return
        self._show(found if name is None else _headed_by(name.repo_id, found), text)
        self._say(what_enter_does(name, found, text))

    async def _suggest(self) -> None:
        """What there is to choose from while nothing is typed."""
        wizard, requests = self.wizard, self._requests
        assert requests is not None
        rows, text, failed = await requests.suggestions(self._preferred, wizard.suggested, recent=not wizard.rehearsal)
        self._show(rows, None if failed else "")
        self._say(text, "error" if failed else "")

    def _say(self, text: str, mood: str = "") -> None:
        said = self.query_one("#said", Static)
        self.wizard.is_hub_away = mood == "error"
        if self.wizard.is_hub_away and self.wizard.offers_demo:
            text = f"{text} Or press f4 to try the demo."  # wraps: this is no line to be cut
        self.refresh_bindings()
        said.set_classes(f"-{mood}" if mood else "")
        said.update(Content(text))

    def _show(self, found: list[ModelSummary], text: str | None) -> None:
        self.shown, self.answers, self._moved = found, text, False
        self._draw(0)

    def _draw(self, cursor: int) -> None:
        table = self.query_one("#list", ModelList)
        rows = self._rows()
        columns = fitting(rows, max(20, table.scrollable_content_region.width))
        table.clear(columns=True)
        for column, width in columns:
            title = Text(column.title, justify="right" if column.figures else "left")
            table.add_column(title, width=width, key=column.key)
        for row in rows:
            cells = [
                Text(
                    shortened(row[column.key], width),
                    justify="right" if column.figures else "left",
                    no_wrap=True,
                    overflow="ellipsis",
                )
                for column, width in columns
            ]
            table.add_row(*cells, key=row["model"])
        if rows:
            table.move_cursor(row=min(cursor, len(rows) - 1))
        else:  # no row is highlighted any more, which nobody says
            self._describe()

    def _rows(self) -> list[Row]:
        if not self.shown:
            return []
        from wizard.tui.screens.model.rows import row_of

        return [row_of(item, self._known(item.repo_id)) for item in self.shown]

    def _known(self, repo_id: str) -> ModelFacts | None:
        known = self._facts.get(repo_id)
        return known if isinstance(known, ModelFacts) else None

    @on(ModelList.Widened)
    def _redraw(self) -> None:
        self._draw(self.query_one("#list", ModelList).cursor_row)
        self._describe()

    @property
    def marked(self) -> ModelSummary | None:
        """The model that the cursor is on."""
        row = self.query_one("#list", ModelList).cursor_row
        return self.shown[row] if 0 <= row < len(self.shown) else None

    @on(SearchField.Moved)
    def _move(self, event: SearchField.Moved) -> None:
        table = self.query_one("#list", ModelList)
        getattr(table, f"action_{event.action}")()
        self._moved = True

    # --- details --------------------------------------------------------------------------------------------------

    @on(DataTable.RowHighlighted, "#list")
    def _rested(self, event: DataTable.RowHighlighted) -> None:
        self._describe()
        marked = self.marked
        if marked is not None and marked.repo_id not in self._facts and self._requests is not None:
            run_exclusive(self, "detail", self._fetch, marked.repo_id)

    async def _fetch(self, repo_id: str) -> None:
        await asyncio.sleep(RESTING_SECONDS)
        requests = self._requests
        assert requests is not None
        self._facts[repo_id] = await requests.describe(repo_id)
        self._describe()

    def _describe(self) -> None:
        marked = self.marked
        known = self._facts.get(marked.repo_id) if marked else None
        if isinstance(known, ModelFacts):
            from wizard.tui.screens.model.detail import detail_of, short_detail_of

            whole, short = detail_of(known), short_detail_of(known)
        else:
            looking = marked is not None and known is None and self._requests is not None
            whole = short = Content("Checking…" if looking else known or "")
        self.query_one("#detail", Static).update(whole)
        self.query_one("#short-detail", Static).update(short)

    def action_details(self) -> None:
        """Everything about the highlighted model, in place of the list where there is no room beside it."""
        self._large = not self._large
        self.set_class(self._large, "-details")
        if self._large:
            self.query_one("#pane").focus()
        else:
            self.query_one("#search").focus()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is there for leaving the details, and where there is a screen before this one."""
        return self._large or self.wizard.check_action(action, parameters) if action == "back" else True

    async def action_back(self) -> None:
        """Escape leaves the details first."""
        if self._large:
            self.action_details()
        else:
            await self.wizard.action_back()

    # --- choosing -------------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        self.query_one("#search").focus()

    def action_again(self) -> None:
        self.wizard.action_reopen()
        self._facts = {name: known for name, known in self._facts.items() if isinstance(known, ModelFacts)}
        if self._requests is not None:
            self._look(self.query_one("#search", Input).value, 0)

    @on(DataTable.RowSelected, "#list")
    def _selected(self, event: DataTable.RowSelected) -> None:
        self._choose_marked()

    @on(Input.Submitted, "#search")
    def action_take(self) -> None:
        """What is typed in full is taken as it is; otherwise the marked row, once it answers what is typed."""
        text = self.query_one("#search", Input).value.strip()
        name, wrong = understood(text)
        if wrong:
            self._say(wrong, "warning")
        elif name is not None and not self._moved:
            self._choose(name, next((item for item in self.shown if item.repo_id == name.repo_id), None))
        elif text and self.answers != text and self._requests is not None:
            self._look(text, 0)  # the rows answer something older: nobody wants those
        elif self.marked is not None:
            self._choose_marked()
        elif text and self._requests is not None:
            self._take_word(text)
        elif not text and self.answers is None and self._preferred is not None:  # no list yet: it would head it
            self._choose(ModelName(self._preferred), None)

    def _take_word(self, text: str) -> None:
        """A single word that no search result answers, such as the old name of a model without an owner."""
        try:
            self._choose(read_model_name(text), None)
        except Problem as problem:
            self._say(f"{problem.message} {problem.hint}", "warning")

    def _choose_marked(self) -> None:
        marked = self.marked
        if marked is not None:
            self._choose(ModelName(marked.repo_id), marked)

    def _choose(self, name: ModelName, summary: ModelSummary | None) -> None:
        from wizard.tui.screens.model.recent import bare, remember_model

        draft = self.wizard.session.draft
        same = draft.model == name.repo_id and name.revision is None
        kept = {"revision": draft.revision, "adapter": draft.adapter} if same else {"revision": name.revision}
        self.wizard.session.decide("model", **{"adapter": None, "model": name.repo_id} | kept)
        if not self.wizard.rehearsal and not is_folder_name(name.repo_id):
            remember_model(summary or bare(name.repo_id))
        self.wizard.go("access")


def _headed_by(repo_id: str, found: list[ModelSummary]) -> list[ModelSummary]:
    """The rows with the model that Enter takes at their head: row, details and hint are about one."""
    from wizard.tui.screens.model.recent import bare

    own = next((each for each in found if each.repo_id == repo_id), None)
    return [own or bare(repo_id), *(each for each in found if each is not own)]
