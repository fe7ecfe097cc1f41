"""One answer as it is looked at: whether it is valid, what was asked, what came, and in how many seconds."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.highlight import highlight
from textual.widgets import Collapsible, Static

from wizard.core.access_token import clean, clean_line
from wizard.core.events import SampleReady
from wizard.tui.screens.sample.wording import language_of, output_text

ANSWER_KEYS = "c: compare · w: ask as free text · a: add to cases · x: copy as code"
SHOWN_CHARACTERS = 6000  # of a complete answer: a longer one is laid out again with each key and each resize
LIVE_CHARACTERS = 2000  # of an answer that is being made: its end; all of it is there once it is complete


class Status(Static):
    """One line with a glyph: what is going on, or what came of it."""

    DEFAULT_CSS = "Status { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }"

    _said: tuple[str, ...] = ()

    def clear(self) -> None:
        """Say nothing."""
        self._said = ()
        self.update("")

    def say(self, glyph: str, text: str, colour: str, *, quiet: str = "") -> None:
        """Draw the line; `quiet` is what matters less."""
        if self._said == (said := (glyph, text, colour, quiet)):
            return
        self._said = said
        self.update(
            Content.assemble(
                (f"{glyph} ", f"bold {colour}"), clean_line(text, 200), ("  " + clean_line(quiet), "$quiet")
            )
        )


class Answer(Vertical):
    """The prompt, what was reasoned (folded away), the output with its colours, and the figures."""

    DEFAULT_CSS = """
    Answer { height: auto; }
    Answer #prompt-line { height: auto; max-height: 3; color: $text-muted; }
    Answer #reasoning { border: none; padding: 0; margin: 1 0 0 0; background: transparent; display: none; }
    Answer #reasoning.-shown { display: block; }
    Answer #reasoning CollapsibleTitle { color: $text-muted; padding: 0 1; }
    Answer #reasoning Static { color: $text-muted; }
    Answer #output { height: auto; padding: 0 1; margin: 1 0; background: $surface; border-left: outer $panel; }
    Answer #output.-valid { border-left: outer $success; }
    Answer #output.-wrong { border-left: outer $error; }
    Answer #output.-live { border-left: outer $warning; }
    Answer #output.-empty { display: none; }
    Answer #figures { height: auto; color: $text-muted; }
    Answer #answer-keys { height: auto; color: $text-muted; display: none; }
    Answer.-complete #answer-keys { display: block; }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="prompt-line", markup=False)
        with Collapsible(id="reasoning"):
            yield Static(id="reasoned", markup=False)
        yield Static(id="output", classes="-empty", markup=False)
        yield Static(id="figures", markup=False)
        yield Static(ANSWER_KEYS, id="answer-keys", markup=False)

    def show(self, sample: SampleReady, figures: Content) -> None:
        """Draw one answer."""
        self.query_one("#prompt-line", Static).update(Content("> " + clean_line(sample.prompt, 300)))
        reasoned = self.query_one("#reasoning", Collapsible)
        reasoned.set_class(bool(sample.reasoning.strip()), "-shown")
        reasoned.title, reasoned.collapsed = f"Reasoned before it answered: {sample.reasoning_tokens} tokens", True
        self.query_one("#reasoned", Static).update(bounded(clean(sample.reasoning.strip()), "text"))
        text, language = output_text(sample)
        output = self.query_one("#output", Static)
        output.update(bounded(text, language) if text.strip() else Content.styled("(empty)", "$quiet"))
        output.set_classes("-valid" if sample.valid else "-wrong")
        self.query_one("#figures", Static).update(figures)
        self.add_class("-complete")

    def show_so_far(self, prompt: str, reasoning: str, text: str) -> None:
        """Draw the end of an answer while it is being made."""
        self.query_one("#prompt-line", Static).update(Content("> " + clean_line(prompt, 300)))
        reasoned = self.query_one("#reasoning", Collapsible)
        reasoned.set_class(bool(reasoning.strip()), "-shown")
        if reasoning and not text:
            reasoned.title, reasoned.collapsed = "Reasoning before it answers", False
            self.query_one("#reasoned", Static).update(Content(clean(_end_of(reasoning.strip()))))
        self._draw_part(text, Content.styled("▌", "blink $warning"))

    def show_partial(self, prompt: str, reasoning: str, text: str) -> None:
        """Draw what came of an answer that broke off."""
        self.show_so_far(prompt, reasoning, text)
        self._draw_part(text, Content.styled(" …", "bold $warning"))
        size = f"{len(text):,} characters" if text else "the reasoning alone"
        self.query_one("#figures", Static).update(Content(f"Partial answer: {size}. y copies it."))

    def _draw_part(self, text: str, end: Content) -> None:
        shown = clean(_end_of(text))
        output = self.query_one("#output", Static)
        output.update(highlight(shown, language=language_of(text)) + end)
        output.set_classes("-live" if text else "-empty")
        self.query_one("#figures", Static).update("")
        self.remove_class("-complete")

    def clear(self) -> None:
        """Nothing has been answered."""
        for name in ("#prompt-line", "#output", "#figures"):
            self.query_one(name, Static).update("")
        self.query_one("#output").set_classes("-empty")
        self.query_one("#reasoning").remove_class("-shown")
        self.remove_class("-complete")


def coloured(text: str, language: str) -> Content:
    """A text with its colours, or without them where a lexer reads its line ends otherwise: marks count characters."""
    content = highlight(text, language=language)
    return content if content.plain == text else Content(text)


def bounded(text: str, language: str) -> Content:
    """A text with its colours; of a very long one the beginning and the end, and how much is between."""
    hidden = len(text) - SHOWN_CHARACTERS
    if hidden <= 0:
        return highlight(text, language=language)
    head, tail = text[: SHOWN_CHARACTERS - LIVE_CHARACTERS], text[-LIVE_CHARACTERS:]
    between = f"\n… {hidden:,} characters are not shown; y copies all of it …\n"
    return Content.assemble(
        highlight(head, language=language), (between, "bold $warning"), highlight(tail, language=language)
    )


def _end_of(text: str) -> str:
    return text if len(text) <= LIVE_CHARACTERS else f"…{text[-LIVE_CHARACTERS:]}"
