"""The result: a sample, whether it is valid, another prompt at once, and how to use and undo what was deployed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from wizard.core.access_token import clean, clean_line
from wizard.core.events import SampleReady
from wizard.core.phases import CALLING
from wizard.core.playground.exchange import Exchange, Question
from wizard.core.problem import Problem
from wizard.core.sizing.gpus import device_words
from wizard.tui.call_target import CallTarget
from wizard.tui.messages import EngineSpoke
from wizard.tui.screens.sample.answer import Answer, Status
from wizard.tui.screens.sample.history import History
from wizard.tui.screens.sample.images import ImageField
from wizard.tui.screens.sample.keeping import KeptAnswersScreen
from wizard.tui.screens.sample.next_steps import KEYS, Ways, ways
from wizard.tui.screens.sample.question import QuestionPane
from wizard.tui.screens.sample.wording import figures, output_text, problem_of
from wizard.tui.widgets.log.panel import LogPanel
from wizard.tui.widgets.panes import Pane, Panes
from wizard.tui.widgets.path_prompt import PathPrompt
from wizard.tui.widgets.phases import PhaseClocks, PhaseList
from wizard.tui.widgets.problem_card import ProblemCard, words


class SampleScreen(KeptAnswersScreen):
    """Draws the first sample by itself; after that the person asks."""

    step = "sample"
    question = "Your function’s answer"
    AUTO_FOCUS = "#all, #left"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "remedy", "Fix it", id="sample.remedy", tooltip="Change the plan so that this works"),
        Binding("o", "open", "Open page", id="sample.open", tooltip="Open the page where this can be fixed"),
        Binding("r", "retry", "Again", id="sample.retry", tooltip="Send the prompt again"),
        Binding("y", "copy_output", "Copy", id="sample.copy", tooltip="Copy the output"),
        Binding("l", "log", "Log", id="sample.show_log", tooltip="Show the log"),
        Binding("m", "fix", "Fix", id="sample.mend", tooltip="Go to the question that fixes this"),
        Binding("escape", "cancel_call", "Cancel", id="sample.cancel", tooltip="Cancel the call that is running"),
        Binding("ctrl+c", "cancel_call", "Cancel", id="sample.interrupt", show=False, priority=True),
        Binding("escape", "back", "Back", id="frame.back", tooltip="Go back where you came from"),
        Binding("h", "home", "Functions", id="sample.home", tooltip="Everything that is deployed; tear it down there"),
        *(
            Binding(key, f"copy_way({index})", f"Copy way {key}", id=f"sample.navigator{key}", show=False)
            for index, key in enumerate(KEYS)
        ),
    ]
    CSS_PATH = "question.tcss"
    CSS = """
    SampleScreen {
        #answer { layout: vertical; }
        &.-wide #right { margin-left: 1; }
        &.-wide .title { margin-top: 0; }
        &.-short #output { margin: 0; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._app = ""  # what was deployed in this session

    def answer(self) -> Iterable[Widget]:
        yield Status(id="status", markup=False)
        yield PhaseList(PhaseClocks(CALLING), id="phases")
        yield ProblemCard(id="problem", markup=False)
        yield from self.fields()
        with Panes(id="all") as body:
            body.tooltip = "The answer, and what you can do next. Arrow keys scroll."
            yield QuestionPane()
            with Pane("Answer", id="left"):
                yield Answer(id="shown")
                yield History()
            with Pane("Next steps", id="right"):
                yield Ways()
        yield PathPrompt("Add to", id="cases-file")

    def on_mount(self) -> None:
        self.query_one(PhaseList).display = False
        self.every(0.1, self._tick)

    def aim(self, target: CallTarget | None) -> None:
        """Ask another function than the one that was just deployed; None for that one."""
        if target != self._aimed:
            self._forget(target)

    def make_ready(self, app: str) -> None:
        """A function of that name is being deployed: it is the one that is asked. Its answers so far stay."""
        asked = self._aimed.app if self._aimed is not None else self._app
        self._app, self._aimed = app, None
        if app != asked:
            self._forget(None)

    def _forget(self, target: CallTarget | None) -> None:
        self._aimed, self._shown = target, None
        self.tries.clear()
        self.questions.clear()
        self.call_later(self._start_anew)

    async def _start_anew(self) -> None:
        self._close_settings()
        await self.query_one(QuestionPane).forget()
        self._draw_history()
        self.query_one(Answer).clear()
        self.query_one(Status).clear()
        self.query_one(PhaseList).display = False
        self.query_one(ProblemCard).hide()
        field = self.query_one("#another", Input)
        field.value = self._aimed.prompt if self._aimed is not None else ""
        self.query_one(ImageField).show(self._aimed is not None and self._aimed.sees)
        if self._aimed is not None:
            self.query_one(Status).say("●", f"{self._aimed.app}: type a prompt and press Enter", "$primary")
            field.display = True
            self.call_after_refresh(field.focus)  # the panes find out what can have the focus first
        self.refresh_bindings()

    def _money_line(self) -> str:
        if self._aimed is None:
            return super()._money_line()
        return " · ".join(
            filter(None, (clean_line(self._aimed.app, 63), self._aimed.model, device_words(self._aimed.gpu)))
        )

    def on_shown(self) -> None:
        if (chosen := self.wizard.session.call_target) is not None:
            self.wizard.session.call_target = None
            self.aim(chosen)
        self.refresh_bindings()
        if not self.is_own:
            return
        states = self.wizard.session.states
        if states["deploy"] != "done" and not self.tries:
            self.query_one(Status).say("…", "Nothing is deployed yet. Press Esc to go to the plan.", "$warning")
        elif states["deploy"] == "done" and states["sample"] == "todo" and not self.asking:
            self._ask_first()

    def _ask_first(self) -> None:
        self.run_call(self.first(), Question(self.target.prompt if self.target else ""))

    def _title(self, text: str) -> None:
        self.query_one("#question", Static).update(Content(text))

    # Events

    def on_engine_spoke(self, message: EngineSpoke) -> None:
        sample = message.event
        if isinstance(sample, SampleReady):
            self.answered, self.query_one(PhaseList).display = True, False
            self.tries.append(exchange := self._kept(sample))
            if exchange.app:
                self.wizard.session.remember_call(exchange)
            self._draw_history()
            self._show(exchange)
            self._show_ways()
            self.refresh_bindings()
            self.compare_if_wanted(exchange)

    def _kept(self, sample: SampleReady) -> Exchange:
        question, target = self.question_asked, self.target
        if question.prompt != sample.prompt:
            question = Question(sample.prompt)
        if target is None:
            return Exchange(question, sample, question.output, at=time.time())
        output = question.output or target.output
        return Exchange(question, sample, output, target.app, target.model, target.gpu, time.time(), target.usual)

    def _draw_history(self) -> None:
        self.query_one(History).refill(self.tries, self.wizard.rates)

    def on_history_reopened(self, message: History.Reopened) -> None:
        self.looks_back = self.asking
        self._show(self.tries[message.index])

    def _show(self, exchange: Exchange) -> None:
        if not self.is_running:  # the application is being left
            return
        self._shown, self.partial, sample = exchange, "", exchange.sample
        problem = problem_of(sample)
        self._show_verdict(exchange)
        self._title("Your function’s answer")
        self.add_class("-answered")
        if self.target is not None and self.target.sees:
            self.query_one(ImageField).add_class("-shown")
        rates, rehearsal, before = self.wizard.rates, self.wizard.rehearsal, [each.sample for each in self.tries]
        self.query_one(Answer).show(sample, figures(sample, exchange.gpu, rates, rehearsal=rehearsal, before=before))
        for each in (self.query_one("#all"), self.query_one("#left")):
            each.scroll_home(animate=False)  # the page may be scrolled to what came before
        if problem is None:
            self.query_one(ProblemCard).hide()
        else:
            self._card(problem)

    def failed(self, problem: Problem) -> None:
        """No answer came, or the first one is not what it should be."""
        if self._shown is not None and (own := problem_of(self._shown.sample)) is not None and own.code == problem.code:
            return  # the answer is shown with its card already
        self.keep_partial()
        self._shown = None if self.partial else self._shown
        said = "The answer broke off; what came of it is below" if self.partial else "no answer"
        self.query_one(Status).say("✗", said, "$error")
        deploy = self.app.get_screen("deploy")
        if deploy.is_mounted:
            deploy.query_one(LogPanel).keep(self.wizard.exit_messages)
        self._title("The test call failed")
        self._card(problem)

    def _card(self, problem: Problem) -> None:
        remedy = self.wizard.session.remedy(problem, self.wizard.rates) if self.is_own else None
        self.show_problem(problem, remedy, "l  Log")
        if remedy is not None and not self.query_one("#another", Input).value:
            self._leave_prompt()  # to where Enter is the key that fixes it
        self.refresh_bindings()

    def _show_ways(self) -> None:
        job, target = self.wizard.session.job, self.target
        if job is None or target is None:
            return
        prompt = self.tries[-1].question.prompt if self.tries else target.prompt
        known = ways(
            target.app,
            prompt,
            environment=self.wizard.session.environment,
            rehearsal=job.ports.rehearsal,
            endpoint=target.endpoint,
            sees=target.sees,
        )
        self.query_one(Ways).show(known, self.wizard.exit_messages, lasting=job.ports.lasting)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are there, and in the footer, only while there is something to ask again, to read or to copy."""
        if action == "cancel_call":
            return self.asking and not self.answered
        if action == "log":
            return not self.is_own or getattr(self.app.get_screen("deploy"), "started_once", False)
        if action == "retry":
            is_deployed = self.is_own and self.wizard.session.states["deploy"] == "done"
            return not self.asking and (bool(self.tries) or is_deployed)
        if action == "copy_output" and self.is_mounted:
            return self._shown is not None or self.problem is not None or bool(self.partial)
        return super().check_action(action, parameters)

    def action_retry(self) -> None:
        """Send the prompt again."""
        if self.asking:
            return
        if self.tries:
            self._ask(self.tries[-1].question.prompt)
        elif self.is_own and self.wizard.session.states["deploy"] == "done":
            self._ask_first()

    def action_copy_output(self) -> None:
        """Copy the output that is shown, or the problem."""
        problem = self.problem
        if self.partial or self._shown is not None:
            shown = output_text(self._shown.sample)[0] if self._shown is not None else ""
            self.app.copy_to_clipboard(clean(self.partial) or shown)
            self.notify("Output copied", markup=False)
        elif problem is not None:
            self.wizard.copy(words(problem), "Problem")

    def action_copy_way(self, index: int) -> None:
        """Copy one of the ways to go on."""
        known = self.query_one(Ways).known
        if index < len(known):
            self.wizard.copy(known[index].text, known[index].word)

    def action_log(self) -> None:
        """Show the log of deploy and calls."""
        self.wizard.show_log("deploy" if self.is_own else "home")

    async def action_back(self) -> None:
        """To the answer, then to where the person came from: the list of functions, or the deploy."""
        if self.is_editing:
            self._close_settings()
        elif not self.is_own:
            self.wizard.go("home")
        else:
            await self.wizard.action_back()

    def action_home(self) -> None:
        """Everything that is deployed."""
        self.wizard.go("home")
