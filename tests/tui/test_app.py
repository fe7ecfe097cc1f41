"""The frame by itself: preferences, palette, rail, help, leaving; services never open here."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding
from textual.color import Color
from textual.widgets import Static
from textual.widgets._footer import FooterKey

from tests.tui.stage import at, seen, sees, until
from tests.tui.walking import press_stop
from wizard.core.problem import Problem
from wizard.flow.ports.services import Ports
from wizard.rehearsal.fixtures import new_token_value
from wizard.tui.app import WizardApp
from wizard.tui.help.pages import PAGES
from wizard.tui.help.screen import HelpScreen
from wizard.tui.leaving import LeavingScreen
from wizard.tui.navigator import HOME, STOPS
from wizard.tui.preferences import read_preferences
from wizard.tui.widgets.key_line import KeyLine
from wizard.tui.widgets.rail import Rail
from wizard.tui.widgets.search_field import SearchField
from wizard.tui.wizard_session import WizardSession

SCREEN_NAMES = (*STOPS, HOME)


@asynccontextmanager
async def never() -> AsyncIterator[Ports]:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")
    yield


def wizard(**more: Any) -> WizardApp:
    return WizardApp(never, **more)


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration folder of the test's own."""
    folder = tmp_path / "config"
    folder.mkdir()
    monkeypatch.setattr("wizard.tui.preferences.config_folder", lambda: folder)
    return folder


async def test_the_banner_is_there_in_a_rehearsal_and_only_then() -> None:
    for rehearsal in (True, False):
        app = wizard(rehearsal=rehearsal)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert app.screen.query_one("#banner").display is rehearsal


async def test_every_action_with_a_key_is_in_the_palette() -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        app.go("access")
        await at(pilot, "access")
        titles = [command.title for command in app.get_system_commands(app.screen)]
    for word in ("Back", "Help", "Quit", "Theme"):
        assert any(title.startswith(word) for title in titles), titles


async def test_a_key_of_the_persons_own_works(config: Path) -> None:
    (config / "keymap.toml").write_text('"app.quit" = "f10"\n')
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("f10")
        await pilot.pause()
    assert app.return_code == 0


async def test_a_theme_of_the_persons_own_is_used(config: Path) -> None:
    (config / "config.toml").write_text('theme = "outlines-light"\n')
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.theme == "outlines-light"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.toml", "theme = "),
        ("keymap.toml", "[[["),
        ("config.toml", "theme = 'x'"),
        ("keymap.toml", '"app.quti" = "f10"'),
        ("keymap.toml", "app.quit = 10"),
    ],
)
async def test_a_broken_preference_is_said_and_harmless(config: Path, name: str, text: str) -> None:
    (config / name).write_text(text)
    app = wizard()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        assert app.theme == "outlines-dark"
        assert len(app._notifications) == 1


def test_a_misspelt_action_is_said_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "keymap.toml").write_text('[log]\nserach = "ctrl+f"\nwrap = "z"\n')
    preferences = read_preferences(tmp_path)
    assert preferences.keymap == {"log.wrap": "z"}
    assert preferences.complaints == ("keymap.toml: there is no action 'log.serach'. Did you mean 'log.search'?",)


