"""A problem as a card: what happened, what to do now, where, the foreign system's own line, and the keys."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from wizard.core.access.verdict_row import Question
from wizard.core.access_token import clean, clean_line
from wizard.core.explain.explanations import ROWS
from wizard.core.problem import ExitCode, Problem
from wizard.core.steps import LOOKING, TITLES
from wizard.tui.navigator import SCREEN_OF_STEP

_FIXED_ON: dict[str, Question] = {  # beside the verdicts, which say it themselves
    "gpu_too_small": "function",
    "gpu_needed": "function",
    "gpu_count_unsuitable": "function",
    "gpu_unsuitable": "function",
    "engine_unsuitable": "function",
    "engine_missing": "function",
    "model_too_large": "model",
    "schema_invalid": "function",
    "missing_output": "function",
    "missing_model": "model",
    "name_invalid": "function",
    "number_out_of_range": "function",
    "sample_invalid": "function",
    "sample_refused": "function",
    "no_modal_token": "modal",
}


def question_that_fixes(problem: Problem) -> str | None:
    """The screen with the question whose answer can fix a problem; None when no answer does."""
    row = ROWS.get(problem.code)
    if screen := row.fixed_on if row else _FIXED_ON.get(problem.code):
        return screen
    if problem.exit_code in (ExitCode.GATE_CLOSED, ExitCode.CREDENTIALS):
        return "access"
    if problem.step in (*LOOKING, "secret"):
        return SCREEN_OF_STEP.get(problem.step, problem.step)
    return None


_PAGES = {  # what a page is for, where the key that opens it can say so
    "payment_method_missing": "Open the billing page",
    "spend_limit": "Open the usage limits",
    "not_requested": "Accept the terms",
    "reset": "Ask for access again",
    "modal_auth": "Open the Modal tokens page",
}


QUESTIONS = {  # what the key does that leads to a question
    "model": "Choose another model",
    "access": "Check access",
    "modal": "Check Modal",
    "function": "Change output or GPU",
}


def remedy_hint(label: str) -> str:
    """The next action where Enter changes the plan; empty where it does not."""
    return f"Press Enter to {label[:1].lower()}{label[1:]}. You see the new plan first." if label else ""


def page_words(problem: Problem) -> str:
    """What the key that opens a problem's page does."""
    return _PAGES.get(problem.code, "Open the page")


def ways_on(problem: Problem, remedy: str = "", *others: str) -> str:
    """The keys against a problem, the one that helps most first. `remedy` is what Enter changes, where it can."""
    place = question_that_fixes(problem)
    ways = [f"enter  {remedy}"] if remedy else []
    ways += [f"o  {page_words(problem)}"] if problem.url else []
    ways += ["r  Try again", *others]
    ways += [f"m  {QUESTIONS[place]}"] if place else []
    return "   ·   ".join(ways)


def words(problem: Problem) -> str:
    """The whole problem as plain text, to copy."""
    lines = [f"{TITLES.get(problem.step or '', 'Problem')}: {problem.message}", problem.hint, problem.url, problem.raw]
    return clean("\n".join(line for line in lines if line))


class ProblemCard(Static):
    """Hidden until `show`; `keys` is what a person may press now."""

    DEFAULT_CSS = """
    ProblemCard { display: none; height: auto; border: round $error; padding: 0 1; }
    ProblemCard.-shown { display: block; }
    """

    problem: Problem | None = None

    def show(self, problem: Problem, keys: str = "", *, hint: str = "") -> None:
        """Draw the card; `hint` is the next action by this screen's keys, in place of one that speaks of flags."""
        self.problem = problem
        title = TITLES.get(problem.step or "", "")
        parts: list[Content | str | tuple[str, str]] = [
            ("✗ " + (f"{title}: " if title else ""), "bold $error"),
            clean_line(problem.message, 600),
        ]
        if hint := hint or problem.hint:
            parts += [("\n→ ", "bold"), clean_line(hint, 600)]
        if problem.url:
            parts += ["\n", (clean_line(problem.url, 400), "underline")]
        if problem.raw and problem.raw not in problem.message:
            parts += [("\nReported: " + clean_line(problem.raw, 300), "$quiet")]
        if keys:
            parts += ["\n", (keys, "bold $primary")]
        self.update(Content.assemble(*parts))
        self.add_class("-shown")

    def hide(self) -> None:
        """Take the card away."""
        self.problem = None
        self.remove_class("-shown")
