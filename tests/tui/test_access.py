"""The second question: checks, verdicts, and every way out of a closed gate."""

from __future__ import annotations

import asyncio
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.stage import MODEL, Stage, at, opened, seen, sees, until
from wizard.rehearsal.fixtures import new_token_value
from wizard.services.credentials.os_keyring import Keychain
from wizard.tui.app import WizardApp
from wizard.tui.screens.access.screen import AccessScreen

OPEN_MODEL = "rehearsal-lab/tiny-character-open"


@asynccontextmanager
async def at_access(app: WizardApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[Any]]:
    """The wizard at the second question, for the model that its Draft names."""
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        app.go("access")
        await at(pilot, "access")
        yield pilot


def footer(app: WizardApp) -> str:
    """The keys that are on offer."""
    return seen(app).splitlines()[-1]


def allowed(app: WizardApp) -> set[str]:
    """The keys of this screen that mean something right now."""
    names = ("go_on", "open", "copy", "paste", "login", "better", "keep", "other", "again")
    return {name for name in names if app.screen.check_action(name, ())}


async def test_ready_shows_each_check_and_goes_on_to_modal(make_app: Callable[..., WizardApp]) -> None:
    app = make_app(model=MODEL)
    async with at_access(app) as pilot:
        shown = await sees(
            pilot, "✓ Model", "✓ Access ", "✓ Access token", "can read the weights", "Press Enter to continue"
        )
        assert "robin's read access token hf_…" in shown
        assert allowed(app) == {"go_on"}
        await pilot.press("enter")
        await at(pilot, "modal")


@pytest.mark.parametrize(
    ("status", "says", "next_key", "keys"),
    [
        (None, "has not asked for access yet", "Press o", {"open", "copy", "paste", "other", "again"}),
        ("pending", "have not answered yet", "Nothing to do", {"open", "copy", "paste", "other", "again"}),
        ("rejected", "rejected robin", "Press m", {"open", "copy", "paste", "other", "again"}),
        ("reset", "reset robin", "Press o", {"open", "copy", "paste", "other", "again"}),
    ],
)
async def test_a_closed_gate_says_its_cause_and_its_keys(
    make_app: Callable[..., WizardApp], stage: Stage, status: str | None, says: str, next_key: str, keys: set[str]
) -> None:
    stage.gate(status)
    app = make_app(model=MODEL)
    async with at_access(app, (100, 30)) as pilot:
        shown = await sees(pilot, says, next_key, "Hub response:", "Open models of similar size", f"1  {OPEN_MODEL}")
        assert (", since " in shown) == (status != "rejected")
        assert allowed(app) == keys
        await until(
            pilot, lambda: "o Open" in footer(app) and "Continue" not in footer(app), "the keys of this verdict"
        )


async def test_accepting_while_it_waits_goes_on_by_itself(
    make_app: Callable[..., WizardApp], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AccessScreen, "first_pause", 0.2)
    stage.gate("pending")
    app = make_app(model=MODEL)
    async with at_access(app) as pilot:
        await sees(pilot, "have not answered yet", ", since ")
        stage.gate("accepted")
        await sees(pilot, "can read the weights")
        await at(pilot, "modal")


async def test_a_rejection_while_it_waits_is_said(
    make_app: Callable[..., WizardApp], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AccessScreen, "first_pause", 0.2)
    stage.gate(None)
    app = make_app(model=MODEL)
    async with at_access(app) as pilot:
        await sees(pilot, "has not asked for access yet", ", since ")
        stage.gate("pending")
        await sees(pilot, "have not answered yet", ", since ")
        stage.gate("rejected")
        shown = await sees(pilot, "rejected robin", "✗ Access")
        assert ", since " not in shown


async def test_an_open_model_is_one_key_away(make_app: Callable[..., WizardApp], stage: Stage) -> None:
    stage.gate("pending")
    app = make_app(model=MODEL)
    async with at_access(app, (100, 30)) as pilot:
        await sees(pilot, f"1  {OPEN_MODEL}")
        await pilot.press("1")
        await sees(pilot, "can read the weights", "no access token is needed")
        assert app.session.draft.model == OPEN_MODEL
        await pilot.press("escape")
        await at(pilot, "model")


