"""The result: a sample, whether it is valid, another prompt at once, and how to use and undo what was deployed."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from wizard.core.access_token import clean, clean_line
from wizard.core.events import Event, Failed, LogLine, SampleReady
from wizard.core.problem import Problem
from wizard.core.steps import TITLES
from wizard.flow.applying import sample_events
from wizard.tui.frame import StepScreen
from wizard.tui.messages import EngineSpoke
from wizard.tui.screens.sample_answer import Answer, History, Status
from wizard.tui.screens.sample_ways import WAYS, Ways, ways
from wizard.tui.screens.sample_words import Target, figures, judged, output_text, problem_of
from wizard.tui.widgets.log_panel import LogPanel
from wizard.tui.widgets.problem_card import ProblemCard, mended_in, words


class SampleScreen(StepScreen):
    """Draws the first sample by itself; after that the person asks."""

    step = "sample"
    question = "Your function answers"
    AUTO_FOCUS = "#all"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "ask", "Ask", key_display="/", id="sample.ask", tooltip="Try another prompt"),
        Binding("r", "retry", "Again", id="sample.retry", tooltip="Ask once more"),
        Binding("y", "copy_output", "Copy", id="sample.copy", tooltip="Copy the output"),
        Binding("l", "log", "Log", id="sample.show_log", tooltip="Show the log"),
        Binding("m", "mend", "Mend", id="sample.mend", tooltip="Go to the question that can mend this"),
        Binding("escape", "back", "Back", id="sample.back", show=False),
        Binding("h", "home", "Functions", id="sample.home", show=False, tooltip="Everything that is deployed"),
        *(
            Binding(str(number), f"copy_way({number - 1})", f"Copy {word}", id=f"sample.way{number}", show=False)
            for number, word in enumerate(WAYS, 1)
        ),
    ]
    CSS = """
    SampleScreen {
        #answer { layout: vertical; }
        #all { height: 1fr; }
        #another { margin-top: 1; }
        #left, #right { height: auto; width: 1fr; }
        &.-wide #all { layout: horizontal; overflow-y: hidden; }
        &.-wide #left, &.-wide #right { height: 1fr; overflow-y: auto; }
        &.-wide #right { margin-left: 3; }
        &.-wide .title { margin-top: 0; }
        &.-short #output { margin: 0; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.tries: list[SampleReady] = []
        self._began: float | None = None
        self._answered = False  # the answer is there, though the call may still be closing
        self._latest = ""
        self._shown: SampleReady | None = None
        self._aimed: Target | None = None

    def answer(self) -> Iterable[Widget]:
        yield Status(id="status", markup=False)
        yield ProblemCard(id="problem", markup=False)
        with VerticalScroll(id="all"):
            with Vertical(id="left"):
                yield Answer(id="shown")
                field = Input(placeholder="another prompt: type and press Enter", id="another", compact=True)
                field.tooltip = "Another prompt for the same function; a warm container answers at once"
                yield field
                yield History(id="history", compact=True)
            yield Ways(id="right")

    def on_mount(self) -> None:
        self.query_one("#right").display = self.query_one("#another").display = False
        self.every(0.5, self._tick)

    def aim(self, target: Target | None) -> None:
        """Ask another function than the one that was just deployed; None for that one."""
        if target != self._aimed:
            self._aimed, self._shown = target, None
            self.tries.clear()
            self.call_later(self._start_anew)

    def _start_anew(self) -> None:
        self._draw_history()
        self.query_one(Answer).clear()
        self.query_one(Status).update("")
        self.query_one(ProblemCard).hide()
        if self._aimed is not None:
            self.query_one(Status).say("●", f"{self._aimed.app}: type a prompt", "$primary")
            self.query_one("#another").display = True
            self.query_one("#another", Input).focus()

    @property
    def target(self) -> Target | None:
        """The function that is asked."""
        work = self.wizard.journey.work
        return self._aimed or (Target.of(work.plan) if work is not None and work.plan is not None else None)

    def arrived(self) -> None:
        if self._aimed is not None:
            return
        states = self.wizard.journey.states
        if states["deploy"] != "done" and not self.tries:
            self.query_one(Status).say("…", "Nothing is deployed yet: the plan comes first (esc).", "$warning")
        elif states["deploy"] == "done" and states["sample"] == "todo" and self._began is None:
            self._run(self._first())

    # Asking

    def _run(self, asking: Any) -> None:
        self.wizard.run_worker(
            self._while_asking(asking), name="sample", group="sample", description="sample", exit_on_error=False
        )

    async def _while_asking(self, asking: AsyncGenerator[Event, None]) -> None:
        """Run one call; whatever goes wrong becomes a card."""
        self._begin()
        problem: Problem | None = None
        try:
            async with aclosing(asking) as events:
                async for event in events:
                    if isinstance(event, Failed):
                        problem = event.problem
                    else:
                        self.hear(event)
        except Problem as raised:
            problem = raised.at("sample")
        except Exception as error:  # noqa: BLE001 - a bug of ours must be seen
            problem = _bug(error)
        finally:
            self._began = None
            self.wizard.busy = None
            self.refresh_bindings()
        if problem is not None:
            self.call_later(self._fail, problem)

    async def _first(self) -> AsyncGenerator[Event, None]:
        """The job's own last step; its events come by way of the application."""
        if failed := await self.wizard.run_step("sample", self):
            yield failed

    async def _another(self, prompt: str, target: Target) -> AsyncGenerator[Event, None]:
        work = self.wizard.journey.work
        if work is None:
            return
        arguments: dict[str, Any] = {"prompt": prompt}
        if target.max_tokens is not None:
            arguments["max_tokens"] = target.max_tokens
        events = sample_events(
            work.ports, target.app, arguments, target.output, work.wishes.call_limit, target.model, target.gpu
        )
        async with aclosing(events):
            async for event in events:
                yield event

    def _begin(self) -> None:
        self._began, self._latest, self._answered = time.monotonic(), "", False
        self.query_one(ProblemCard).hide()
        self.wizard.busy = "A call is under way; leaving cancels it." + (
            " In a rehearsal nothing is billed."
            if self.wizard.rehearsal
            else " The container sleeps by itself after its idle time, and costs money until then."
        )
        self._title("Asking your function")
        self._tick()
        self.refresh_bindings()

    def _tick(self) -> None:
        if self._began is not None and not self._answered:
            first = "Starting a container and asking" if not self.tries else "Asking"
            took = f"{first}: {time.monotonic() - self._began:.0f} s"
            self.query_one(Status).say("▶", took, "$warning", quiet=self._latest)

    def _title(self, text: str) -> None:
        self.query_one("#question", Static).update(Content(text))

    # Events

    def hear(self, event: Event) -> None:
        """Log lines take no detour: they would fill the message queue, and keys would wait behind them."""
        if isinstance(event, LogLine) and self.is_mounted:
            self._latest = clean_line(event.text, 80)
            deploy = self.app.get_screen("deploy")
            if deploy.is_mounted:
                deploy.query_one(LogPanel).feed(event)
        else:
            self.post_message(EngineSpoke(event))

    def on_engine_spoke(self, message: EngineSpoke) -> None:
        sample = message.event
        if isinstance(sample, SampleReady):
            self._answered = True
            self.tries.append(sample)
            self._draw_history()
            self._show(sample)
            self._show_ways()

    def _draw_history(self) -> None:
        self.query_one(History).refill(self.tries, map(problem_of, self.tries))

    @on(OptionList.OptionSelected, "#history")
    def _look_back(self, event: OptionList.OptionSelected) -> None:
        self._show(self.tries[event.option_index])

    def _show(self, sample: SampleReady) -> None:
        self._shown = sample
        problem = problem_of(sample)
        glyph, verdict, colour = judged(sample, problem)
        self.query_one(Status).say(glyph, verdict, colour)
        self._title("Your function answers")
        self.query_one("#right").display = self.query_one("#another").display = True
        gpu = self.target.gpu if self.target else ""
        rates, rehearsal = self.wizard.rates, self.wizard.rehearsal
        self.query_one(Answer).show(sample, figures(sample, gpu, rates, rehearsal=rehearsal, before=self.tries))
        if problem is None:
            self.query_one(ProblemCard).hide()
        else:
            self._card(problem)

    def _fail(self, problem: Problem) -> None:
        """No answer came, or the first one is not what it should be."""
        if self._shown is not None and (own := problem_of(self._shown)) is not None and own.code == problem.code:
            return  # the answer is shown with its card already
        self.query_one(Status).say("✗", "no sample", "$error")
        self._title("Your function did not answer as it should")
        self._card(problem)

    def _card(self, problem: Problem) -> None:
        place = mended_in(problem)
        keys = ["r  Try again", "l  Log"] + ([f"m  Go to “{TITLES.get(place, place)}”"] if place else [])
        self.query_one(ProblemCard).show(problem, "   ·   ".join(keys))
        self.refresh_bindings()

    def _show_ways(self) -> None:
        work, target = self.wizard.journey.work, self.target
        if work is None or target is None:
            return
        environment = work.workspace.environment if work.workspace else None
        prompt = self.tries[-1].prompt if self.tries else target.prompt
        known = ways(
            target.app, prompt, environment=environment, rehearsal=work.ports.rehearsal, endpoint=work.endpoint
        )
        self.query_one(Ways).show(known, self.wizard.farewell, lasting=work.ports.lasting)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`Mend` is only there when something can be mended."""
        if action == "mend" and self.is_mounted:
            problem = self.query_one(ProblemCard).problem
            return problem is not None and mended_in(problem) is not None
        return True

    def action_ask(self) -> None:
        """Put the cursor where another prompt is typed."""
        self.query_one("#another", Input).focus()

    @on(Input.Submitted, "#another")
    def _prompt_typed(self, event: Input.Submitted) -> None:
        self._ask(event.value.strip())

    def _ask(self, prompt: str) -> None:
        target = self.target
        if not prompt or target is None:
            return
        if self._began is not None:
            self.notify("The call before is still under way.", markup=False)
            return
        self.query_one("#another", Input).value = ""
        self._run(self._another(prompt, target))

    def action_retry(self) -> None:
        """Ask once more."""
        if self._began is not None:
            return
        if self.tries:
            self._ask(self.tries[-1].prompt)
        elif self._aimed is None and self.wizard.journey.states["deploy"] == "done":
            self._run(self._first())

    def action_copy_output(self) -> None:
        """Copy the output that is shown, or the problem."""
        problem = self.query_one(ProblemCard).problem
        if self._shown is not None:
            self.app.copy_to_clipboard(output_text(self._shown)[0])
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
        if self._aimed is None:
            self.wizard.go("deploy")
        else:
            self.wizard.go("home")
            self.call_later(self._log_at_home)

    def _log_at_home(self) -> None:
        from wizard.tui.screens.home import HomeScreen

        if isinstance(self.app.screen, HomeScreen):
            self.app.screen.show_log()

    async def action_back(self) -> None:
        """To where the person came from: the list of functions, or the deploy."""
        if self._aimed is not None:
            self.wizard.go("home")
        else:
            await self.wizard.action_back()

    def action_home(self) -> None:
        """Everything that is deployed."""
        self.wizard.go("home")

    def action_mend(self) -> None:
        """Go to the question that can mend this."""
        problem = self.query_one(ProblemCard).problem
        if problem is not None and (place := mended_in(problem)):
            self.wizard.go(place)


def _bug(error: Exception) -> Problem:
    name = clean(type(error).__name__)
    return Problem(
        "internal_error", f"This is a bug of outlines-wizard: {name}.", raw=clean_line(str(error)), step="sample"
    )
