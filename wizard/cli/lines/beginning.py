"""What is asked before the first question: the demo or one's own accounts, and a deploy that was left in the middle."""

from __future__ import annotations

import asyncio

from wizard.cli.lines.dialog import Choice, Question
from wizard.cli.lines.session import LineSession
from wizard.cli.session import Wiring
from wizard.core.access_token import clean_line
from wizard.core.plan.draft import Draft
from wizard.core.plan.plan_file import read_plan
from wizard.core.problem import Problem
from wizard.core.steps import LOOKING
from wizard.flow.configuration.first_time import is_first_time, remember_welcome, welcome_rows
from wizard.flow.deploy.accounts import GLYPHS, hugging_face, modal
from wizard.flow.deploy.unfinished import UnfinishedDeploy, read_unfinished


async def wants_demo(session: LineSession, wiring: Wiring) -> bool:
    """What the wizard makes and which accounts it found, once; True where the demo is to begin."""
    if session.ports.rehearsal or not is_first_time():
        return False
    say = session.dialog.say
    say("", "Welcome to outlines-wizard", *(f"{name}: {words}" for name, words in welcome_rows()))
    say("Accounts:")
    for account in await asyncio.gather(hugging_face(session.ports), modal(session.ports)):
        say(f"  {GLYPHS[account.state]} {account.name}: {account.words}")
    remember_welcome()
    choices = [Choice("demo", "Try the demo: on this computer, no account, nothing is billed")]
    choices.append(Choice("own", "Use my accounts"))
    explanation = "The demo does the whole job with a small model. This question is asked once."
    question = Question("How do you want to begin?", choices, "demo", explanation=explanation)
    while await session.dialog.ask(question, str) == "demo":
        try:
            wiring.check_demo()
            return True
        except Problem as problem:
            session.dialog.say_problem(problem)
    return False


async def goes_on(session: LineSession) -> bool:
    """Whether a deploy that an earlier session left in the middle goes on: its plan is then what is reviewed."""
    left = await asyncio.to_thread(read_unfinished, rehearsal=session.ports.rehearsal)
    if left is None:
        return False
    try:
        draft = read_plan(left.plan, str(left.file), Draft)
    except Problem:  # of a version that wrote plans differently
        left.forget()
        return False
    answer = await session.dialog.ask(_about(left), str)
    if answer != "later":
        left.forget()
    if answer != "continue":
        return False
    before, session.job.draft = session.job.draft, draft
    if await session.run(*LOOKING) is None:
        return True
    session.job.draft = before
    session.decide(model=draft.model)  # the first question begins with it
    return False


def _about(left: UnfinishedDeploy) -> Question:
    app, model = clean_line(left.app, 63), clean_line(left.model, 100)
    choices = [
        Choice("continue", "Continue with its plan"),
        Choice("later", "Not now"),
        Choice("forget", "Forget it: do not ask about it again"),
    ]
    text = f"The last session ended in the middle of deploying {app} ({model}). What do you want to do?"
    explanation = "You see what exists already before anything is deployed."
    return Question(text, choices, "continue", explanation=explanation)