async def test_a_pasted_access_token_wins_for_this_session(
    make_app: Callable[..., WizardApp], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = new_token_value()
    stage.change({"tokens": {"pasted": {"person": "robin", "role": "read", "value": value, "state": "valid"}}})
    monkeypatch.delenv("HF_TOKEN")
    app = make_app(model=MODEL)
    async with at_access(app) as pilot:
        await sees(pilot, "no access token was sent", "✗ Access", "no access token found")
        assert {"paste", "login", "open"} <= allowed(app)
        await pilot.press("p")
        await sees(pilot, "Paste an access token")
        app.screen.query_one("#token-field").post_message(Paste(value))
        shown = await sees(pilot, "A personal access token", "•••")
        assert value[3:12] not in shown
        field = app.screen.query_one("#token-field", Input)
        field.select_all()
        await pilot.press("ctrl+c", "ctrl+x")
        assert value not in app.clipboard and field.value == value, "a masked field gives nothing away"
        field.action_end()
        await pilot.press("enter")
        shown = await sees(pilot, "can read the weights", f"hf_…{value[-4:]} from your paste")
        await sees(pilot, "this session only", "not used in the demo")
        assert value not in shown and value[3:12] not in shown
        assert app.session.job is not None
        found = await app.session.job.ports.tokens.find("auto")
        assert found is not None and found.token.reveal() == value


class Drawer(KeyringBackend):
    """A keyring that works, in memory. `refuses` makes it locked."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.refuses = False

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.refuses:
            raise KeyringLocked("locked meanwhile")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.kept.pop((service, username), None)


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    before, drawer = keyring.get_keyring(), Drawer()
    keyring.set_keyring(drawer)
    yield drawer
    keyring.set_keyring(before)


@pytest.mark.parametrize("refuses", [False, True])
async def test_a_pasted_access_token_is_kept_on_a_key_and_only_then(
    make_app: Callable[..., WizardApp],
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    drawer: Drawer,
    refuses: bool,
) -> None:
    value = new_token_value()
    stage.change({"tokens": {"pasted": {"person": "robin", "role": "read", "value": value, "state": "valid"}}})
    monkeypatch.delenv("HF_TOKEN")
    app = make_app(model=MODEL)
    async with at_access(app) as pilot:
        await sees(pilot, "no access token was sent")
        job = app.session.job
        assert job is not None
        job.ports = app.ports = replace(job.ports, keyring=Keychain())  # as outside of a rehearsal
        await pilot.press("p")
        await sees(pilot, "Paste an access token")
        app.screen.query_one("#token-field").post_message(Paste(value))
        await sees(pilot, "A personal access token")
        await pilot.press("enter")
        await sees(pilot, "can read the weights", "Press k to keep it in the OS keyring")
        assert "keep" in allowed(app) and value not in drawer.kept.values()
        drawer.refuses = refuses
        await pilot.press("k")
        await sees(pilot, "Not saved" if refuses else "✓ Saved robin's access token in the OS keyring")
        assert (value in drawer.kept.values()) is not refuses
        assert "keep" not in allowed(app) and "go_on" in allowed(app)


async def test_a_dead_access_token_and_what_is_none_are_said_in_place(
    make_app: Callable[..., WizardApp], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    app = make_app(model=MODEL)
    async with at_access(app) as pilot:
        await sees(pilot, "no access token was sent")
        await pilot.press("p")
        field = app.screen.query_one("#token-field")
        for typed, says in (
            ("hf_xxx", "It is a placeholder"),
            ("ak-abcdefghij", "half of a Modal token"),
            ("“hf_abc”", "characters in it that no access token has"),
            ("hf_oauth_abcdefghijkl", "browser or CI login"),
        ):
            field.value = typed  # type: ignore[attr-defined]
            await sees(pilot, says)
        field.value = new_token_value()  # type: ignore[attr-defined]
        await pilot.press("enter")
        await sees(pilot, "The Hub does not know the access token")
        await pilot.press("escape")
        await sees(pilot, "no access token was sent")
        assert app.session.states["access"] == "blocked"


async def test_a_malformed_variable_is_a_verdict_too(
    make_app: Callable[..., WizardApp], monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    monkeypatch.setenv("HF_TOKEN", "'hf_quoted_by_mistake_0123456789'")
    app = make_app(model=MODEL)
    async with at_access(app) as pilot:
        shown = await sees(pilot, "The value from HF_TOKEN is not an access token", "Press p")
        assert "quoted_by_mistake" not in shown
        assert "paste" in allowed(app)


async def test_a_better_access_token_that_is_hidden_is_one_key_away(
    make_app: Callable[..., WizardApp], monkeypatch: pytest.MonkeyPatch, stage: Stage, tmp_path: Path
) -> None:
    from huggingface_hub import constants

    (tmp_path / "token").write_text(stage.env["HF_TOKEN"], encoding="utf-8")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setenv("HF_TOKEN", new_token_value())
    app = make_app(model=MODEL)
    async with at_access(app, (100, 30)) as pilot:
        await sees(pilot, "The Hub does not know the access token from HF_TOKEN", "press u to use it")
        await pilot.press("u")
        await sees(pilot, "can read the weights", "from `hf auth login`")


async def approve(stage: Stage, code: str) -> None:
    """What the person does in the browser."""
    page = stage.env["HF_ENDPOINT"] + "/oauth/device/answer"
    form = urllib.parse.urlencode({"user_code": code, "decision": "approve"}).encode()
    headers = {"Origin": stage.env["HF_ENDPOINT"]}
    request = urllib.request.Request(page, data=form, headers=headers, method="POST")
    await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=10).close())


async def test_a_browser_login_shows_its_code_and_goes_on_when_approved(
    make_app: Callable[..., WizardApp], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    app = make_app(model=MODEL)
    async with at_access(app, (100, 30)) as pilot:
        await sees(pilot, "no access token was sent")
        await pilot.press("b")
        await sees(pilot, "Waiting for your browser", "/oauth/device", "Code")
        assert allowed(app) == {"open", "copy"}
        await pilot.press("escape")
        await sees(pilot, "no access token was sent")
        assert type(app.screen) is AccessScreen
        await pilot.press("b")
        await sees(pilot, "Waiting for your browser")
        screen: Any = app.screen
        await approve(stage, screen.login.user_code)
        await sees(
            pilot, "✓ Access ", "expires within 30 days", "Press o to create a lasting one", "then p to paste it"
        )
        assert "paste" in allowed(app) and "go_on" not in allowed(app)


async def test_an_unreachable_hub_is_looked_at_again(make_app: Callable[..., WizardApp], stage: Stage) -> None:
    stage.break_at("hub:*", kind="status", status=503, message="Service Unavailable")
    app = make_app(model=MODEL)
    async with at_access(app) as pilot:
        await sees(pilot, "cannot be reached", "press r")
        assert allowed(app) == {"again", "other"}
        stage.repair()
        await pilot.press("r")
        await sees(pilot, "can read the weights")


async def test_back_and_forth_keeps_the_verdict(make_app: Callable[..., WizardApp], stage: Stage) -> None:
    stage.gate("rejected")
    app = make_app(model=MODEL)
    async with at_access(app) as pilot:
        await sees(pilot, "rejected robin")
        asked = len(stage.asked_hub())
        await pilot.press("escape")
        await at(pilot, "model")
        app.go("access")
        await at(pilot, "access")
        shown = await sees(pilot, "rejected robin")
        assert "Checking…" not in shown
        again = [path for path in stage.asked_hub()[asked:] if path.endswith("/auth-check")]
        assert not [path for path in again if MODEL + "/" in path]


async def test_resizing_keeps_the_verdict_and_the_masked_field(
    make_app: Callable[..., WizardApp], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    app = make_app(model=MODEL)
    async with at_access(app) as pilot:
        await sees(pilot, "no access token was sent")
        await pilot.press("p", *"hf_abc")
        for size in ((60, 20), (120, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            await sees(pilot, "••••••")
        assert app.screen.query_one("#token-field").value == "hf_abc"  # type: ignore[attr-defined]


async def test_without_a_model_the_way_back_is_shown(app: WizardApp) -> None:
    async with at_access(app) as pilot:
        await sees(pilot, "No model has been chosen yet", "Press m")
        await pilot.press("m")
        await at(pilot, "model")


async def test_the_address_is_copied_and_printed_again(make_app: Callable[..., WizardApp], stage: Stage) -> None:
    stage.gate(None)
    app = make_app(model=MODEL)
    async with at_access(app) as pilot:
        await sees(pilot, "has not asked for access yet")
        await pilot.press("c")
        await until(pilot, lambda: bool(app.exit_messages), "the farewell")
        assert app.exit_messages == [f"{stage.env['HF_ENDPOINT']}/{MODEL}"] and app.clipboard == app.exit_messages[0]


async def test_enter_that_comes_before_the_verdict_counts(make_app: Callable[..., WizardApp], stage: Stage) -> None:
    stage.break_at("hub:*", kind="delay", seconds=0.4)
    app = make_app(model=MODEL)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.go("access")
        access = await at(pilot, "access")
        await until(pilot, lambda: access.looking and not access.judged, "a check that takes a while")
        await pilot.press("enter")
        await at(pilot, "modal")
