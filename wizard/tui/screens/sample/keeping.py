"""What is done with an answer that is kept: compared with another one, taken away as a case or as code."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from wizard.core.cases.case_file import USUAL_NAME, add_case
from wizard.core.images.image_file import read_images
from wizard.core.output.output_type import OutputType
from wizard.core.plan.call_snippets import MAKE_PROXY_TOKEN
from wizard.core.plan.question_code import openai_code, python_code
from wizard.core.playground.case_row import case_row, case_warning
from wizard.core.playground.exchange import Exchange, Question
from wizard.core.problem import Problem
from wizard.flow.operate.call.arguments import call_arguments
from wizard.tui.background import run_exclusive
from wizard.tui.screens.sample.compare import CompareScreen
from wizard.tui.screens.sample.questioning import QuestionScreen
from wizard.tui.widgets.path_prompt import PathPrompt

UNSTRUCTURED = OutputType("text")


class KeptAnswersScreen(QuestionScreen):
    """A screen with answers; a subclass says which one is shown, and composes a PathPrompt."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "c", "compare", "Compare", show=False, id="sample.compare", tooltip="Compare this answer with another one"
        ),
        Binding(
            "w",
            "without_structure",
            "As free text",
            show=False,
            id="sample.free_text",
            tooltip="Ask the same as free text, without the structure, and compare",
        ),
        Binding(
            "a",
            "add_case",
            "Add case",
            show=False,
            id="sample.add_case",
            tooltip="Add question and answer to a file for verify --cases",
        ),
        Binding(
            "x",
            "copy_code('python')",
            "Code",
            show=False,
            id="sample.code",
            tooltip="Copy this question as Python code",
        ),
        Binding(
            "X",
            "copy_code('openai')",
            "OpenAI code",
            id="sample.openai",
            show=False,
            tooltip="Copy this question as code for OpenAI’s client",
        ),
    ]

    _compared: Exchange | None = None  # the answer that the next one is compared with
    _cases_file = USUAL_NAME

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys for an answer are there with the answer."""
        if action in ("add_case", "copy_code", "without_structure") and self._shown is None:
            return False
        if action == "copy_code" and parameters == ("openai",):
            return bool(self.target and self.target.endpoint)
        if action == "without_structure":
            return not self.asking and self._shown is not None and self._shown.output != UNSTRUCTURED
        if action == "compare":
            return self._shown is not None and len(self.tries) > 1
        return super().check_action(action, parameters)

    # Two answers

    def action_compare(self) -> None:
        """The answer that is shown beside the one before it, or after it where it is the first."""
        place = next((at for at, each in enumerate(self.tries) if each is self._shown), None)
        if place is None:  # it was dropped
            self.notify("This answer is no longer kept.", markup=False)
        elif len(self.tries) > 1:
            self._open_comparison(place - 1 if place else 1, place)

    def _open_comparison(self, other: int, shown: int) -> None:
        self.app.push_screen(CompareScreen(self.tries, other, shown, self.wizard.rates))

    def action_without_structure(self) -> None:
        """Ask the same as free text; what comes is compared with the answer that is shown."""
        if self._shown is not None and self.ask_once_more(replace(self._shown.question, output=UNSTRUCTURED)):
            self._compared = self._shown

    def ask_once_more(self, question: Question) -> bool:
        """Ask a question as it is, its images read anew; False where that cannot be."""
        target = self.target
        if target is None or self.asking:
            return False
        try:
            images = read_images(map(Path, question.images), "Images")
        except Problem as problem:
            self.notify(f"{problem.message} {problem.hint}".strip(), severity="warning", markup=False)
            return False
        self.run_call(self.another(question, target, images), question)
        return True

    def compare_if_wanted(self, exchange: Exchange) -> None:
        """An answer came: where it was asked for to be compared, show both."""
        before, self._compared = self._compared, None
        if before is None or self.app.screen is not self:
            return
        places = [at for at, each in enumerate(self.tries) if each is before or each is exchange]
        if len(places) == 2:
            self._open_comparison(places[0], places[1])

    # Taken away

    def action_add_case(self) -> None:
        """Ask for the cases file."""
        if self._shown is not None:
            self.query_one(PathPrompt).ask(self._cases_file)

    def on_path_prompt_named(self, message: PathPrompt.Named) -> None:
        """Add the answer that is shown to the file."""
        message.stop()
        if self._shown is not None:
            self._cases_file = message.path
            run_exclusive(self, "case", self._add_case, message.file, self._shown)

    async def _add_case(self, path: Path, exchange: Exchange) -> None:
        usual = self.target.max_tokens if self.target is not None else None
        try:
            placed = await asyncio.to_thread(add_case, path, case_row(exchange, path.parent, usual))
        except Problem as problem:
            self.notify(f"{problem.message} {problem.hint}".strip(), severity="error", markup=False, timeout=10)
            return
        self.notify(f"{placed.words}. {case_warning(exchange)}".strip(), markup=False, timeout=8)

    def action_copy_code(self, client: str) -> None:
        """Copy the question that is shown as a program, for modal's client or OpenAI's."""
        target, shown = self.target, self._shown
        if target is None or shown is None:
            return
        asked = call_arguments(shown.question)
        if client == "openai":
            code = openai_code(target.app, asked, endpoint=target.endpoint, images=shown.question.images)
            code = f"# once: {MAKE_PROXY_TOKEN}  # MODAL_KEY and MODAL_SECRET\n{code}"
        else:
            environment = self.wizard.session.environment
            place = None if environment == "main" else environment
            code = python_code(target.app, asked, images=shown.question.images, environment=place)
        self.wizard.copy(code, "OpenAI code" if client == "openai" else "Python code")