def test_without_preferences_nothing_is_made(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert read_preferences(missing).complaints == ()
    assert not missing.exists()


async def test_the_rail_is_one_line_of_marks_where_it_would_take_the_room_of_the_question() -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        rail, marks = app.screen.query_one(Rail), app.screen.query_one("#rail-line", Static)
        for size, is_rail in (((80, 24), False), ((60, 20), False), ((120, 40), True), ((109, 30), False)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert (rail.display, marks.display) == (is_rail, not is_rail), size
        assert str(marks.content) == "▶○○○○○○ 1/7 Model"


class Watched(WizardApp):
    """Keeps the layout of every frame that is drawn."""

    layouts: set[str]

    def _display(self, screen: Any, renderable: Any) -> None:
        self.layouts.update(screen.classes & {"-narrow", "-normal", "-wide"})
        super()._display(screen, renderable)


async def test_a_screen_that_is_shown_on_another_size_of_terminal_never_shows_the_layout_of_the_old_one(
    config: Path,
) -> None:
    app = Watched(never)
    app.layouts = set()
    async with app.run_test(size=(120, 40)) as pilot:
        for name in ("access", "function", "review", "home", "model"):
            app.go(name)
            await at(pilot, name)
        assert app.layouts == {"-wide"}
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        app.layouts.clear()
        for name in ("access", "modal", "function", "review", "home", "model"):
            app.go(name)
            await at(pilot, name)
        assert app.layouts == {"-narrow"}


@pytest.mark.parametrize("size", [(60, 20), (120, 40)])
async def test_where_there_are_no_steps_there_is_no_rail(size: tuple[int, int]) -> None:
    app = wizard()
    async with app.run_test(size=size) as pilot:
        await at(pilot, "model")
        app.go("home")
        await at(pilot, "home")
        assert not app.screen.query_one(Rail).display and not app.screen.query_one("#rail-line").display


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_what_has_the_focus_has_a_ring_and_a_brighter_title(size: tuple[int, int]) -> None:
    app = wizard()
    async with app.run_test(size=size) as pilot:
        await at(pilot, "model")
        bright = Color.parse(app.theme_variables["primary"])
        rings = list(app.screen.query(".ring").results())
        for name in ("search", "list"):
            app.screen.query_one(f"#{name}").focus()
            await pilot.pause()
            lit = [each.id for each in rings if each.styles.border_top[1] == bright]
            assert lit == [name] and app.screen.query_one(f"#{name}").styles.border_title_color == bright


async def test_leaving_asks_while_something_runs() -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.busy = "A deploy is running."
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert isinstance(app.screen, LeavingScreen)
        await pilot.press("n")
        await pilot.pause()
        assert not isinstance(app.screen, LeavingScreen)
        await pilot.press("ctrl+q")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
    assert app.return_code == 130


async def test_services_are_opened_once_the_first_question_is_drawn() -> None:
    drawn: list[str] = []

    @asynccontextmanager
    async def noting() -> AsyncIterator[Ports]:
        drawn.append(seen(app))
        await asyncio.Event().wait()
        yield  # type: ignore[misc]

    app = WizardApp(noting)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: bool(drawn), "services were opened")
        assert "Which model do you want to use?" in drawn[0] and "Starting…" in drawn[0]
        assert isinstance(app.focused, SearchField)


async def test_what_is_typed_while_services_open_is_kept() -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        await pilot.press(*"mist")
        await pilot.press("enter")  # a word is a search, which begins once services are open
        await sees(pilot, "mist", "Starting…")
        await at(pilot, "model")
        assert app.session.draft.model is None


@pytest.mark.parametrize(("typed", "taken"), [("", "org/suggested"), ("org/other", "org/other")])
async def test_enter_while_services_open_takes_the_model_that_is_known(typed: str, taken: str) -> None:
    app = wizard(suggested="org/suggested", rehearsal=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        await pilot.press(*typed)
        await pilot.press("enter")
        await at(pilot, "access")
        assert app.session.draft.model == taken


async def test_enter_while_services_open_takes_nothing_where_no_model_is_known() -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        await pilot.press("enter")
        await sees(pilot, "Starting…")
        assert app.session.draft.model is None


async def test_quitting_while_services_open_ends_at_once() -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+q")
    assert app.return_code == 0


async def test_services_that_do_not_open_are_said() -> None:
    @asynccontextmanager
    async def broken() -> AsyncIterator[Ports]:
        raise Problem("rehearsal_failed", "The demo's servers did not start: no such thing")
        yield

    app = WizardApp(broken)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(50):
            await pilot.pause(0.02)
            text = "\n".join(
                "".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()
            )
            if "did not start" in text:
                return
    raise AssertionError("the person was not told")


async def test_services_that_did_not_open_are_said_on_every_screen_until_they_do() -> None:
    tries = 0

    @asynccontextmanager
    async def late() -> AsyncIterator[Ports]:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise Problem("rehearsal_failed", "The demo's servers did not start.", "Free some memory.")
        await asyncio.Event().wait()
        yield  # type: ignore[misc]

    app = WizardApp(late)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.service_error is not None, "services failed")
        for name in ("access", "modal", "model"):
            app.go(name)
            await at(pilot, name)
            await sees(pilot, "The demo's servers did not start", "Free some memory. Press ctrl+r to try again")
            assert not app.screen.query_one("#answer").display
        app.go("access")
        await at(pilot, "access")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: tries == 2 and app.screen.query_one("#answer").display, "tried again")
        await sees(pilot, "Starting…")


