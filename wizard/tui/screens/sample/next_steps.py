"""How to go on from a deployed function: call it, look at it, undo it; copied by key, and printed again on exit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.highlight import highlight
from textual.widgets import Static

from wizard.core.access_token import clean
from wizard.core.plan.call_snippets import MAKE_PROXY_TOKEN, curl_snippet, python_snippet
from wizard.flow.deploy.repeat_command import call_command, logs_command, status_command, teardown_command

NOT_LASTING = (
    "This is a rehearsal that ends with the wizard, and the function with it. To keep one, run "
    "“outlines-wizard rehearse” in another terminal first."
)
WAYS = ("Python", "Shell", "HTTP", "See it again", "Log", "Undo")  # each with the key of its number


@dataclass(frozen=True)
class Navigator:
    """One way to go on from a deployed function: a word, what to type, and the language that it is in."""

    word: str
    text: str
    language: str = "bash"


def ways(app: str, prompt: str, *, environment: str | None, rehearsal: bool, endpoint: str = "") -> list[Navigator]:
    """How to use, look at and undo a function."""
    place = None if environment == "main" else environment
    return [
        Navigator("Python", python_snippet(app, prompt, place), "python"),
        Navigator("Shell", call_command(app, prompt, rehearsal=rehearsal, environment=place)),
        Navigator(
            "HTTP",
            f"{MAKE_PROXY_TOKEN}  # once: MODAL_KEY and MODAL_SECRET\n{curl_snippet(endpoint, prompt)}"
            if endpoint
            else "# no endpoint yet: “deploy --endpoint” makes one",
        ),
        Navigator("See it again", status_command(app, rehearsal=rehearsal, environment=place)),
        Navigator("Log", logs_command(app, rehearsal=rehearsal, environment=place)),
        Navigator("Undo", teardown_command(app, rehearsal=rehearsal, environment=place)),
    ]


def ways_content(known: Sequence[Navigator], *, lasting: bool) -> Content:
    """The ways, numbered by the keys that copy them."""
    parts: list[Content] = [] if lasting else [Content.styled(NOT_LASTING, "$warning"), Content("")]
    for number, way in enumerate(known, 1):
        if number > 1 and "\n" in parts[-1].plain:
            parts.append(Content(""))
        parts.append(Content.assemble((f"{number}  ", "bold $primary"), (way.word, "bold")))
        parts.append(highlight(clean(way.text), language=way.language))
    return Content("\n").join(parts)


def farewell_lines(known: Sequence[Navigator], *, lasting: bool) -> list[str]:
    """What is printed when the wizard has gone, so that it can still be copied."""
    if not lasting:
        return ["outlines-wizard rehearse    (in another terminal: what is deployed then stays)"]
    return [f"{way.word}:\n{way.text}\n" if "\n" in way.text else f"{way.word + ':':<14}{way.text}" for way in known]


class Ways(Vertical):
    """Every way, with the key that copies it."""

    DEFAULT_CSS = """
    Ways { height: auto; }
    Ways .title { color: $text-muted; margin-top: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Ways #ways { height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.known: list[Navigator] = []
        self._said: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static(f"Use it, look at it, undo it: 1 to {len(WAYS)} copy", classes="title", markup=False)
        yield Static(id="ways", markup=False)

    def show(self, known: list[Navigator], exit_messages: list[str], *, lasting: bool) -> None:
        """Draw the ways, and print them on exit in place of those of the prompt before."""
        self.known = known
        self.query_one("#ways", Static).update(ways_content(known, lasting=lasting))
        exit_messages[:] = [line for line in exit_messages if line not in self._said]
        self._said = farewell_lines(known, lasting=lasting)
        exit_messages.extend(self._said)
