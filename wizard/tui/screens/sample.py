"""The result: a sample, whether it is valid, another prompt at once, and how to use and undo what was deployed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import aclosing
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.highlight import highlight
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from wizard.core.access_token import clean, clean_line
from wizard.core.events import Event, Failed, LogLine, SampleReady
from wizard.core.problem import Problem
from wizard.flow.applying import sample_events
from wizard.tui.frame import StepScreen
from wizard.tui.messages import EngineSpoke
from wizard.tui.screens.sample_words import Target, figures, output_text, ways, ways_content
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
        Binding("1", "copy_way(0)", "Copy Python", id="sample.python", show=False),
        Binding("2", "copy_way(1)", "Copy shell", id="sample.shell", show=False),
        Binding("3", "copy_way(2)", "Copy log", id="sample.log", show=False),
        Binding("4", "copy_way(3)", "Copy undo", id="sample.undo", show=False),
        Binding("l", "log", "Log", id="sample.show_log", tooltip="Show the log"),
        Binding("m", "mend", "Mend", id="sample.mend", tooltip="Go to the question that can mend this"),
    ]
    CSS = """
    SampleScreen {
        #answer { layout: vertical; }
        #all { height: 1fr; }
        #status, #figures { height: auto; }
        #output { height: auto; padding: 0 1; margin: 1 0; background: $surface; }
        #prompt-line { height: auto; color: $text-muted; }
        #another { margin-top: 0; }
        #history { height: auto; max-height: 6; display: none; border: none; padding: 0; }
        #history.-shown { display: block; }
        .title { color: $text-muted; margin-top: 1; }
        #ways { height: auto; }
        #left, #right { height: auto; width: 1fr; }
        &.-wide #all { layout: horizontal; overflow-y: hidden; }
        &.-wide #left, &.-wide #right { height: 1fr; overflow-y: auto; }
        &.-wide #right { margin-left: 3; }
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
        yield Static(id="status", markup=False)
        yield ProblemCard(id="problem", markup=False)
        with VerticalScroll(id="all"):
            with Vertical(id="left"):
                yield Static(id="prompt-line", markup=False)
                yield Static(id="output", markup=False)
                yield Static(id="figures", markup=False)
                yield Input(placeholder="another prompt: type and press Enter", id="another", compact=True)
                yield OptionList(id="history", compact=True)
            with Vertical(id="right"):
                yield Static("Use it, look at it, undo it: 1 to 4 copy", classes="title", markup=False)
                yield Static(id="ways", markup=False)

    def on_mount(self) -> None:
        self.query_one("#right").display = False
        self.set_interval(0.5, self._tick)

    def aim(self, target: Target | None) -> None:
        """Ask another function than the one that was just deployed; None for that one."""
        if target != self._aimed:
            self._aimed, self._shown = target, None
            self.tries.clear()
            self.call_later(self._start_anew)

    def _start_anew(self) -> None:
        self.query_one("#history", OptionList).clear_options().remove_class("-shown")
        for name in ("#status", "#prompt-line", "#output", "#figures"):
            self.query_one(name, Static).update("")
        self.query_one(ProblemCard).hide()
        if self._aimed is not None:
            self._status("●", f"{self._aimed.app}: type a prompt", "$primary")
            self.query_one("#another", Input).focus()

    @property
    def target(self) -> Target | None:
        """The function that is asked."""
        work = self.wizard.journey.work
        return self._aimed or (Target.of(work.plan) if work is not None and work.plan is not None else None)

    def arrived(self) -> None:
        self._draw_ways()
        if self._aimed is not None:
            return
        states = self.wizard.journey.states
        if states["deploy"] != "done" and not self.tries:
            self._status("…", "Nothing is deployed yet: the plan comes first (esc).", "$warning")
        elif states["deploy"] == "done" and states["sample"] == "todo" and self._began is None:
            self._start_first()

    # Asking

    def _start_first(self) -> None:
        self.wizard.run_worker(self._first(), name="sample", group="sample", description="sample", exit_on_error=False)

    async def _first(self) -> None:
        self._begin()
        failed: Failed | None = None
        try:
            failed = await self.wizard.run_step("sample", self)
        except Exception as error:  # noqa: BLE001 - a bug of ours must be seen
            failed = Failed(_bug(error))
        finally:
            self._end()
        if failed is not None:
            self.call_later(self._fail, failed.problem)

    async def _another(self, prompt: str, target: Target) -> None:
        work = self.wizard.journey.work
        if work is None:
            return
        self._begin()
        arguments: dict[str, Any] = {"prompt": prompt}
        if target.max_tokens is not None:
            arguments["max_tokens"] = target.max_tokens
        try:
            events = sample_events(
                work.ports, target.app, arguments, target.output, work.wishes.call_limit, target.model, target.gpu
            )
            async with aclosing(events):
                async for event in events:
                    self._hear(event)
        except Problem as problem:
            self._fail(problem.at("sample"))
        except Exception as error:  # noqa: BLE001 - a bug of ours must be seen
            self._fail(_bug(error))
        finally:
            self._end()

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

    def _end(self) -> None:
        self._began = None
        self.wizard.busy = None
        self.refresh_bindings()

    def _tick(self) -> None:
        if self._began is not None and not self._answered:
            first = "Starting a container and asking" if not self.tries else "Asking"
            self._status("▶", f"{first}: {time.monotonic() - self._began:.1f} s   {self._latest}", "$warning")

    def _title(self, text: str) -> None:
        self.query_one("#question", Static).update(Content(text))

    def _status(self, glyph: str, text: str, colour: str) -> None:
        self.query_one("#status", Static).update(
            Content.assemble((f"{glyph} ", f"bold {colour}"), clean_line(text, 120))
        )

    # Events

    def on_engine_spoke(self, message: EngineSpoke) -> None:
        self._hear(message.event)

    def _hear(self, event: Event) -> None:
        if isinstance(event, LogLine):
            self._latest = clean_line(event.text, 80)
            from wizard.tui.screens.deploy import DeployScreen

            deploy: object = self.app.get_screen("deploy")
            if isinstance(deploy, DeployScreen) and deploy.is_mounted:
                deploy.query_one(LogPanel).feed(event)
        elif isinstance(event, SampleReady):
            self._answered = True
            self.tries.append(event)
            self._add_to_history(event)
            self._show(event)
            self._say_farewell()

    def _add_to_history(self, sample: SampleReady) -> None:
        history = self.query_one("#history", OptionList)
        glyph = "✓" if sample.valid else "✗"
        history.add_option(Option(Content(f"{glyph} {sample.seconds:6.2f} s  {clean_line(sample.prompt, 100)}")))
        history.set_class(len(self.tries) > 1, "-shown")

    @on(OptionList.OptionSelected, "#history")
    def _look_back(self, event: OptionList.OptionSelected) -> None:
        self._show(self.tries[event.option_index])

    def _show(self, sample: SampleReady) -> None:
        if sample.valid:
            self._status("✓", "valid, says a validator that knows nothing of the engine", "$success")
        elif sample.truncated:
            self._status("✗", "cut short at the token limit", "$error")
        else:
            self._status("✗", "not valid: " + "; ".join(sample.errors[:3]), "$error")
        self._shown = sample
        self._title("Your function answers")
        self.query_one("#right").display = True
        self.query_one("#prompt-line", Static).update(Content("> " + clean_line(sample.prompt, 300)))
        text, language = output_text(sample)
        self.query_one("#output", Static).update(highlight(text, language=language))
        self.query_one("#figures", Static).update(
            figures(sample, self.target.gpu if self.target else "", self.wizard.rates, rehearsal=self.wizard.rehearsal)
        )

    def _fail(self, problem: Problem) -> None:
        place = mended_in(problem)
        keys = ["r  Try again", "l  Log"] + (["m  Go to the question"] if place else [])
        self._status("✗", "no sample", "$error")
        self._title("Your function did not answer as it should")
        self.query_one(ProblemCard).show(problem, "   ·   ".join(keys))
        self.refresh_bindings()

    # What one can do with it

    def _ways(self) -> list[tuple[str, str]]:
        work, target = self.wizard.journey.work, self.target
        if work is None or target is None:
            return []
        environment = work.workspace.environment if work.workspace else None
        prompt = self.tries[-1].prompt if self.tries else target.prompt
        return ways(target.app, prompt, environment=environment, rehearsal=work.ports.rehearsal)

    def _draw_ways(self) -> None:
        work = self.wizard.journey.work
        lasting = work is None or work.ports.lasting
        self.query_one("#ways", Static).update(ways_content(self._ways(), lasting=lasting))

    def _say_farewell(self) -> None:
        self._draw_ways()
        work = self.wizard.journey.work
        lines = [text for word, text in self._ways() if word != "Python"]
        if work is not None and not work.ports.lasting:
            lines = ["outlines-wizard rehearse    (in another terminal: what is deployed then stays)"]
        self.wizard.farewell.extend(line for line in lines if line not in self.wizard.farewell)

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
        self.wizard.run_worker(
            self._another(prompt, target), name="sample", group="sample", description="sample", exit_on_error=False
        )

    def action_retry(self) -> None:
        """Ask once more."""
        if self._began is not None:
            return
        if self.tries:
            self._ask(self.tries[-1].prompt)
        elif self._aimed is None and self.wizard.journey.states["deploy"] == "done":
            self._start_first()

    def action_copy_output(self) -> None:
        """Copy the output that is shown, or the problem."""
        problem = self.query_one(ProblemCard).problem
        if problem is not None:
            self.wizard.copy(words(problem), "Problem")
        elif self._shown is not None:
            self.app.copy_to_clipboard(output_text(self._shown)[0])
            self.notify("Output copied", markup=False)

    def action_copy_way(self, index: int) -> None:
        """Copy one of the ways to go on."""
        ways = self._ways()
        if index < len(ways):
            self.wizard.copy(ways[index][1], ways[index][0])

    def action_log(self) -> None:
        """Show the log of deploy and calls."""
        self.wizard.go("deploy")

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
