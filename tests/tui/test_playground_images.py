"""The playground with a model that sees: an image is named on screen, sent with the question, and kept with it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.codegen.tiny_vision import picture, seeing
from tests.tui.stage import Stage, opened, sees, until
from tests.tui.test_home import deployed
from tests.tui.test_playground import answers, at_the_playground
from wizard.core.output.output_type import OutputType
from wizard.tui.app import WizardApp

NAME = "tui-sees"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A rehearsal with a model that sees."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("a rehearsal needs torch")
    folder = seeing("idefics3", tmp_path_factory.mktemp("model") / "idefics3")
    stage = Stage.serve(tmp_path_factory.mktemp("state"), f"--serve={folder}=acme/idefics3")
    yield stage
    stage.end()


@pytest.mark.long
async def test_an_image_is_asked_about_and_asked_about_again_with_another_output_type(
    make_app: Callable[..., WizardApp], stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / "till.png").write_bytes(picture())
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await deployed(
            app, NAME, model="acme/idefics3", output=OutputType("choices", '["yes", "no"]'), prompt="A till?"
        )
        screen = await at_the_playground(pilot, NAME)
        screen.query_one("#images", Input).value = "till.png"
        await pilot.press("enter")
        await answers(pilot, 1)
        await sees(pilot, "✓ Valid", "> A till?")
        await pilot.press("f2")
        await until(pilot, lambda: bool(screen.query("#choices")) and app.focused is not None, "the settings")
        screen.query_one("#choices", Input).value = "red, green, blue"
        await pilot.press("ctrl+n")
        await answers(pilot, 2)
        await sees(pilot, "✓ Valid")
        first, second = stage.asked_functions()[-2:]
        assert first["images"] == second["images"] == [str(picture())]
        assert "form" not in first and second["form"] == "regex"
        assert screen.tries[-1].sample.text in ("red", "green", "blue")
        assert [each.question.images for each in screen.tries] == [("till.png",)] * 2
        sent = len(stage.asked_functions())
        screen.query_one("#images", Input).value = "gone.png"
        await pilot.press("r")
        await sees(pilot, "✗ gone.png cannot be read")
        assert len(stage.asked_functions()) == sent and not screen.asking
