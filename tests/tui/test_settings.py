"""Advanced settings on screen and in the command that repeats them, for settings that are made up here."""

from __future__ import annotations

from textual import on
from textual.app import App, ComposeResult
from textual.widgets import Checkbox, Input, Select, Static

from tests.support.made_up_settings import LargerDraft
from wizard.core.output.output_type import OutputType
from wizard.flow.deploy.repeat_command import deploy_command
from wizard.tui.screens.function.settings import Settings


class OnlySettings(App[None]):
    """Nothing but the settings; keeps what is edited."""

    def __init__(self) -> None:
        super().__init__()
        self.edited: dict[str, object] = {}

    def compose(self) -> ComposeResult:
        yield Settings(LargerDraft(model="acme/model", retries=7))

    @on(Settings.Edited)
    def _edited(self, event: Settings.Edited) -> None:
        self.edited[event.name] = event.problem or event.value


async def test_a_setting_with_a_label_has_its_widget() -> None:
    async with OnlySettings().run_test() as pilot:
        app = pilot.app
        assert isinstance(app, OnlySettings)
        labels = [str(label.content) for label in app.query(".label").results(Static)]
        assert labels.index("Region") < labels.index("Retries") < labels.index("Snapshot") < labels.index("Warm")
        region, retries = app.query_one("#region", Input), app.query_one("#retries", Input)
        assert (region.value, region.placeholder, region.tooltip) == ("", "eu", "Nearer is faster")
        assert (retries.value, retries.placeholder) == ("7", "3")
        region.value, retries.value = "us", "x"
        app.query_one("#snapshot", Select).value = "gpu"
        app.query_one("#warm", Checkbox).toggle()
        await pilot.pause()
        said = {
            "region": "us",
            "retries": '"Retries" must be a whole number, 0-10.',
            "snapshot": "gpu",
            "warm": True,
        }
        assert app.edited | said == app.edited
        app.query_one(Settings).show(LargerDraft(model="acme/model", retries=2))
        await pilot.pause()
        assert retries.value == "2"
        assert (app.edited["snapshot"], app.edited["warm"]) == (None, None), "the default is no decision"


def test_the_command_repeats_what_is_decided() -> None:
    draft = LargerDraft(model="a/b", output=OutputType("text"), region="us", retries=0, warm=True)
    assert deploy_command(draft).text == "outlines-wizard deploy --model a/b --region us --retries 0 --warm --text"
