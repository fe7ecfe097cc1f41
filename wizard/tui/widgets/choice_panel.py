"""One question with a few answers, one of which may be a name: a list, a field, and a line for what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from wizard.core.access_token import clean_line


@dataclass(frozen=True)
class Choice:
    """One answer: its id, what it says, and whether it asks for a name."""

    id: str
    words: str
    asks_name: bool = False


class ChoicePanel(Vertical):
    """Hidden until `ask`. Escape leaves the field first, then the question."""

    DEFAULT_CSS = """
    ChoicePanel { display: none; height: auto; margin-top: 1; }
    ChoicePanel OptionList { height: auto; max-height: 6; background: transparent; }
    ChoicePanel OptionList, ChoicePanel OptionList:focus { border: none; }
    ChoicePanel .title { height: auto; padding: 0 1; }
    ChoicePanel .said { display: none; height: auto; color: $text-muted; padding: 0 1; }
    ChoicePanel Input { display: none; }
    ChoicePanel.-naming Input, ChoicePanel.-naming .said { display: block; }
    ChoicePanel .said.-wrong { color: $text-error; }
    .-short ChoicePanel { margin-top: 0; }
    .-short ChoicePanel Input, .-short ChoicePanel Input:focus { height: 1; border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "put_away", "Cancel", id="choice.cancel", tooltip="Close; nothing is changed"),
    ]

    class Chosen(Message):
        """An answer without a name was chosen."""

        def __init__(self, panel: ChoicePanel, choice: str) -> None:
            super().__init__()
            self.panel, self.choice = panel, choice

        @property
        def control(self) -> ChoicePanel:
            return self.panel

    class Named(Chosen):
        """A name was typed for the answer that asks for one."""

    class PutAway(Chosen):
        """The person does not want to answer after all."""

    def __init__(self, *, id: str, title: str, tooltip: str, placeholder: str, name_id: str, name_help: str) -> None:
        super().__init__(id=id)
        self._title, self._tooltip, self._help = title, tooltip, name_help
        self._placeholder, self._name_id = placeholder, name_id
        self._choices: tuple[Choice, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(self._title, classes="title", markup=False)
        choices = OptionList(markup=False)
        choices.tooltip = self._tooltip
        yield choices
        name = Input(placeholder=self._placeholder, id=self._name_id)
        name.tooltip = self._help
        yield name
        yield Static(classes="said", markup=False)

    def ask(self, choices: Sequence[Choice], highlighted: int = 0) -> None:
        """Show the question and go there."""
        self._choices = tuple(choices)
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options(Option(Content(clean_line(choice.words, 200)), id=choice.id) for choice in choices)
        self.display = True
        self.remove_class("-naming")
        if all(choice.asks_name for choice in choices):
            self._ask_name()  # nothing to choose
            return
        listed.highlighted = highlighted
        listed.focus()
        self.scroll_visible()

    def say(self, text: str, *, wrong: bool = False) -> None:
        """One line under the field."""
        said = self.query_one(".said", Static)
        said.set_class(wrong, "-wrong")
        said.update(Content(text))

    def put_away(self) -> None:
        """Hide it."""
        self.display = False

    @property
    def is_asking(self) -> bool:
        """Whether the person is being asked."""
        return bool(self.display)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        choice = self._choices[event.option_index]
        if not choice.asks_name:
            self.post_message(self.Chosen(self, choice.id))
            return
        self._ask_name()

    def _ask_name(self) -> None:
        self.add_class("-naming")
        self.say(self._help)
        self.query_one(Input).focus()
        self.call_after_refresh(self.query_one(".said").scroll_visible)

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Named(self, event.value.strip()))

    def action_put_away(self) -> None:
        if self.has_class("-naming") and not all(choice.asks_name for choice in self._choices):
            self.remove_class("-naming")
            self.query_one(OptionList).focus()
        else:
            self.post_message(self.PutAway(self, ""))
