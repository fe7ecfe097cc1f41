"""A kind of output type that is only registered is edited and judged on the function screen."""

from __future__ import annotations

import pytest
from textual.widgets import Input, Select, TextArea

from tests.support.made_up_kind import EMAIL_LIST, register
from tests.tui.stage import until
from tests.tui.test_function import asked, decided, put, verdict
from wizard.core.output.output_type import OutputType
from wizard.tui.app import WizardApp


async def test_it_is_listed_edited_checked_and_judged(
    app: WizardApp, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    register(monkeypatch, tmp_path_factory.mktemp("children"))
    async with asked(app) as pilot:
        await put(pilot, EMAIL_LIST.name, "#email-list", "many")
        await until(pilot, lambda: "is not a number of addresses" in verdict(app), "what is wrong with it")
        app.screen.query_one("#of-email-list #gallery", Select).value = 0
        await decided(pilot, OutputType("email-list", "2"))
        await until(pilot, lambda: verdict(app).startswith("✓ up to 2 e-mail addresses: compiles"), "a good verdict")
        assert app.screen.query_one("#email-list", Input).value == EMAIL_LIST.presets[0].text
        assert app.screen.query_one("#prompt", TextArea).text == "Name up to 2 e-mail addresses."
        assert app.ports is not None
        assert app.ports.validation.judge(OutputType("email-list", "2"), "amiri@example.org").valid
