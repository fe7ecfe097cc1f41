"""The left half of the playground: a prompt, images and settings, and asking with what is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from wizard.core.playground.exchange import Exchange, Question
from wizard.tui.background import run_exclusive
from wizard.tui.call_target import CallTarget
from wizard.tui.screens.sample.answer import Status
from wizard.tui.screens.sample.asking import AskingScreen
from wizard.tui.screens.sample.images import ImageField
from wizard.tui.screens.sample.promotion import answers_of, promote
from wizard.tui.screens.sample.prompt_field import PromptField
from wizard.tui.screens.sample.question import QuestionPane
from wizard.tui.screens.sample.wording import judged, problem_of
from wizard.tui.widgets.opened_field import OpenedField


class QuestionScreen(AskingScreen):
    """A screen on which a person asks; a subclass composes `fields` and, among panes, a QuestionPane."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "ask", "Ask", key_display="/", id="sample.ask", tooltip="Try another prompt"),
        Binding("e,f2", "edit", "Edit", id="sample.edit", tooltip="Change the output type, system text or sampling"),
        Binding(
            "ctrl+n,ctrl+j,ctrl+enter",
            "ask_now",
            "Ask now",
            show=False,
            id="sample.ask_now",
            tooltip="Ask with the prompt and settings that are there",
        ),
        Binding(
            "d",
            "promote",
            "Deploy this",
            id="sample.promote",
            tooltip="Make this the deployed output type; shows the plan first",
        ),
    ]

    _shown: Exchange | None = None  # the answer that is looked at

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is something to deploy while the answer that is shown is of another output type or another limit."""
        if action == "promote":
            shown, target = self._shown, self.target
            return shown is not None and target is not None and bool(answers_of(target, shown))
        return super().check_action(action, parameters)

    def fields(self) -> Iterable[Widget]:
        """Where a prompt is typed, and images are named."""
        field = PromptField(placeholder="Type a prompt and press Enter", id="another", classes="ring")
        field.border_title = "Try another prompt"
        field.tooltip = "Another prompt for the same function. Enter sends it; the up key brings earlier prompts back."
        yield field
        yield ImageField()

    def action_ask(self) -> None:
        """Put the cursor where another prompt is typed."""
        self.query_one("#another", Input).focus()

    @on(OpenedField.Left, "#another")
    def _leave_prompt(self) -> None:
        """To the answer, which the arrow keys scroll."""
        next(each for each in self.query("#all, #left") if each.can_focus).focus(scroll_visible=False)

    def on_prompt_field_recall(self, message: PromptField.Recall) -> None:
        """An earlier question comes back into the fields, as it was asked."""
        field, images, pane = self.query_one(PromptField), self.query_one(ImageField), self.query_one(QuestionPane)
        now = pane.as_typed(field.value, images.names)
        wanted = self.questions.older(now) if message.older else self.questions.newer()
        if wanted is not None:
            field.value = wanted.prompt
            field.cursor_position = len(wanted.prompt)
            images.name_again(wanted.images)
            pane.load(wanted)

    @on(Input.Submitted, "#another")
    def _prompt_typed(self, event: Input.Submitted) -> None:
        self._ask(event.value.strip())

    @on(Input.Submitted, "#images")
    def _images_named(self) -> None:
        if self.query_one(ImageField).files() is not None:
            self.action_ask()

    def _ask(self, prompt: str) -> None:
        target = self.target
        if not prompt or target is None:
            return
        if self.asking:
            self.notify("The previous call is still running.", markup=False)
            return
        field = self.query_one(ImageField)
        if (images := field.files()) is None:
            return
        if self.query_one(QuestionPane).is_made:
            run_exclusive(self, "ask", self._ask_edited, prompt, target, images)
        else:
            self._send(Question(prompt, images=field.names, max_tokens=target.max_tokens), target, images)

    async def _ask_edited(self, prompt: str, target: CallTarget, images: list[bytes]) -> None:
        question = await self.query_one(QuestionPane).question(target, prompt, self.query_one(ImageField).names)
        if question is None:
            self.add_class("-editing")
        elif not self.asking:
            self._send(question, target, images)
            if not self.has_class("-wide"):
                self._close_settings()  # they hide the answer

    def _send(self, question: Question, target: CallTarget, images: list[bytes]) -> None:
        self.query_one("#another", Input).value = ""
        self.run_call(self.another(question, target, images), question)

    # What is asked beside the prompt

    @property
    def is_editing(self) -> bool:
        """Whether the settings are shown."""
        return self.has_class("-editing")

    async def action_edit(self) -> None:
        """Open the settings of the question and go there, or close them."""
        target, job, pane = self.target, self.wizard.session.job, self.query_one(QuestionPane)
        if self.is_editing and self.focused is not None and pane in self.focused.ancestors_with_self:
            self._close_settings()
        elif target is not None and job is not None:
            self.add_class("-editing")
            await pane.open(target, job.ports, self.wizard.session.agreed_job if self.is_own else None)

    @on(QuestionPane.Closed)
    def _close_settings(self) -> None:
        """Back to the answer; what is in the settings stays."""
        if self.is_editing:
            self.remove_class("-editing")
            self._leave_prompt()

    @on(QuestionPane.Submitted)
    def action_ask_now(self) -> None:
        """Ask for the prompt that is there, else for the last one."""
        typed = self.query_one("#another", Input).value.strip()
        last = self.tries[-1].question.prompt if self.tries else self.target.prompt if self.target else ""
        self._ask(typed or last)

    # Deploying what was asked

    def _show_verdict(self, exchange: Exchange) -> None:
        self.query_one(Status).say(*judged(exchange.sample, problem_of(exchange.sample)))
        self.refresh_bindings()

    def action_promote(self) -> None:
        """Make the output type of the answer that is shown the deployed one, after the plan has been read."""
        if self._shown is not None and self.target is not None:
            run_exclusive(self, "promote", self._promote, self.target, self._shown)

    async def _promote(self, target: CallTarget, exchange: Exchange) -> None:
        status = self.query_one(Status)
        status.say("…", f"Checking what {target.app} needs…", "$warning")
        words = await promote(self.wizard, target, exchange)
        self._show_verdict(exchange)
        if words:
            self.notify(words, markup=False)
