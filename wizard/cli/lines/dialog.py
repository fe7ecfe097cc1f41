"""Questions as lines: a text, numbered choices, a default in brackets. Nothing is drawn and nothing is moved, so that
screen readers, simple terminals and pipes all do."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from wizard.cli.output.layout import Block, Canvas, canvas_of, render
from wizard.cli.output.standard_output import write_out
from wizard.cli.secret_prompt import read_secret
from wizard.core.access_token import clean, clean_line
from wizard.core.concurrency.daemon_thread import on_daemon_thread
from wizard.core.problem import Problem, usage

KEYS = "At any question: b goes back, ? explains, q quits."

T = TypeVar("T")


class WentBack(Exception):
    """The person wants the question before this one."""


class Quit(Exception):
    """The person wants to stop."""


@dataclass(frozen=True)
class Choice:
    """One numbered answer: what it stands for, and its text."""

    value: str
    text: str


@dataclass(frozen=True)
class Question:
    """What is asked. `default` is the answer of an empty line, None where there is none; with `free`, any text will do
    beside the numbers. `explanation` is what ``?`` says."""

    text: str
    choices: Sequence[Choice] = ()
    default: str | None = None
    free: bool = False
    explanation: str = ""


class Dialog:
    """Standard input and output as a conversation. `asked` counts the questions."""

    def __init__(self) -> None:
        self.asked = 0
        self._next: asyncio.Future[str] | None = None  # a line that is being waited for

    def say(self, *blocks: Block | str) -> None:
        """Lines to read."""
        for line in render(blocks, self._canvas()):
            write_out(line.rstrip() + "\n")

    def say_problem(self, problem: Problem) -> None:
        """What is wrong and what to do, on one line."""
        self.say(clean_line(f"{problem.message} {problem.hint}".strip(), 500))

    async def ask(self, question: Question, read: Callable[[str], T]) -> T:
        """The answer, as `read` makes it of a choice's value or of a text. Raises WentBack and Quit.

        What `read` refuses, with Problem, is said in a sentence, and the question comes again.
        """
        self.asked += 1
        self._show(question)
        while True:
            text = await self._line(question)
            match text.lower():
                case "b":
                    raise WentBack
                case "q":
                    raise Quit
                case "?":
                    self.say(question.explanation or "There is nothing more to say about this question.", KEYS)
                    continue
            try:
                return read(_value(question, text))
            except Problem as problem:
                self.say_problem(problem)

    async def confirm(self, text: str) -> bool:
        """A question with yes or no; an empty line is no."""
        self.say(f"{text} [y/N]")
        return (await self.read()).lower() in ("y", "yes")

    async def ask_secret(self, text: str) -> str:
        """A line that is not shown on a terminal."""
        if sys.stdin.isatty():
            return (await on_daemon_thread(lambda: read_secret(f"{text}: "))).strip()
        self.say(f"{text}:")
        return await self.read()

    def next_line(self) -> asyncio.Future[str]:
        """The line that comes next; `read` takes it."""
        if self._next is None:
            self._next = asyncio.ensure_future(on_daemon_thread(_read_line))
        return self._next

    async def read(self) -> str:
        """One line. Raises Problem at the end of the input."""
        line = await asyncio.shield(self.next_line())
        self._next = None
        if not line:
            raise usage("input_ended", "The input ended before the wizard was done.", "Answer every question, or: q")
        return clean(line).strip()

    def _show(self, question: Question) -> None:
        self.say("", question.text)
        for number, choice in enumerate(question.choices, 1):
            self.say(f"  {number}. {choice.text}")

    async def _line(self, question: Question) -> str:
        what = "Number" if question.choices else "Answer"
        what += " or text" if question.choices and question.free else ""
        default = question.default
        numbered = next((str(n) for n, each in enumerate(question.choices, 1) if each.value == default), default)
        self.say(what + (f" [{numbered}]:" if numbered else ":"))
        return await self.read()

    @staticmethod
    def _canvas() -> Canvas:
        return canvas_of(sys.stdout, color=False)


def _read_line() -> str:
    """One line of standard input, and no byte more: the demo, which takes this process's place, reads the others."""
    unbuffered = getattr(getattr(sys.stdin, "buffer", None), "raw", None)
    return sys.stdin.readline() if unbuffered is None else unbuffered.readline().decode("utf-8", "replace")


def _value(question: Question, text: str) -> str:
    """What a line stands for. Raises Problem for a number that is not there, and where only a number will do."""
    if not text and question.default is not None:
        return question.default
    if text.isdecimal() and question.choices and 1 <= int(text) <= len(question.choices):
        return question.choices[int(text) - 1].value
    named = next((each.value for each in question.choices if text and text == each.value), None)
    if named is not None:
        return named
    if question.choices and (not question.free or text.isdecimal()):
        raise usage("answer_unknown", f"Please type a number from 1 to {len(question.choices)}.")
    if not text:
        raise usage("answer_missing", "Please type an answer.")
    return text