async def test_a_mistake_in_opening_services_is_not_silent() -> None:
    @asynccontextmanager
    async def wrong() -> AsyncIterator[Ports]:
        raise KeyError("nobody thought of this")
        yield

    app = WizardApp(wrong)
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Internal error in outlines-wizard", "nobody thought of this")


@pytest.mark.parametrize(("width", "missing"), [(80, ()), (60, ("palette",)), (40, ("palette", "Quit"))])
async def test_the_keys_of_the_question_come_first_and_none_is_cut(width: int, missing: tuple[str, ...]) -> None:
    app = wizard()
    async with app.run_test(size=(width, 24)) as pilot:
        await until(pilot, lambda: bool(app.screen.query(FooterKey)), "the keys")
        shown = [key.description for key in app.screen.query(FooterKey)]
        assert shown[0] == "Choose"
        assert not set(missing) & set(shown)
        for key in app.screen.query(FooterKey):
            assert key.region.right <= width, key
        if width == 80:
            assert shown[-4:] == ["Details", "Help", "Quit", "palette"]


async def test_the_keys_are_composed_again_only_when_others_work() -> None:
    app = wizard()
    async with asyncio.timeout(20), app.run_test(size=(80, 24)) as pilot:
        keys = app.screen.query_one(KeyLine)
        while not keys.children:  # noqa: ASYNC110 - the very first: a pilot waits until all is composed
            await asyncio.sleep(0)
        first = list(keys.children)
        await pilot.press("x")  # each key asks which ones work now
        await pilot.pause()
        assert list(keys.children) == first
        await pilot.resize_terminal(40, 24)
        await until(pilot, lambda: "Quit" not in [key.description for key in app.screen.query(FooterKey)], "fewer keys")


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("review", {"Deploy", "Copy command", "Save file"}),
        ("sample", {"Again", "Copy", "Log"}),
        ("home", {"Ask", "Log", "Change", "Tear down", "Page"}),
    ],
)
async def test_keys_of_what_is_not_there_are_not_shown(name: str, hidden: set[str]) -> None:
    """No plan, nothing deployed, no function: what would be done with them has no key."""
    app = wizard()
    async with app.run_test(size=(200, 40)) as pilot:
        await at(pilot, "model")
        app.go(name)
        await at(pilot, name)
        await pilot.pause(0.1)
        shown = {key.description for key in app.screen.query_one(KeyLine).query(FooterKey)}
        assert "Help" in shown and not shown & hidden, shown


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("home", "f6"),  # where l is the log of the function that is chosen
        ("model", "f6"),  # where l is typed
        ("access", "l"),
        ("modal", "l"),
        ("function", "l"),
        ("review", "l"),
        ("sample", "l"),
    ],
)
async def test_one_key_leads_to_the_log_while_a_deploy_runs(name: str, key: str) -> None:
    app = wizard()
    async with app.run_test(size=(200, 40)) as pilot:
        await at(pilot, "model")
        deploy: Any = app.get_screen("deploy")
        deploy.started_once, deploy.worker = True, app.run_worker(asyncio.sleep(60))
        if name != "model":
            app.go(name)
        await at(pilot, name)
        app.busy = "A deploy is running."

        def shown() -> dict[str, str]:
            found = app.screen.query_one(KeyLine).query(FooterKey)
            return {each.description: each.key_display for each in found if each.description.endswith(("Log", "log"))}

        await until(pilot, lambda: key in shown().values(), "it is in the footer")
        assert len(shown()) == 1, shown()
        title = f"{next(iter(shown()))} ({key})"
        assert title in [command.title for command in app.get_system_commands(app.screen)]
        await pilot.press(key)
        await at(pilot, "deploy")
        deploy.worker.cancel()
        app.go(name)
        await at(pilot, name)
        app.busy = None
        await until(pilot, lambda: "Running log" not in shown(), "it goes with the deploy")


