"""A question with a card of what went wrong, and the keys that lead out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.tui.frame import StepScreen
from wizard.tui.widgets.problem_card import ProblemCard, question_that_fixes, remedy_hint, ways_on

if TYPE_CHECKING:
    from wizard.core.problem import Problem
    from wizard.flow.deploy.remedies import Remedy


class FixingScreen(StepScreen):
    """A subclass composes a ProblemCard, and binds those of `remedy`, `open` and `fix` that it has keys for."""

    _remedy: Remedy | None = None  # what Enter changes in the plan

    @property
    def problem(self) -> Problem | None:
        """What went wrong, while its card is shown."""
        return self.query_one(ProblemCard).problem

    def show_problem(self, problem: Problem, remedy: Remedy | None, key: str) -> None:
        """Show the card with the keys that help; `key` is one more that this screen has."""
        self._remedy = remedy
        label = remedy.label if remedy is not None else ""
        self.query_one(ProblemCard).show(problem, ways_on(problem, label, key), hint=remedy_hint(label))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that fix something are only there when something can be fixed."""
        if action in ("remedy", "open", "fix") and self.is_mounted:
            problem = self.problem
            if problem is None:
                return False
            can = {"remedy": self._remedy, "open": problem.url, "fix": question_that_fixes(problem)}
            return can[action] is not None
        return True

    def action_remedy(self) -> None:
        """Change the plan so that this works, and show it before anything is deployed."""
        if self._remedy is not None:
            self.wizard.session.apply(self._remedy)
            self.wizard.go("review")

    def action_open(self) -> None:
        """Open the page where this can be fixed."""
        problem = self.problem
        if problem is not None and problem.url:
            self.wizard.open_page(problem.url)

    def action_fix(self) -> None:
        """Go to the question that fixes this."""
        problem = self.problem
        if problem is not None and (place := question_that_fixes(problem)):
            self.wizard.go(place)
