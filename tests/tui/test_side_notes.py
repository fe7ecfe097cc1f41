"""What stands beside the questions about access and Modal on a wide terminal, and that smaller ones do without it."""

from __future__ import annotations

from collections.abc import Callable

from tests.tui.stage import MODEL, sees
from tests.tui.walking import walk
from wizard.tui.app import WizardApp
from wizard.tui.screens.access.side import access_note
from wizard.tui.screens.modal.side import SIGN_IN, modal_note
from wizard.tui.widgets.side_note import ROOM, SideNote

MakeApp = Callable[..., WizardApp]


async def test_a_wide_terminal_says_what_the_answer_rests_on(make_app: MakeApp) -> None:
    app = make_app(model=MODEL, app="side-note", secret="side-secret")
    async with app.run_test(size=(200, 50)) as pilot:
        await walk(pilot, to="access")
        await sees(pilot, "What this rests on", "gated, automatic", "Belongs to", "robin", "never sees it")
        await pilot.resize_terminal(ROOM - 1, 40)
        await pilot.pause(0.2)
        assert not app.screen.query_one(SideNote).display, "the question keeps its room"
        await pilot.resize_terminal(200, 50)
        await walk(pilot, start="access", to="modal")
        await sees(
            pilot, "What a deploy makes there", "side-note", "side-secret, for your access token", "Signed in by"
        )


def test_without_an_answer_there_is_nothing_to_say_and_before_the_sign_in_where_it_goes() -> None:
    from wizard.core.plan.draft import Draft

    assert access_note(None) == []
    first, *others = modal_note(None, Draft(), "a-secret", needs_secret=True)
    assert (first.words, [each.title for each in others]) == (SIGN_IN, ["What it costs"]), "no model, nothing to make"