async def test_the_rail_leads_to_the_plan_until_a_job_has_begun() -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        await press_stop(pilot, "deploy")
        await at(pilot, "review")
        app.session.states["secret"] = "done"
        app.session.states["deploy"] = "blocked"
        assert app.stop_of("deploy") == "deploy"
        assert app.stop_of("token") == "access"


async def test_back_leads_to_where_one_came_from() -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        await pilot.press("escape")
        assert await at(pilot, "model"), "nothing was there before"
        app.go("home")
        await at(pilot, "home")
        await pilot.press("n")
        await at(pilot, "model")
        await pilot.press("escape")
        await at(pilot, "home")
        app.go("sample")
        await at(pilot, "sample")
        app.go("deploy")
        await at(pilot, "review")  # nothing has been deployed, so there is no log yet
        await pilot.press("escape")
        await at(pilot, "function")
        app.get_screen("deploy").started_once = True  # type: ignore[attr-defined]
        app.go("sample")
        await at(pilot, "sample")
        for _ in range(2):  # the second time as the first
            await pilot.press("l")
            await at(pilot, "deploy")
            await pilot.press("escape")
            await at(pilot, "sample")
        await pilot.press("escape")
        await at(pilot, "deploy")
        await pilot.press("escape")
        await at(pilot, "review")
        await press_stop(pilot, "modal")
        await at(pilot, "modal")
        await pilot.press("ctrl+n")  # goes on, and has not come back for the plan
        await at(pilot, "function")
        await pilot.press("escape")
        await at(pilot, "modal")
        await pilot.press("escape")
        await at(pilot, "access")


@pytest.mark.parametrize(
    ("name", "chosen", "opens"),
    [("w3m", "", False), ("lynx", "lynx", False), ("w3m", "w3m -N %s", False), ("mine", "mine", True)],
)
async def test_a_browser_for_the_terminal_does_not_draw_over_the_wizard(
    name: str, chosen: str, opens: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / name
    program.write_text(f"#!/bin/sh\necho here > {tmp_path}/ran\n")
    program.chmod(0o755)
    monkeypatch.setattr(webbrowser, "_tryorder", None)  # found anew, from these variables
    monkeypatch.setattr(webbrowser, "_browsers", {})
    for variable, value in (("DISPLAY", ""), ("WAYLAND_DISPLAY", ""), ("TERM", "xterm"), ("BROWSER", chosen)):
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    app = wizard()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        app.open_page("https://example.org/page")
        await sees(
            pilot, "Opened in the browser" if opens else "Open this page in a browser", "https://example.org/page"
        )
    assert (tmp_path / "ran").exists() is opens


@pytest.mark.parametrize("name", SCREEN_NAMES)
async def test_the_help_page_of_a_screen_says_why_what_and_how(name: str) -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        if name != "model":
            app.go("review" if name == "deploy" else name)
            await at(pilot, "review" if name == "deploy" else name)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen), "the help page")
        text = "\n".join(str(each.content) for each in app.screen.query(Static))
        for title in ("What is asked here, and why", "Keys", "Example", "Help for this screen"):
            assert title in text, (title, text)
        assert PAGES[name].purpose and PAGES[name].example
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, HelpScreen), "the page has gone")


def test_every_screen_has_a_help_page() -> None:
    assert set(SCREEN_NAMES) <= set(PAGES)


async def test_the_palette_has_no_doubles_and_says_what_each_entry_does() -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        for name in ("model", "access", "review"):
            if name != "model":
                app.go(name)
                await at(pilot, name)
            commands = list(app.get_system_commands(app.screen))
            titles = [command.title.split(" (")[0] for command in commands]
            assert len(set(titles)) == len(titles), (name, sorted(titles))
            for title, command in zip(titles, commands, strict=True):
                assert command.help and command.help != title, (name, command)


