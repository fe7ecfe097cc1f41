"""The third question: signed in to Modal, and what its Modal Secret holds."""

from __future__ import annotations

import asyncio
import re
import urllib.parse
import urllib.request
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.stage import MODEL, Stage, at, opened, sees, told, until
from wizard.core.access_token import AccessToken
from wizard.core.events import Failed, StepFinished
from wizard.flow.deploy.job import plan_event
from wizard.tui.app import WizardApp

OTHER_TOKEN = "hf_" + "b" * 34


@pytest.fixture
def name() -> str:
    """A Modal Secret that no other test knows."""
    return f"secret-{uuid.uuid4().hex[:8]}"


@asynccontextmanager
async def at_modal(app: WizardApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[Any]]:
    """The wizard at the third question, with the access token checked."""
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        app.go("access")
        await at(pilot, "access")
        await sees(pilot, "Press Enter to continue")
        await pilot.press("enter")
        await at(pilot, "modal")
        yield pilot


async def put(app: WizardApp, name: str, token: str, *, ours: bool) -> None:
    """Make a Modal Secret as this program does, or as anybody else would."""
    service: Any = app.ports.modal if app.ports else None
    if ours:
        await service.put_secret(name, AccessToken(token))
        return
    import modal

    await service.connect()
    await modal.Secret.objects.create.aio(name, {"HF_TOKEN": token}, client=service._client)


async def look_again(pilot: Pilot[Any]) -> None:
    await sees(pilot, "Press Enter to continue")
    await pilot.press("r")


async def test_ready_names_workspace_and_environment_and_goes_on(make_app: Callable[..., WizardApp], name: str) -> None:
    app = make_app(model=MODEL, secret=name)
    async with at_modal(app) as pilot:
        await sees(
            pilot, "workspace rehearsal, environment main", f"{name}: will be created", "Press Enter to continue"
        )
        assert app.session.states["modal"] == "done"
        assert app.screen.check_action("go_on", ()) and not app.screen.check_action("copy", ())


async def test_what_a_deploy_has_made_is_there_when_one_comes_back(
    make_app: Callable[..., WizardApp], name: str
) -> None:
    app = make_app(model=MODEL, secret=name)
    async with at_modal(app) as pilot:
        await sees(pilot, f"{name}: will be created", "Press Enter to continue")
        job = app.session.job
        assert job is not None and not isinstance(await plan_event(job), Failed)
        assert await app.run_step("secret", app.screen) is None  # type: ignore[arg-type]
        app.go("review")
        await at(pilot, "review")
        app.go("modal")
        await sees(pilot, f"{name}: already holds your access token", "Press Enter to continue")


async def test_ours_is_told_from_an_older_one(make_app: Callable[..., WizardApp], name: str, stage: Stage) -> None:
    app = make_app(model=MODEL, secret=name)
    async with at_modal(app) as pilot:
        await sees(pilot, "will be created")
        await put(app, name, OTHER_TOKEN, ours=True)
        await look_again(pilot)
        await sees(pilot, f"{name}: will be updated; holds an older access token")
        await put(app, name, stage.env["HF_TOKEN"], ours=True)
        await look_again(pilot)
        await sees(pilot, f"{name}: already holds your access token")


@pytest.mark.long
async def test_somebody_elses_is_used_replaced_or_left_alone(make_app: Callable[..., WizardApp], name: str) -> None:
    app = make_app(model=MODEL, secret=name)
    async with at_modal(app) as pilot:
        await sees(pilot, "will be created")
        await put(app, name, OTHER_TOKEN, ours=False)
        await look_again(pilot)
        await sees(pilot, "outlines-wizard did not create it", "Use it as it is", "Replace the access")
        assert not app.screen.check_action("go_on", ())
        await pilot.press("enter")
        await sees(pilot, "used as is", "Press Enter to continue")
        assert not app.session.options.replace_secret
        await pilot.press("s", "down", "enter")
        await sees(pilot, "its access token will be replaced")
        assert app.session.options.replace_secret
        assert app.session.job is not None and app.session.job.options.replace_secret
        await pilot.press("s", "down", "enter")  # the cursor stands on what was chosen
        await sees(pilot, "Press Enter to check whether it exists")
        await pilot.press(*"a b", "enter")
        await sees(pilot, "is not a name that Modal takes")
        app.screen.query_one("#secret-name").value = f"{name}-2"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await sees(pilot, f"{name}-2: will be created")
        assert app.session.draft.secret == f"{name}-2" and not app.session.options.replace_secret
        assert "Use it as it is" not in told(app)


