"""Asking a person to agree to what a command would change."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from wizard.cli.context import CommandContext
from wizard.cli.output.plan_summary import change_block
from wizard.core.events import AppPlan, Change, PlanReady
from wizard.core.next_command import again
from wizard.core.problem import CANCELLED, ExitCode, Problem, usage

_AGREE = (again("to agree", "--yes"), again("to see the plan first", "--dry-run"))


def require_consent(context: CommandContext, what: str, hint: str = "Pass --yes.") -> None:
    """Raise Problem (exit code 2) where nobody has agreed, and nobody can be asked."""
    if context.yes:
        return
    if context.as_json:
        raise usage("missing_yes", f"With --json you can't be asked to agree to {what}.", hint, next=_AGREE)
    if not (sys.stdin and sys.stdin.isatty()):
        raise usage("missing_yes", f"Without a terminal you can't be asked to agree to {what}.", hint, next=_AGREE)


async def ask_consent(context: CommandContext, what: str, question: str) -> None:
    """Have somebody agree. Raises Problem: exit code 2 where nobody can be asked, 5 where they do not agree."""
    require_consent(context, what)
    if not context.yes and not await context.reporter.confirm(question):
        raise Problem("not_agreed", CANCELLED, exit_code=ExitCode.NOT_AGREED)


async def ask_consent_to_changes(context: CommandContext, app: str, changes: Sequence[Change], question: str) -> None:
    """Show what would change, and ask. Raises Problem when nobody agrees."""
    if context.as_json:
        context.reporter.event(PlanReady(AppPlan(app), tuple(changes)))
    context.reporter.note(*map(change_block, changes))
    await ask_consent(context, "this", question)