async def test_every_way_out_asks_while_something_runs() -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        app.busy = "A deploy is running."
        ways = [each.callback for each in app.get_system_commands(app.screen) if "uit" in each.title + str(each.help)]
        assert ways
        for way in (*ways, app.action_quit):
            result = way()
            if asyncio.iscoroutine(result):
                await result
            await until(pilot, lambda: isinstance(app.screen, LeavingScreen), "the question")
            await pilot.press("n")
            await at(pilot, "model")
        app.busy = None


async def test_escape_closes_what_is_said_over_the_screen_before_it_goes_back() -> None:
    app = wizard()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await at(pilot, "model")
        app.go("access")
        await at(pilot, "access")
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen), "the help")
        await pilot.press("escape")
        await at(pilot, "access")
        await pilot.press("escape")
        await at(pilot, "model")


@pytest.mark.parametrize("theme", ["outlines-dark", "outlines-light", "nord", "textual-light"])
async def test_what_may_be_overlooked_is_quiet_and_readable(theme: str) -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        app.theme = theme
        await pilot.pause()
        light = {name: luminance(app.theme_variables[name]) for name in ("quiet", "foreground", "background")}
        quiet, loud = contrast(light["quiet"], light["background"]), contrast(light["foreground"], light["background"])
        assert 4 <= quiet < loud, (theme, quiet, loud)


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in Color.parse(colour).normalized]
    return float(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2])


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_a_changed_answer_marks_only_what_rests_on_it() -> None:
    session = WizardSession()
    for step in session.states:
        session.states[step] = "done"
    session.decide("function", prompt="another")
    assert {step for step, state in session.states.items() if state == "todo"} == {"function", "deploy", "sample"}
    session.decide("model", model="acme/other")
    assert session.states["modal"] == "done"
    assert session.states["access"] == "todo"
    before = dict(session.states)
    session.states["access"] = "done"
    session.decide("model", model="acme/other")
    assert session.states["access"] == "done", before


SCREENS = ("home", "model", "access", "modal", "function", "review", "sample")


@pytest.mark.parametrize("name", SCREENS)
async def test_every_action_of_a_screen_is_in_the_palette_and_every_field_explains_itself(name: str) -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        if name != "model":
            app.go(name)
        await at(pilot, name)
        titles = [command.title for command in app.get_system_commands(app.screen)]
        for binding in type(app.screen).BINDINGS:
            assert isinstance(binding, Binding) and binding.id, binding
            if binding.show and app.screen.check_action(binding.action.split("(")[0], ()):
                assert any(title.startswith(f"{binding.description} (") for title in titles), (binding, titles)
        for widget in app.screen.query("*"):
            if widget.focusable and widget.display:
                assert any(getattr(around, "tooltip", None) for around in widget.ancestors_with_self), widget


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_a_theme_of_the_terminals_own_colours_is_drawn(theme: str) -> None:
    app = wizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "model")
        app.theme = theme
        await pilot.pause()
        assert app.theme_variables["quiet"] == "ansi_bright_black"
        await sees(pilot, "Which model do you want to use?", "1/7 Model")


BUG = """
import asyncio, os, sys
from contextlib import asynccontextmanager
from wizard.tui.app import WizardApp

@asynccontextmanager
async def never():
    await asyncio.Event().wait()
    yield

async def burst():
    secret = os.environ["HF_TOKEN"]
    headers = {"authorization": "Bearer " + secret}
    raise RuntimeError("could not send " + str(headers))

class Bursting(WizardApp):
    def on_mount(self):
        super().on_mount()
        self.run_worker(burst())

app = Bursting(never)
app.run(headless=True)
sys.exit(app.return_code)
"""


def test_a_bug_ends_in_a_traceback_that_shows_no_values() -> None:
    """Textual's own has the local variables of every call, and a token that the screen was about to send."""
    value = new_token_value()
    child = subprocess.run(
        [sys.executable, "-c", BUG],
        env={**os.environ, "HF_TOKEN": value, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = child.stdout + child.stderr
    assert child.returncode == 1, said
    assert "RuntimeError: could not send" in said and "in burst" in said and "bug in outlines-wizard" in said
    assert value not in said and value[5:15] not in said
