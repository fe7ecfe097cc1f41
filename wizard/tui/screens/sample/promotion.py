"""Making what was asked the function's own: its output type, prompt and limits go into the plan, which is reviewed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wizard.core.events import StepFinished
from wizard.core.plan.draft import Draft
from wizard.core.playground.exchange import Exchange
from wizard.core.sizing.gpus import device_words
from wizard.tui.call_target import CallTarget
from wizard.tui.looking import begin_with, look_again

if TYPE_CHECKING:
    from wizard.tui.app import WizardApp

NOT_SAVED = "Its settings were not saved with it: change it from your list of functions."
NOTHING = "This is what is deployed already."


def answers_of(target: CallTarget, exchange: Exchange) -> dict[str, Any]:
    """The settings of the plan that a question has changed; nothing where it asked what is deployed."""
    question, draft = exchange.question, target.record.draft if target.record is not None else Draft()
    asked: dict[str, Any] = {"output": exchange.output, "prompt": question.prompt, "max_tokens": question.max_tokens}
    asked["think"] = None if question.think is None else str(question.think)
    changed = {name for name in ("output", "max_tokens", "think") if asked[name] not in (None, getattr(draft, name))}
    return {name: asked[name] for name in ("prompt", *sorted(changed))} if changed else {}


def notice_of(target: CallTarget, exchange: Exchange) -> str:
    """What is different from what is deployed, and what a plan has no setting for."""
    question, parts = exchange.question, []
    if exchange.output is not None and exchange.output != target.output:
        before = target.output.summary if target.output is not None else "not known"
        parts.append(f"Output type: {before} → {exchange.output.summary}.")
    if question.max_tokens is not None and question.max_tokens != target.max_tokens:
        parts.append(f"Longest answer: {target.max_tokens or 'not known'} → {question.max_tokens} tokens.")
    with_each_call = [
        word
        for word, value in (
            ("system text", question.system or None),
            ("temperature", question.temperature),
            ("top p", question.top_p),
            ("seed", question.seed),
        )
        if value is not None
    ]
    if with_each_call:
        parts.append(f"Not kept by a deploy: {', '.join(with_each_call)}. Pass them with each call.")
    return " ".join(parts)


async def promote(wizard: WizardApp, target: CallTarget, exchange: Exchange) -> str:
    """Put what was asked into the plan of the function, and show the plan. Returns why nothing was done, else ""."""
    session, record = wizard.session, target.record
    answers = answers_of(target, exchange)
    if record is None:
        return NOT_SAVED
    if not answers:
        return NOTHING
    job = session.agreed_job
    is_own = job is not None and job.planned is not None and job.planned.plan.app == target.app
    if is_own and job is not None and session.draft == job.draft:
        session.decide("function", **answers)
    else:
        begin_with(wizard, replace(record.draft, app=target.app, **answers))
        if not await look_again(wizard):
            return ""  # something is to be answered first, or the person has gone on
    draft = session.draft
    summary = draft.output.summary if draft.output is not None else ""
    session.note(StepFinished("function", "ready", f"{summary}, {device_words(draft.gpu or '')}"))
    session.notice = notice_of(target, exchange)
    wizard.go("review")
    return ""
