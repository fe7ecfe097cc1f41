"""The plan: what will be created, changed and kept, what it costs, the file, and the command that repeats it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import Resize
from textual.highlight import highlight
from textual.widget import Widget
from textual.widgets import Button, Collapsible, Static

from wizard.core.access.endpoint_trust import is_public
from wizard.core.access_token import clean, clean_line
from wizard.core.events import Failed, PlanReady
from wizard.core.problem import Problem
from wizard.flow.deploy.job import plan_event
from wizard.flow.deploy.job_state import JobState, Planned
from wizard.flow.deploy.repeat_command import Repeat, deploy_command, settled
from wizard.tui.background import bug, run_exclusive
from wizard.tui.fixing_screen import FixingScreen
from wizard.tui.messages import ServicesOpened
from wizard.tui.screens.review.changes import changes_table
from wizard.tui.screens.review.wording import chosen_words, cost_words
from wizard.tui.widgets.panes import Pane, Panes
from wizard.tui.widgets.path_prompt import PathPrompt
from wizard.tui.widgets.problem_card import QUESTIONS, ProblemCard, question_that_fixes


class ReviewScreen(FixingScreen):
    """One key goes, and it is not Enter."""

    step = "review"
    question = "Review the plan. Nothing has been created yet."
    AUTO_FOCUS = "#plan, #what"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "agree", "Deploy", id="review.go", tooltip="Create everything in this plan"),
        Binding(
            "c",
            "copy_command",
            "Copy command",
            id="review.copy",
            tooltip="Copy the command that repeats this deploy",
        ),
        Binding("s", "save", "Save file", id="review.save", tooltip="Save a copy of the app file"),
        Binding("m", "fix", "Fix", id="review.mend", show=False, tooltip="Go to the question that fixes this"),
        Binding("r", "look_again", "Look again", id="review.look", tooltip="Make the plan again"),
        Binding("ctrl+n,enter", "remind", show=False, id="review.next"),
    ]
    CSS = """
    ReviewScreen {
        #notice { height: auto; border-left: outer $warning; padding: 0 1; margin-bottom: 1; display: none; }
        #waiting { height: 1; color: $text-muted; }
        #plan { height: 1fr; }
        #unenforced, #changes, #hub, #chosen, #cost, #command { height: auto; }
        #plan .title { color: $text-muted; margin-top: 1; height: auto; }
        #command { padding: 0 1; background: $panel; }
        #source { width: auto; height: auto; }
        #code { height: auto; overflow-x: auto; background: $surface; padding: 0 1; }
        #agree { margin-top: 1; min-width: 20; }
        &.-short #agree { margin-top: 0; }
        Collapsible { padding: 0; margin-top: 1; border-top: none; background: transparent; }
        &.-wide #file { margin-left: 1; }
        &.-wide #file Collapsible { margin-top: 0; padding: 0; }
        #file Contents { padding: 0; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.plan: PlanReady | None = None
        self.repeat: Repeat | None = None
        self._was_wide: bool | None = None

    def answer(self) -> Iterable[Widget]:
        yield Static(id="notice", markup=False)
        yield Static("Checking what exists already…", id="waiting", markup=False)
        yield ProblemCard(id="problem", markup=False)
        with Panes(id="plan") as plan:
            plan.tooltip = "What will be created, changed and kept, and what it costs. Arrow keys scroll."
            with Pane("Plan", id="what"):
                yield Static(id="unenforced", markup=False)
                yield Static(id="changes", markup=False)
                yield Static(id="cost-title", classes="title", markup=False)
                yield Static(id="cost", markup=False)
                yield Static("Inference engine", classes="title", markup=False)
                yield Static(id="chosen", markup=False)
                yield Static("Where the model comes from", classes="title", markup=False)
                yield Static(id="hub", markup=False)
                yield Static("The command that repeats this deploy (c copies it)", classes="title", markup=False)
                yield Static(id="command", markup=False)
            title = "The app file (s saves a copy)"
            with Pane("App file", id="file"), Collapsible(title=title, id="fold") as fold, Container(id="code"):
                fold.tooltip = "Enter shows or hides the app file"
                yield Static(id="source", markup=False)
        yield Button("Deploy (g)", id="agree", variant="success")
        yield PathPrompt("Save as", id="save-as")

    def on_resize(self, event: Resize) -> None:
        """The generated file is open where it has a place of its own."""
        is_wide = self.has_class("-wide")
        if is_wide != self._was_wide:
            self._was_wide, plan = is_wide, self.query_one("#plan")
            self.query_one("#fold", Collapsible).collapsed = not is_wide
            self.set_timer(0.05, lambda: plan.scroll_home(animate=False))  # it goes to itself first

    def on_shown(self) -> None:
        self.plan = None
        self.query_one("#plan").display = False
        self.query_one("#agree").display = False
        self.query_one("#waiting").display = True
        self.query_one(ProblemCard).hide()
        question = "A deploy is running. This plan is for the next one." if self._is_deploying else self.question
        self.query_one("#question", Static).update(Content(question))
        notice = self.query_one("#notice", Static)
        notice.display = bool(self.wizard.session.notice)
        notice.update(Content.assemble(("! ", "bold $warning"), clean_line(self.wizard.session.notice, 300)))
        self.query_one("#agree", Button).can_focus = False  # Enter must not deploy
        self.refresh_bindings()
        run_exclusive(self, "plan", self._look)

    @on(ServicesOpened)
    def _services_opened(self) -> None:
        self.on_shown()

    async def _look(self) -> None:
        job, session = self.wizard.session.job, self.wizard.session
        if job is None:
            return
        problem = session.unanswered()
        if problem is None:
            job.draft = session.draft
            try:
                event = await plan_event(job)
            except Exception as error:  # noqa: BLE001 - a bug of ours must be seen
                event = Failed(bug(error, "deploy"))
            problem = event.problem if isinstance(event, Failed) else None
            if isinstance(event, PlanReady):
                planned = job.to_apply
                self.wizard.rates = planned.rates
                self._show(event, job, planned)
        if problem is not None:
            self._fail(problem)

    def _fail(self, problem: Problem) -> None:
        self.query_one("#waiting").display = False
        place = question_that_fixes(problem)
        if place == "function":
            self.wizard.session.block("function", problem)
            self.redraw_frame()
        keys = f"m  {QUESTIONS[place]}" if place else "esc  Back"
        self.query_one(ProblemCard).show(problem, keys + "   ·   r  Look again")
        self.refresh_bindings()

    def _show(self, event: PlanReady, job: JobState, planned: Planned) -> None:
        self.plan = event
        self.wizard.session.unblock("function")
        self.repeat = deploy_command(
            settled(replace(job.draft, gpu=planned.plan.gpu)),
            plan=planned.plan,
            options=job.options,
            environment=self.wizard.session.environment,
            rehearsal=job.ports.rehearsal,
            trusted=_named_hubs(job, planned),
        )
        unenforced = self.query_one("#unenforced", Static)
        unenforced.display = bool(event.unenforced)
        unenforced.update(
            Content("\n").join(Content.styled(f"! {clean_line(each, 200)}", "$warning") for each in event.unenforced)
        )
        self.query_one("#changes", Static).update(changes_table(event.changes))
        self.query_one("#hub", Static).update(Content("\n".join(event.hub.sentences if event.hub else ())))
        self.query_one("#chosen", Static).update(chosen_words(event))
        if event.cost is not None:
            title = "What it would cost on Modal" if job.ports.rehearsal else "What it costs"
            self.query_one("#cost-title", Static).update(f"{title} ({clean_line(event.cost.as_of)})")
            self.query_one("#cost", Static).update(cost_words(event.cost))
        self.query_one("#command", Static).update(Content(clean(self.repeat.text)))
        self.query_one("#source", Static).update(highlight(clean(planned.source), language="python"))
        for each in (self.query_one("#plan"), *self.query(Pane)):
            each.scroll_home(animate=False)  # a plan that is made anew is read from its beginning
        self.query_one("#waiting").display = False
        self.query_one("#plan").display = True
        self.query_one("#agree").display = True
        self.refresh_bindings()
        self.redraw_frame()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys for a plan or a problem are there while one is shown."""
        if action == "look_again" and self.is_mounted:
            return self.problem is not None
        if action in ("agree", "copy_command", "save"):
            return self.plan is not None
        return super().check_action(action, parameters)

    def action_look_again(self) -> None:
        """Make the plan again: what was in its way may be gone."""
        self.on_shown()

    @on(Button.Pressed, "#agree")
    def action_agree(self) -> None:
        """Go. Only possible while the plan is shown."""
        if self.plan is None:
            return
        if self._is_deploying:
            self.notify("A deploy is running. You can deploy this plan when it is done.", markup=False)
            return
        deploy: Any = self.app.get_screen("deploy")
        deploy.agreed = True
        self.wizard.go("deploy")

    @property
    def _is_deploying(self) -> bool:
        deploy: Any = self.app.get_screen("deploy")
        return bool(deploy.running)

    def action_remind(self) -> None:
        """The key for going on does not deploy."""
        self.notify("Press g to deploy.", markup=False)

    def action_copy_command(self) -> None:
        """Copy the command; files that it reads are written, since it would not work without them."""
        job = self.wizard.session.job
        if self.repeat is None or job is None:
            return
        try:
            for path, text in self.repeat.files.items():
                job.ports.files.write(path, text)
        except Problem as problem:
            self.notify(clean_line(problem.message), severity="error", markup=False)
            return
        self.wizard.copy(self.repeat.text, "Command")
        if self.repeat.files:
            named = ", ".join(str(path) for path in self.repeat.files)
            self.notify(f"Wrote {clean_line(named)}; the command reads it", markup=False)

    def action_save(self) -> None:
        """Ask where the generated file is to be saved."""
        job = self.wizard.session.job
        if self.plan is not None and job is not None:
            self.query_one(PathPrompt).ask(str(job.to_apply.file))

    def on_path_prompt_named(self, message: PathPrompt.Named) -> None:
        job = self.wizard.session.job
        if job is None:
            return
        try:
            outcome = job.ports.files.write(message.file, job.to_apply.source)
        except Problem as problem:
            self.notify(clean_line(problem.message), severity="error", markup=False)
            return
        self.notify(f"{clean_line(message.path)}: {outcome}", title="Saved", markup=False)


def _named_hubs(job: JobState, planned: Planned) -> tuple[str, ...]:
    """The Hubs of this plan that have to be named as trusted: on this machine they are, elsewhere they may not be."""
    if job.ports.rehearsal:
        return ()
    asked = job.ports.hub.endpoint if job.ports.hub.is_trusted else ""
    return tuple(dict.fromkeys(each for each in (asked, planned.plan.hub_endpoint) if each and not is_public(each)))
