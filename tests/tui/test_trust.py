"""A mirror on the second question: what is said of it, the key that trusts it, and where that is kept."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tui.stage import MODEL, Stage, at, seen, sees, until
from tests.tui.test_access import OPEN_MODEL, at_access
from wizard.cli.session import SessionOptions
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.draft import Draft
from wizard.tui.app import WizardApp
from wizard.wiring import _services


@pytest.fixture
def real(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., WizardApp]:
    """The wizard as it is without a rehearsal; the public Hub is out of reach, and the stand-in is a mirror."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.delenv("OUTLINES_WIZARD_TRUST_ENDPOINT")

    def make(**draft: Any) -> WizardApp:
        draft = {"output": CHARACTER, "model": MODEL} | draft
        return WizardApp(lambda: _services(SessionOptions()), draft=Draft(**draft), opens_home=False)

    return make


async def test_a_mirror_is_asked_about_once_and_the_yes_is_kept(
    real: Callable[..., WizardApp], stage: Stage, tmp_path: Path
) -> None:
    mirror = stage.env["HF_ENDPOINT"]
    config = tmp_path / "config-home" / "outlines-wizard" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('# mine\n[deploy]\ngpu = "L4"\n')
    app = real()
    async with at_access(app, (120, 40)) as pilot:
        shown = await sees(
            pilot, "was asked without your access", "Press t to trust", "Or press Enter to continue", "t Trust"
        )
        assert f"{MODEL} is gated" in shown and mirror in shown and "checked later" in shown
        assert app.screen.check_action("go_on", ())
        await pilot.press("t")
        await sees(pilot, "can read the weights", "Press Enter to continue")
        assert not app.screen.check_action("trust", ())
    text = config.read_text()
    assert text.startswith('# mine\n[deploy]\ngpu = "L4"\n')
    assert tomllib.loads(text)["hub"] == {"trusted": [mirror]}
    again = real()
    async with at_access(again) as pilot:
        await sees(pilot, "can read the weights")


async def test_without_trust_enter_goes_on(real: Callable[..., WizardApp], stage: Stage, tmp_path: Path) -> None:
    app = real()
    async with at_access(app, (100, 30)) as pilot:
        await sees(pilot, "Press t to trust")
        await pilot.press("enter")
        await at(pilot, "modal")
    assert not (tmp_path / "config-home" / "outlines-wizard" / "config.toml").exists()


async def test_an_open_model_asks_nothing(real: Callable[..., WizardApp], stage: Stage) -> None:
    app = real(model=OPEN_MODEL)
    async with at_access(app) as pilot:
        await sees(pilot, "Everybody can read the weights")
        assert "Trust" not in seen(app) and not app.screen.check_action("trust", ())


async def test_a_model_that_the_mirror_does_not_tell_of_can_still_be_asked_for(
    real: Callable[..., WizardApp], stage: Stage
) -> None:
    app = real(model="robin/private-character")
    async with at_access(app, (100, 30)) as pilot:
        await sees(pilot, "does not exist or is private", "Press t to trust")
        assert not app.screen.check_action("go_on", ())
        await pilot.press("t")
        await until(pilot, lambda: "can read the weights" in seen(app), "the private model can be read")
