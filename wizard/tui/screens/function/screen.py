"""What should the output look like, and on which GPU?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Collapsible, Static, TextArea

from wizard.core.access_token import clean_line
from wizard.core.events import StepFinished
from wizard.core.lint.report import Proposal
from wizard.core.output.output_type import OutputType
from wizard.core.plan.plan import MAX_TOKENS
from wizard.core.problem import Problem
from wizard.core.sizing.gpus import device_words
from wizard.flow.lint.lint import lint_output
from wizard.tui.background import run_exclusive
from wizard.tui.frame import StepScreen
from wizard.tui.messages import ServicesOpened
from wizard.tui.screens.function.engine import EnginePanel
from wizard.tui.screens.function.gpu import GpuPanel
from wizard.tui.screens.function.settings import Settings
from wizard.tui.widgets.output.example import ExampleView
from wizard.tui.widgets.output.lint import LINT_SECONDS, LintScreen, LintView, show_report
from wizard.tui.widgets.output.panel import OutputPanel
from wizard.tui.widgets.section import Section


class FunctionScreen(StepScreen):
    """Output type, prompt, GPU, and what few people change."""

    step = "function"
    question = "What should the output look like, and on which GPU?"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,ctrl+n",
            "review",
            "Review",
            key_display="^n",
            id="function.review",
            tooltip="Review the plan; nothing is created yet",
        ),
        Binding("f3", "lint", "Findings", id="function.lint", tooltip="What the schema check found"),
    ]
    CSS = """
    FunctionScreen {
        #notice { height: auto; border-left: outer $warning; padding: 0 1; margin-bottom: 1; display: none; }
        #columns { height: 1fr; scrollbar-gutter: stable; }
        #left, #right { height: auto; width: 1fr; }
        OutputPanel, #editors, Editor, #gpus, #engines, #lint { height: auto; }
        OutputPanel .label { width: 12; }
        Settings { height: auto; }
        Settings .label { width: 28; }
        Settings.-stacked .line { layout: vertical; }
        Settings.-stacked .label { width: 1fr; }
        Editor TextArea { height: 8; scrollbar-size-vertical: 0; }
        #prompt { height: 3; scrollbar-size-vertical: 0; }
        #source { display: none; }
        #matches, #pattern, #source { height: auto; }
        #verdict, #lint, #fit, #figures { height: auto; min-height: 2; }
        #fit, #figures { min-height: 3; }
        #example-section { display: none; }
        #answer-example { height: auto; }
        .wrong { color: $text-error; height: auto; display: none; }
        .wrong.-shown { display: block; }
        Collapsible { padding: 0 1; background: transparent; }
        Collapsible Contents { padding: 0; }
        #go { margin: 0 1; }
        &.-short SchemaArea { height: 6; }
        &.-short #verdict, &.-short #lint { min-height: 1; }
        &.-wide #columns { layout: horizontal; overflow-y: hidden; scrollbar-gutter: auto; }
        &.-wide #left, &.-wide #right { height: 1fr; overflow-y: auto; }
        &.-wide #right { scrollbar-gutter: stable; }
        &.-wide #right { margin-left: 1; }
        &.-wide #output-section { height: 5fr; }
        &.-wide OutputPanel, &.-wide #editors, &.-wide Editor { height: 1fr; }
        &.-wide SchemaPane, &.-wide SchemaPane .sides { height: 1fr; }
        &.-wide Editor TextArea { height: 1fr; scrollbar-size-vertical: 1; }
        &.-wide #example-section { display: block; height: 2fr; overflow-y: auto; }
        &.-wide #prompt { height: 4; }
        &.-wide #fit { min-height: 4; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._complaints: dict[str, str] = {}  # by field of the Draft
        self._examples = {""}  # the prompts that were put there; what is typed is never replaced
        self._kind = ""  # of the output type that the prompt is for

    def answer(self) -> Iterable[Widget]:
        yield Static(id="notice", markup=False)
        with VerticalScroll(id="columns") as form:
            form.tooltip = "The form for the function. Tab goes from field to field, arrow keys scroll."
            with Vertical(id="left"):
                with Section("Output type", id="output-section"):
                    yield OutputPanel(self.wizard.session.draft.output, id="output")
                    yield LintView()
                with Section("An answer looks like this", id="example-section"):
                    yield ExampleView()
            with Vertical(id="right"):
                with Section("Test prompt"):
                    yield TextArea(
                        id="prompt",
                        tab_behavior="focus",
                        placeholder="The prompt for the first test call",
                        tooltip="The prompt for the first test call",
                    )
                with Section("GPU"):
                    yield GpuPanel()
                    yield Static(id="wrong", classes="wrong", markup=False)
                with Section("How will it be called?"):
                    yield EnginePanel()
                advanced = Collapsible(title="Advanced settings", id="advanced", classes="ring")
                advanced.tooltip = (
                    "Settings that you rarely need to change; the defaults are sensible. Enter opens them."
                )
                yield advanced
                yield Button("Review (ctrl+n)", id="go", variant="primary", tooltip="Review the plan first")

    @on(Collapsible.Expanded, "#advanced")
    async def _unfold(self, event: Collapsible.Expanded) -> None:
        """Settings that few people change are made when somebody looks at them."""
        await self._make_settings()

    async def _make_settings(self) -> None:
        if not self.query(Settings):
            contents = self.query_one("#advanced", Collapsible).query_one(Collapsible.Contents)
            await contents.mount(Settings(self.wizard.session.draft))

    def on_shown(self) -> None:
        draft = self.wizard.session.draft
        panel = self.query_one(OutputPanel)
        panel.ports = self.wizard.ports or panel.ports
        if draft.output != panel.output:  # it was decided elsewhere; what is being typed here is not in the draft yet
            panel.load(draft.output)
        if draft.prompt is not None:
            if draft.output is not None and draft.prompt == draft.output.example_prompt:
                self._examples.add(draft.prompt)  # a plan that is changed names the one that it was made with
            self._show_prompt(draft.prompt)
        for settings in self.query(Settings):
            settings.show(draft)
        self.wizard.session.replace_failed_gpu(self.wizard.rates)
        self._offer_gpus()
        self._show_notice()
        panel.check_again(self._backend)

    @on(ServicesOpened)
    def _services_opened(self) -> None:
        self.on_shown()

    @property
    def _backend(self) -> str:
        """The structured-output backend that is used, as far as that is decided."""
        return self.wizard.session.draft.backend_for(self.wizard.session.engine)

    # Output type and prompt

    def on_output_panel_decided(self, message: OutputPanel.Decided) -> None:
        self._decide(output=message.output)
        self._lint_soon(message.output)
        self._suggest_prompt(message.output)
        self._show_example(message.output)

    def _suggest_prompt(self, output: OutputType | None) -> None:
        """A prompt that fits the output type, in place of one that was suggested for another."""
        area, kind = self.query_one("#prompt", TextArea), self.query_one(OutputPanel).kind
        about_to_type = not area.text.strip() and area.has_focus
        if area.text.strip() in self._examples and not about_to_type:
            if output is not None:
                self._examples.add(output.example_prompt)
                self._show_prompt(output.example_prompt)
            elif kind != self._kind:  # what was asked for is of another kind, and of this one nothing is known yet
                self._show_prompt("")
        self._kind = kind

    def _show_example(self, output: OutputType | None) -> None:
        ports = self.wizard.ports
        if ports is not None:
            judge = ports.validation.judge
            self.query_one(ExampleView).show(output, lambda text: output is not None and judge(output, text).valid)

    def _show_prompt(self, text: str) -> None:
        area = self.query_one("#prompt", TextArea)
        if area.text != text:
            area.load_text(text)

    @on(TextArea.Changed, "#prompt")
    def _prompt_changed(self, event: TextArea.Changed) -> None:
        output: OutputType | None = self.wizard.session.draft.output or self.query_one(OutputPanel).output
        text = event.text_area.text
        ours = not text.strip() or (output is not None and text == output.example_prompt)
        self._decide(prompt=None if ours else text)

    # Schema check

    def _lint_soon(self, output: OutputType | None) -> None:
        """Ask them, once the person rests; an answer about an older text is dropped with its errand."""
        self.query_one(LintView).show(None)
        self.refresh_bindings()
        if output is None:
            self.workers.cancel_group(self, "lint")
        else:
            run_exclusive(self, "lint", self._lint, output)

    async def _lint(self, output: OutputType) -> None:
        await asyncio.sleep(LINT_SECONDS)
        job = self.wizard.session.job
        if job is None:
            return
        draft, credential = job.draft, job.report.credential if job.report is not None else None
        linting = lint_output(
            job.ports,
            output,
            backend=draft.backend,
            facts=job.facts,
            token=credential.token if credential is not None else None,
            prompt=draft.prompt,
            max_tokens=draft.max_tokens,
            thorough=False,
            engine=self.wizard.session.engine,
        )
        if await show_report(self.query_one(OutputPanel), self.query_one(LintView), output, linting):
            self._show_engines()
            self.refresh_bindings()

    def action_lint(self) -> None:
        report = self.query_one(LintView).report
        if report is not None:
            self.app.push_screen(LintScreen(report, self.query_one(OutputPanel).typed), self._mend)

    def _mend(self, proposal: Proposal | None) -> None:
        """Take a change that the person has read."""
        if proposal is None:
            return
        if proposal.output is not None:
            self.query_one(OutputPanel).load(proposal.output)
        if proposal.backend and proposal.backend != self._backend:
            self._decide(backend=proposal.backend)
            self.query_one(OutputPanel).check_again(proposal.backend)
            for settings in self.query(Settings):
                settings.show(self.wizard.session.draft)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key for findings is there when there are any."""
        return self.query_one(LintView).report is not None if action == "lint" and self.query(LintView) else True

    # GPU

    def _offer_gpus(self) -> None:
        session, gpus = self.wizard.session, self.query_one(GpuPanel)
        job = session.job
        facts, rates = job.facts if job else None, self.wizard.rates
        gpus.offer(session.draft, facts, rates, session.engine, session.gpu_failures)
        self._complain("gpu", gpus.problem.message if gpus.problem is not None else "")
        self._show_engines()

    @on(GpuPanel.Chosen)
    def _gpu_chosen(self, event: GpuPanel.Chosen) -> None:
        self._decide(gpu=event.spec)
        self._show_engines()

    def _show_notice(self) -> None:
        """What was changed by itself, and why."""
        notice = self.query_one("#notice", Static)
        notice.display = bool(self.wizard.session.notice)
        notice.update(Content.assemble(("! ", "bold $warning"), clean_line(self.wizard.session.notice, 300)))

    # Inference engine

    def _show_engines(self) -> None:
        session, job = self.wizard.session, self.wizard.session.job
        report = self.query_one(LintView).report
        longest = session.draft.max_tokens or (report and report.max_tokens) or MAX_TOKENS  # as the plan will have it
        facts = job.facts if job else None
        self.query_one(EnginePanel).show(session.draft, facts, self.wizard.rates, session.engine_choice, longest)

    @on(EnginePanel.Chosen)
    def _engine_chosen(self, event: EnginePanel.Chosen) -> None:
        if event.name == self.wizard.session.draft.engine:
            return
        self._decide(engine=event.name)
        self._complain("backend", self._refused())
        self._offer_gpus()
        self.query_one(OutputPanel).check_again(self._backend)

    # Settings

    @on(Settings.Edited)
    def _setting_edited(self, event: Settings.Edited) -> None:
        name, value = event.name, event.value
        problem = event.problem or self._refused(**{name: value})
        self._complain(name, problem)
        if problem:
            return
        self._decide(**{name: value})
        if name in ("max_tokens", "max_containers", "think"):
            self._offer_gpus()
        if name in ("backend", "fast_start", "scaledown_window"):
            self._show_engines()
        if name == "backend":
            self.query_one(OutputPanel).check_again(self._backend)

    def _refused(self, **answers: Any) -> str:
        """Why the Draft does not take these answers; empty when it does."""
        draft = self.wizard.session.draft
        whole = replace(draft, model=draft.model or "organisation/name", output=draft.output or OutputType("text"))
        try:
            replace(whole, **answers).check()
        except Problem as problem:
            return f"{problem.message} {problem.hint}".replace("--", "").strip()
        return ""

    def _complain(self, name: str, text: str) -> None:
        """Say what is wrong with one field, "" for nothing; what is wrong with others stays."""
        self._complaints.pop(name, None)
        if text:
            self._complaints[name] = text
        known = self.query(Settings)
        if known and (field := known.first().field(name)):
            field.say(text)
        elsewhere = [each for one, each in self._complaints.items() if not (known and known.first().field(one))]
        wrong = self.query_one("#wrong", Static)
        wrong.update(Content("\n".join(f"✗ {each}" for each in elsewhere)))
        wrong.set_class(bool(elsewhere), "-shown")

    async def _show_complaint(self) -> None:
        """Go to the first field that has to be changed before the plan can be made: beside it stands why."""
        name = next(iter(self._complaints))
        await self._make_settings()
        field = self.query_one(Settings).field(name)
        if field is not None:
            self.query_one("#advanced", Collapsible).collapsed = False
            field.say(self._complaints[name])
        control = field.control if field is not None else self.query_one("#gpu")
        control.focus()
        self.call_after_refresh((field or control).scroll_visible, animate=False)  # with the line that says why

    def _decide(self, **answers: Any) -> None:
        self.wizard.session.decide("function", **answers)
        self._show_notice()
        self.redraw_frame()

    # Going on

    @on(Button.Pressed, "#go")
    async def action_review(self) -> None:
        """Go to the plan once what is typed has been checked."""
        panel = self.query_one(OutputPanel)
        await panel.settle()
        if panel.problem is not None:
            panel.go_to_problem()
            return
        if self._complaints:
            await self._show_complaint()
            return
        self._decide(output=panel.output)
        draft = self.wizard.session.draft
        if panel.output is not None:
            self.wizard.session.note(
                StepFinished("function", "ready", f"{panel.output.summary}, {device_words(draft.gpu or '')}")
            )
        self.wizard.go("review")
