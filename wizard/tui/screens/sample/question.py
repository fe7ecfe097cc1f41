"""What is asked beside the prompt: output type, system text, sampling and limits, edited beside the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Select, TextArea

from wizard.core.lint.report import Proposal
from wizard.core.models.adapter import read_adapters
from wizard.core.models.thinking import check_think
from wizard.core.output.output_type import OutputType
from wizard.core.plan.draft import Draft
from wizard.core.playground.exchange import Question
from wizard.core.playground.numbers import NUMBERS
from wizard.core.problem import Problem
from wizard.flow.deploy.job_state import JobState
from wizard.flow.lint.lint import lint_output
from wizard.flow.operate.call.output import refuse_unenforced_call
from wizard.flow.operate.call.thinking import read_think
from wizard.flow.ports.services import Ports
from wizard.tui.background import run_exclusive
from wizard.tui.call_target import CallTarget
from wizard.tui.widgets.field import Field
from wizard.tui.widgets.output.editors import TYPED
from wizard.tui.widgets.output.lint import LINT_SECONDS, LintScreen, LintView, show_report
from wizard.tui.widgets.output.panel import OutputPanel
from wizard.tui.widgets.panes import Pane
from wizard.tui.widgets.section import Section

THINK = "think"
ARRIVING = 0.05  # seconds in which what was chosen from a list by the key before gets into its editor


class QuestionPane(Pane):
    """Empty until it is opened for a function. What is edited stays until another function is asked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="question.close", tooltip="Close the settings; they are kept"),
        Binding(
            "ctrl+n,ctrl+j,ctrl+enter",
            "screen.ask_now",
            "Ask now",
            key_display="^n",
            id="question.ask_now",
            tooltip="Ask with the prompt and settings that are there",
        ),
        Binding("f3", "lint", "Findings", id="question.lint", tooltip="What the schema check found"),
    ]

    class Closed(Message):
        """The person has left the settings."""

    class Submitted(Message):
        """Enter was pressed in a line of the settings: ask with what is there."""

    def __init__(self) -> None:
        super().__init__("Question", id="asked")
        self._target: CallTarget | None = None
        self._ports: Ports | None = None
        self._job: JobState | None = None
        self._fields: dict[str, Field] = {}

    @property
    def is_made(self) -> bool:
        """Whether there is anything to read: it has been opened since this function is asked."""
        return bool(self.query(OutputPanel))

    async def open(self, target: CallTarget, ports: Ports, job: JobState | None) -> None:
        """Make the settings of a function, which begin with those of its plan, and go to the output type. `job` is
        what deployed it, where that was this session."""
        self._ports, self._job, self._target = ports, job, target
        if not self.is_made:
            await self.mount_all(self._settings(target))
            panel = self.query_one(OutputPanel)
            panel.ports = ports
            panel.check_again(self._backend)
        self.query_one(OutputPanel).go_to_editor()

    async def forget(self) -> None:
        """Another function is asked: nothing of this one stays."""
        self._target = None
        self.workers.cancel_group(self, "lint")
        self._fields.clear()
        await self.remove_children()

    @property
    def _draft(self) -> Draft:
        """What the function that is asked was deployed from."""
        record = self._target.record if self._target is not None else None
        return record.draft if record is not None else Draft()

    @property
    def _backend(self) -> str:
        return self._draft.backend_for(self._draft.deployed_engine)

    def _settings(self, target: CallTarget) -> Iterable[Widget]:
        record = target.record
        yield Section("Output type", OutputPanel(target.output, id="asked-output"), LintView())
        if record is None or record.takes_messages:
            tip = "What the model is told before the prompt: its role, its rules, the words to use"
            area = TextArea(id="system", tab_behavior="focus", placeholder="None", tooltip=tip)
            yield Section("System text", area)
        for number in NUMBERS:
            value = getattr(target, number.name, None)
            text = "" if value is None else str(value)
            control = Input(text, placeholder=number.unset, id=f"asked-{number.name}", tooltip=number.tip)
            self._fields[number.name] = Field(number.title, control)
        if record is not None and record.has_thinking:
            tip = "off, a number of tokens, or auto"
            thinking = Input(record.draft.think or "", placeholder="as deployed", id="asked-think", tooltip=tip)
            self._fields[THINK] = Field("Reasoning", thinking)
        adapters = record.draft.adapter or () if record is not None else ()
        if len(adapters) > 1:
            names = [(each.name, each.name) for each in read_adapters("adapter", adapters)]
            chosen = Select(names, prompt="as deployed", id="asked-adapter", tooltip="The adapter that answers")
            self._fields["adapter"] = Field("Adapter", chosen)
        section = Section("Sampling and limits", *self._fields.values())
        section.add_class("numbers")
        yield section

    async def question(self, target: CallTarget, prompt: str, images: tuple[str, ...]) -> Question | None:
        """What is to be asked of the function, as it is deployed now. None where something has to be changed first: it
        is told at its field, which is gone to.

        Whether the function enforces the output type is found out here, before anything is sent.
        """
        await asyncio.sleep(ARRIVING)
        if not self.is_made:
            return None
        self._target = target
        given: dict[str, Any] = {}
        for name, field in self._fields.items():
            value, wrong = _read(name, field.control)
            field.say(wrong)
            if wrong:
                field.control.focus()
                return None
            given[name] = value
        panel = self.query_one(OutputPanel)
        await panel.settle()
        output = panel.output if panel.output != target.output else None
        if panel.problem is not None or (output is not None and not await self._is_enforced(output)):
            panel.go_to_problem()
            return None
        return Question(prompt, self._system, images, output, **given)

    def as_typed(self, prompt: str, images: tuple[str, ...]) -> Question:
        """What is there now, to come back to: what is wrong with it is left out."""
        if not self.is_made:
            return Question(prompt, images=images)
        given: dict[str, Any] = {name: _read(name, field.control)[0] for name, field in self._fields.items()}
        return Question(prompt, self._system, images, self.query_one(OutputPanel).current, **given)

    def load(self, question: Question) -> None:
        """Show the settings of an earlier question."""
        if not self.is_made or self._target is None:
            return
        for area in self.query("#system").results(TextArea):
            area.load_text(question.system)
        for name, field in self._fields.items():
            value = getattr(question, name)
            if isinstance(field.control, Select):
                field.control.value = value or Select.NULL
            elif isinstance(field.control, Input):
                field.control.value = "" if value is None else str(value)
        self.query_one(OutputPanel).load(question.output or self._target.output)

    @property
    def _system(self) -> str:
        return next((area.text.strip() for area in self.query("#system").results(TextArea)), "")

    async def _is_enforced(self, output: OutputType) -> bool:
        """Whether the function's own backend enforces it; says so at the editor where it does not."""
        target, ports = self._target, self._ports
        if target is None or ports is None:
            return False
        try:
            await refuse_unenforced_call(ports, target.app, target.record, output)
        except Problem as problem:
            self.query_one(OutputPanel).refuse(problem)
            return False
        return True

    # The schema check

    def on_output_panel_decided(self, message: OutputPanel.Decided) -> None:
        message.stop()
        self.query_one(LintView).show(None)
        self.refresh_bindings()
        if message.output is None:
            self.workers.cancel_group(self, "lint")
        else:
            run_exclusive(self, "lint", self._lint, message.output)

    async def _lint(self, output: OutputType) -> None:
        await asyncio.sleep(LINT_SECONDS)
        if self._ports is None or not self.is_made:  # another function is asked meanwhile
            return
        credential = self._job.report.credential if self._job is not None and self._job.report is not None else None
        linting = lint_output(
            self._ports,
            output,
            backend=self._backend,
            facts=self._job.facts if self._job is not None else None,
            token=credential.token if credential is not None else None,
            thorough=False,
            engine=self._draft.deployed_engine,
        )
        if await show_report(self.query_one(OutputPanel), self.query_one(LintView), output, linting):
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key for findings is there when there are any."""
        return any(view.report is not None for view in self.query(LintView)) if action == "lint" else True

    def action_lint(self) -> None:
        report = self.query_one(LintView).report
        if report is not None:
            self.app.push_screen(LintScreen(report, self.query_one(OutputPanel).typed), self._take)

    def _take(self, proposal: Proposal | None) -> None:
        """Take a change of the output type; another backend takes a deploy."""
        if proposal is not None and proposal.output is not None:
            self.query_one(OutputPanel).load(proposal.output)
        elif proposal is not None and proposal.backend:
            words = f"Another backend needs a new deploy: change it to {proposal.backend} from your list of functions."
            self.notify(words, markup=False)

    # Keys and fields

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        for name, field in self._fields.items():
            if field.control is event.input:
                event.stop()
                field.say(_read(name, event.input)[1])

    @on(Input.Submitted)
    def _line_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id != "example" and (event.input.has_class(TYPED) or event.input in self._controls):
            self.post_message(self.Submitted())

    @property
    def _controls(self) -> list[Widget]:
        return [field.control for field in self._fields.values()]

    def action_close(self) -> None:
        self.post_message(self.Closed())


def _read(name: str, control: Widget) -> tuple[object, str]:
    """The value of a field; or None, and a sentence about what is wrong with it."""
    if isinstance(control, Select):
        return (control.value if isinstance(control.value, str) else None), ""
    text = control.value.strip() if isinstance(control, Input) else ""
    if name != THINK:
        return next(number.read(text) for number in NUMBERS if number.name == name)
    if not text:
        return None, ""
    try:
        check_think('"Reasoning"', text)
    except Problem as problem:
        return None, problem.message
    return read_think('"Reasoning"', text), ""