async def test_an_open_model_needs_none(make_app: Callable[..., WizardApp]) -> None:
    app = make_app(model="rehearsal-lab/tiny-character-open")
    async with at_modal(app) as pilot:
        await sees(pilot, "workspace rehearsal", "not needed: the model is open", "Press Enter to continue")
        assert not app.screen.check_action("secret", ())


async def test_without_a_modal_token_the_command_is_shown_and_copied(
    make_app: Callable[..., WizardApp], monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    monkeypatch.delenv("MODAL_TOKEN_ID")
    monkeypatch.delenv("MODAL_TOKEN_SECRET")
    app = make_app(model=MODEL)
    async with at_modal(app) as pilot:
        await sees(pilot, "There is no Modal token on this computer", "modal token new", "then press r")
        assert not app.screen.check_action("go_on", ())
        await pilot.press("c")
        await pilot.pause()
        assert app.clipboard == "modal token new"
        monkeypatch.setenv("MODAL_TOKEN_ID", stage.env["MODAL_TOKEN_ID"])
        monkeypatch.setenv("MODAL_TOKEN_SECRET", stage.env["MODAL_TOKEN_SECRET"])
        await pilot.press("r")
        await sees(pilot, "workspace rehearsal", "Press Enter to continue")


async def test_modal_out_of_reach_is_said_and_looked_at_again(
    make_app: Callable[..., WizardApp], stage: Stage, name: str
) -> None:
    app = make_app(model=MODEL, secret=name)
    stage.break_at("modal:*", kind="status", status="UNAVAILABLE", message="the service is being restarted")
    async with at_modal(app) as pilot:
        await sees(pilot, "✗ Modal", "press r to check again")
        stage.repair()
        await pilot.press("r")
        await sees(pilot, "workspace rehearsal", "Press Enter to continue")


async def test_back_and_forth_and_resizing_keep_the_answer(make_app: Callable[..., WizardApp], name: str) -> None:
    app = make_app(model=MODEL, secret=name)
    async with at_modal(app) as pilot:
        await sees(pilot, "Press Enter to continue")
        for size in ((60, 20), (120, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            await sees(pilot, f"{name}: will be created")
        await pilot.press("escape")
        await at(pilot, "access")
        await sees(pilot, "can read the weights")
        await pilot.press("enter")
        await at(pilot, "modal")
        assert "Asking Modal" not in told(app)
        await sees(pilot, f"{name}: will be created")


def approve(url: str) -> None:
    """Approve a sign-in on its page, as the form there does."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        page = answer.read().decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    form = urllib.parse.urlencode({"key": key.group(1), "decision": "approve"}).encode()
    with urllib.request.urlopen(url, data=form, timeout=10) as answer:
        answer.read()


async def test_signing_in_with_the_browser_goes_on_by_itself(
    make_app: Callable[..., WizardApp], monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    monkeypatch.setenv("MODAL_TOKEN_ID", "")
    monkeypatch.setenv("MODAL_TOKEN_SECRET", "")
    app = make_app(model=MODEL)
    async with at_modal(app) as pilot:
        await sees(pilot, "There is no Modal token on this computer", "Press b to sign in")
        await pilot.press("b")
        await sees(pilot, "Waiting for your browser", "/token-flow/", "code:")
        page: Any = app.screen
        await asyncio.to_thread(approve, page._page.url)
        await sees(pilot, "workspace rehearsal", "Press Enter to continue")
    config = Path(stage.env["MODAL_CONFIG_PATH"])
    assert config.stat().st_mode & 0o077 == 0
    config.write_text("")


@pytest.fixture
def places(stage: Stage) -> Iterator[None]:
    """What a test does to environments is undone."""
    yield
    from modal.environments import delete_environment, list_environments

    async def sweep() -> None:
        for item in await list_environments.aio():
            if item.name != "main":
                await delete_environment.aio(item.name)

    asyncio.run(sweep())


@pytest.mark.long
async def test_an_environment_is_made_chosen_and_repeated_by_the_command(
    make_app: Callable[..., WizardApp], name: str, places: None
) -> None:
    app = make_app(model=MODEL, secret=name)
    async with at_modal(app) as pilot:
        await sees(pilot, f"{name}: will be created", "Press Enter to continue")
        await put(app, name, OTHER_TOKEN, ours=True)
        await pilot.press("e")
        await sees(pilot, "main · in use", "New environment")
        await pilot.press("end", "enter")
        await sees(pilot, "Press Enter to create it now")
        for typed, said in (("", "Nothing typed yet"), ("two words", "is not a name that Modal takes")):
            app.screen.query_one("#environment-name").value = typed  # type: ignore[attr-defined]
            await pilot.press("enter")
            await sees(pilot, said)
        app.screen.query_one("#environment-name").value = f"env-{name}"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await sees(pilot, f"environment env-{name}", f"{name}: will be created", "Press Enter to continue")
        assert app.session.job is not None and app.session.job.workspace is not None
        assert app.session.job.workspace.environment == f"env-{name}"
        await pilot.press("enter")
        await at(pilot, "function")
        app.session.note(StepFinished("function", "ready", ""))
        app.go("review")
        await at(pilot, "review")
        await sees(pilot, f"--environment env-{name}")
        app.go("modal")
        await at(pilot, "modal")
        await pilot.press("e")
        await sees(pilot, f"env-{name} · in use")
        await pilot.press("home", "enter")
        await sees(pilot, "environment main", f"{name}: will be updated; holds an older access token")


async def test_escape_leaves_the_environment_as_it_was(make_app: Callable[..., WizardApp], name: str) -> None:
    app = make_app(model=MODEL, secret=name)
    async with at_modal(app) as pilot:
        await sees(pilot, "Press Enter to continue")
        await pilot.press("e")
        await sees(pilot, "New environment")
        assert not app.screen.check_action("go_on", ())
        await pilot.press("end", "enter", "escape", "escape")
        await until(pilot, lambda: bool(app.screen.check_action("go_on", ())), "the question is put away")
        assert "New environment" not in told(app)


async def test_an_environment_that_is_not_there_can_be_made_here(
    make_app: Callable[..., WizardApp], name: str, places: None
) -> None:
    app = make_app(model=MODEL, secret=name)
    async with at_modal(app) as pilot:
        await sees(pilot, "Press Enter to continue")
        service: Any = app.ports.modal if app.ports else None
        service._environment = "nowhere"
        await pilot.press("r")
        await sees(pilot, "Modal has no environment 'nowhere'", "Press e to choose another one or create it")
        await pilot.press("e")
        await sees(pilot, "New environment")
        await pilot.press("end", "enter")
        app.screen.query_one("#environment-name").value = "nowhere"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await sees(pilot, "environment nowhere", "Press Enter to continue")


async def test_a_fresh_rehearsal_speaks_of_no_other_terminal(
    make_app: Callable[..., WizardApp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODAL_TOKEN_ID")
    monkeypatch.delenv("MODAL_TOKEN_SECRET")
    app = make_app(lasting=False, model=MODEL)
    async with at_modal(app) as pilot:
        await sees(pilot, "There is no Modal token on this computer", "Press b to sign in with your browser.")
        assert "another terminal" not in told(app) and not app.screen.check_action("copy", ())
