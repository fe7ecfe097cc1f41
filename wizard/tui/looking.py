"""Looking again at what a plan rests on, before it is shown to somebody who has answered everything once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.core.steps import LOOKING
from wizard.tui.step_view import StepView

if TYPE_CHECKING:
    from wizard.core.plan.draft import Draft
    from wizard.tui.app import WizardApp


async def look_again(app: WizardApp) -> bool:
    """Run the steps that only look, and show the first question that is open.

    True where none is, and the person has not gone to another screen meanwhile.
    """
    screen = app.screen
    if not isinstance(screen, StepView):
        return False
    for step in LOOKING:
        failed = await app.run_step(step, screen)
        if app.screen is not screen:
            return False
        if failed is not None:
            app.go(app.stop_of(step))
            return False
    return True


def begin_with(app: WizardApp, draft: Draft) -> None:
    """Take what a function was deployed from as the Draft; everything that it rests on is to be looked at again."""
    for step in LOOKING:
        app.session.forget(step)
    app.session.draft = draft
