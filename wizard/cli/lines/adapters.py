"""LoRA adapters: which ones a function gets, and which of several answers a prompt."""

from __future__ import annotations

from dataclasses import replace

from wizard.cli.lines.dialog import Choice, Question
from wizard.cli.lines.session import LineSession
from wizard.core.models.adapter import MOST_ADAPTERS, read_adapters

TITLE = "LoRA adapters"
NONE = "none"


def adapters_shown(session: LineSession) -> str:
    """Those that are chosen, as they are typed; which commit of each was found is not typed."""
    chosen = read_adapters(TITLE, session.job.draft.adapter or ())
    return " ".join(str(replace(each, revision=None)) for each in chosen) or NONE


async def ask_adapters(session: LineSession) -> None:
    """Which adapters; each has a gate of its own, so access is checked again. What cannot be read changes nothing."""
    before = session.job.draft.adapter
    explanation = (
        f"Fine-tunes of this model that are LoRA adapters: org/name, or NAME=org/name, up to {MOST_ADAPTERS}. "
        f"One always answers; of several, each call names one. “{NONE}” takes them away."
    )
    shown = adapters_shown(session)
    question = Question(f"{TITLE}, with spaces between them", default=shown, explanation=explanation)
    chosen = await session.dialog.ask(question, lambda text: before if text == shown else _read(text))
    if chosen == before:
        return
    session.decide(adapter=chosen)
    if not await _is_readable(session):
        session.dialog.say("The adapters stay as they were.")
        session.decide(adapter=before)
        await _is_readable(session)


def _read(text: str) -> tuple[str, ...] | None:
    """What was typed, as a plan names it; None for none. Raises Problem."""
    texts = () if text == NONE else tuple(text.replace(",", " ").split())
    return tuple(str(each) for each in read_adapters(TITLE, texts)) or None


async def _is_readable(session: LineSession) -> bool:
    session.job.report = None
    return await session.run("model", "access", "token") is None


async def ask_which(session: LineSession, latest: str | None) -> str | None:
    """The adapter that answers the next prompt, "" for the model by itself; None where there is nothing to choose."""
    adapters = session.job.to_apply.plan.adapters
    if len(adapters) < 2:
        return None
    choices = [Choice(each.name, f"{each.name} ({each.repo_id})") for each in adapters]
    choices.append(Choice("", "The model without an adapter"))
    default = choices[0].value if latest is None else latest
    return await session.dialog.ask(Question("Which adapter answers?", choices, default), str)
