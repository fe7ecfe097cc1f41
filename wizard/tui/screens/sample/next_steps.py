"""How to go on from a deployed function: call it, look at it, undo it; copied by key, and printed again on exit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.highlight import highlight
from textual.widgets import Static

from wizard.core.access_token import clean
from wizard.core.plan.call_snippets import MAKE_PROXY_TOKEN, snippets
from wizard.flow.deploy.repeat_command import call_command, logs_command, status_command, teardown_command

NOT_LASTING = (
    "This demo and its function disappear when you quit. To keep a demo running, start "
    "“outlines-wizard rehearse” in another terminal first."
)
KEYS = "1234567890"  # one for each way
WHOLE = {"Outlines", "Python", "curl"}  # snippets that are drawn; the others are copied alike


@dataclass(frozen=True)
class NextStep:
    """One way to go on from a deployed function: a word, what to type, and the language that it is in."""

    word: str
    text: str
    language: str = "bash"
    is_drawn: bool = True


def ways(
    app: str, prompt: str, *, environment: str | None, rehearsal: bool, endpoint: str = "", sees: bool = False
) -> list[NextStep]:
    """How to use, look at and undo a function; over HTTP too where it has an endpoint, and with an image where its
    model sees."""
    place = None if environment == "main" else environment
    calls = [
        NextStep(each.label, each.text, each.language, each.label in WHOLE)
        for each in snippets(app, prompt, endpoint=endpoint, environment=place, sees=sees)
    ]
    shell = NextStep("Shell", call_command(app, prompt, rehearsal=rehearsal, environment=place))
    again = NextStep("Status", status_command(app, rehearsal=rehearsal, environment=place))
    log = NextStep("Log", logs_command(app, rehearsal=rehearsal, environment=place))
    undo = NextStep("Tear down", teardown_command(app, rehearsal=rehearsal, environment=place))
    if not endpoint:
        return [
            *calls,
            shell,
            NextStep("HTTP", "# no HTTP endpoint yet: deploy with --endpoint to get one"),
            again,
            log,
            undo,
        ]
    token = f"{MAKE_PROXY_TOKEN}  # once: MODAL_KEY and MODAL_SECRET\n"
    calls = [replace(way, text=token + way.text) if way.word == "curl" else way for way in calls]
    return [*calls, shell, NextStep("Status", f"{again.text}\n{log.text}"), undo]


def ways_content(known: Sequence[NextStep], *, lasting: bool) -> Content:
    """The ways, numbered by the keys that copy them."""
    parts: list[Content] = [] if lasting else [Content.styled(NOT_LASTING, "$warning"), Content("")]
    for key, way in zip(KEYS, known, strict=False):
        if way is not known[0] and "\n" in parts[-1].plain:
            parts.append(Content(""))
        parts.append(Content.assemble((f"{key}  ", "bold $primary"), (way.word, "bold")))
        if way.is_drawn:
            parts.append(highlight(clean(way.text), language=way.language))
    return Content("\n").join(parts)


def keys_words(ways_known: int) -> str:
    """The keys that copy so many ways; the tenth is 0."""
    return f"1-{ways_known}" if ways_known < len(KEYS) else "1-9 or 0"


def farewell_lines(known: Sequence[NextStep], *, lasting: bool) -> list[str]:
    """What is printed when the wizard has gone, so that it can still be copied."""
    if not lasting:
        return ["outlines-wizard rehearse    (in another terminal, keeps what you deploy)"]
    return [
        f"{way.word}:\n{way.text}\n" if "\n" in way.text else f"{way.word + ':':<14}{way.text}"
        for way in known
        if way.is_drawn
    ]


class Ways(Vertical):
    """Every way, with the key that copies it."""

    DEFAULT_CSS = """
    Ways { height: auto; }
    Ways .title { color: $text-muted; margin-top: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Ways #ways { height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.known: list[NextStep] = []
        self._said: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static(id="copies", classes="title", markup=False)
        yield Static(id="ways", markup=False)

    def show(self, known: list[NextStep], exit_messages: list[str], *, lasting: bool) -> None:
        """Draw the ways, and print them on exit in place of those of the prompt before."""
        self.known = known
        self.query_one("#copies", Static).update(f"Next steps (press {keys_words(len(known))} to copy)")
        self.query_one("#ways", Static).update(ways_content(known, lasting=lasting))
        exit_messages[:] = [line for line in exit_messages if line not in self._said]
        self._said = farewell_lines(known, lasting=lasting)
        exit_messages.extend(self._said)
