"""A masked field for an access token: it says what kind it is as it is pasted, and shows it to nobody."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from wizard.core.access.token_format import what_is_wrong
from wizard.core.access_token import EXPIRING_KINDS, AccessToken, kind_of, remember

ASKS = "Paste an access token. It stays hidden, and is not saved unless you ask."


class TokenField(Input):
    """The field itself; Escape puts it away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "put_away", "Cancel", id="token.cancel", tooltip="Keep the current access token"),
    ]

    def action_copy(self) -> None:
        """Nothing: a terminal's clipboard is no place for it."""

    def action_cut(self) -> None:
        """Nothing, for the same reason."""

    def action_put_away(self) -> None:
        self.post_message(TokenEntry.PutAway())


class TokenEntry(Vertical):
    """Hidden until it is asked for."""

    DEFAULT_CSS = """
    TokenEntry { display: none; height: auto; }
    TokenEntry .said { height: auto; color: $text-muted; padding: 0 1; }
    TokenEntry .said.-wrong { color: $text-error; }
    """

    class Entered(Message):
        """Something that may be an access token was confirmed."""

        def __init__(self, token: AccessToken) -> None:
            super().__init__()
            self.token = token

    class PutAway(Message):
        """The person does not want to enter one after all."""

    def compose(self) -> ComposeResult:
        field = TokenField(password=True, placeholder="hf_…", id="token-field")
        field.tooltip = "Paste a Hugging Face access token. Enter checks it with the Hub, Escape cancels."
        yield field
        yield Static(ASKS, classes="said", markup=False)

    def ask(self) -> None:
        """Show the empty field and go there."""
        self.display = True
        self.query_one(TokenField).value = ""
        self.say(ASKS)
        self.query_one(TokenField).focus()

    def put_away(self) -> None:
        """Hide it, and keep nothing of what was in it."""
        self.query_one(TokenField).value = ""
        self.display = False

    def say(self, text: str, *, wrong: bool = False) -> None:
        """One line under the field."""
        said = self.query_one(".said", Static)
        said.set_class(wrong, "-wrong")
        said.update(Content(text))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        value = event.value.strip()
        if not value:
            return
        wrong = what_is_wrong(value)
        self.say(wrong or _kind(value), wrong=wrong is not None)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        value = event.value.strip()
        wrong = what_is_wrong(value)
        if wrong:
            remember(value)  # whatever it is, it is shown masked from here on
            self.say(f"{wrong} An access token is one word that starts with hf_.", wrong=True)
            return
        self.query_one(TokenField).value = ""
        self.say("Checking it with the Hub…")
        self.post_message(self.Entered(AccessToken(value)))


def _kind(value: str) -> str:
    """What the text gives away; what it may do is the Hub's to say."""
    if kind_of(value) in EXPIRING_KINDS:
        return "An access token from a browser or CI login; it expires by itself. Press Enter to check it."
    if kind_of(value) == "personal":
        return "A personal access token. Press Enter to check it."
    return "Hugging Face tokens start with hf_; this one does not. Press Enter to check it anyway."
