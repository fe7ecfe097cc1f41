"""The live log: batches, following, filters, finding, carriage returns, bounds, and the file on disk."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Button, Input, Static

from tests.tui.stage import Stage, until
from wizard.cli.session import SessionOptions
from wizard.core.events import LogLine, LogSource
from wizard.flow.ports.modal import DeployOutcome
from wizard.tui.widgets.log.file import LogFile
from wizard.tui.widgets.log.panel import LogPanel
from wizard.tui.widgets.log.view import LogView
from wizard.wiring import _services


class Bench(App[None]):
    """A log and nothing else, with a key whose press is noticed."""

    BINDINGS = [("k", "knock", "Knock")]  # noqa: RUF012
    knocked = 0.0

    def on_mount(self) -> None:
        self.heard = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield LogPanel(id="panel")

    def action_knock(self) -> None:
        self.knocked = time.perf_counter()
        self.heard.set()


def line(text: str, source: LogSource = "stdout", at: float = 0.0) -> LogLine:
    return LogLine(source, text, at)


def rows(app: Bench) -> list[str]:
    return [row.entry.text for row in app.query_one(LogView).rows]


def state(app: Bench) -> str:
    return str(app.query_one("#log-state", Static).content)


async def write(app: Bench, pilot: object, *lines: LogLine) -> None:
    for each in lines:
        app.query_one(LogPanel).feed(each)
    app.query_one(LogPanel).drain()
    await pilot.pause()  # type: ignore[attr-defined]


async def test_ten_thousand_lines_arrive_in_order_and_the_end_is_shown() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        began = time.perf_counter()
        for number in range(10_000):
            app.query_one(LogPanel).feed(line(f"line {number}"))
        await until(pilot, lambda: len(rows(app)) == 10_000, "every line")
        assert time.perf_counter() - began < 3, "ten thousand lines take less than three seconds"
        assert rows(app)[0] == "line 0" and rows(app)[-1] == "line 9999"
        view = app.query_one(LogView)
        assert view.following and round(view.scroll_y) == view.max_scroll_y
        assert "10000 lines" in state(app)


async def test_a_single_batch_that_is_longer_than_the_screen_is_followed_to_its_end() -> None:
    app = Bench()
    async with app.run_test(size=(80, 14)) as pilot:
        for number in range(40):
            app.query_one(LogPanel).feed(line(f"{number} " + "x" * 100))
        view = app.query_one(LogView)
        await until(pilot, lambda: len(view.rows) == 40 and round(view.scroll_y) == view.max_scroll_y > 0, "the end")
        assert view.following


async def test_a_key_is_answered_while_ten_thousand_lines_a_second_arrive() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        panel, waits, done = app.query_one(LogPanel), [], False

        async def pour() -> None:
            while not done:
                for number in range(100):
                    panel.feed(line(f"a line of some ordinary length, as a build has it, number {number}"))
                await asyncio.sleep(0.01)

        pouring = asyncio.create_task(pour())
        for _ in range(15):
            await asyncio.sleep(0.05)
            app.heard.clear()
            asked = time.perf_counter()
            app.simulate_key("k")
            await app.heard.wait()
            waits.append(app.knocked - asked)
        done = True
        await pouring
        await pilot.pause()
        assert sorted(waits)[len(waits) // 2] < 0.1, waits


async def test_scrolling_up_pauses_and_a_pill_counts_what_is_new() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await write(app, pilot, *(line(f"line {n}") for n in range(100)))
        view, pill = app.query_one(LogView), app.query_one("#pill", Button)
        view.focus()
        await pilot.press("pageup")
        await until(pilot, lambda: not view.following, "paused")
        place = view.scroll_y
        await write(app, pilot, *(line(f"new {n}") for n in range(7)))
        assert view.scroll_y == place, "the reader's place is kept"
        assert pill.has_class("-shown") and "+7 lines" in str(pill.label)
        assert "paused" in state(app)
        await pilot.press("end")
        await until(pilot, lambda: view.following, "following again")
        assert not pill.has_class("-shown")
        assert round(view.scroll_y) == view.max_scroll_y


async def test_the_readers_place_is_kept_while_the_oldest_lines_go() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one(LogView)
        view.max_lines = 200
        await write(app, pilot, *(line(f"line {n}") for n in range(200)))
        view.scroll_to(y=100, animate=False, immediate=True)
        await until(pilot, lambda: not view.following, "paused")
        top = rows(app)[int(view.scroll_y)]
        await write(app, pilot, *(line(f"new {n}") for n in range(30)))
        assert len(view.rows) == 200, "no more lines than allowed"
        assert rows(app)[int(view.scroll_y)] == top


async def test_memory_is_bounded_and_the_file_has_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path / "logs"))
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = app.query_one(LogPanel)
        panel.begin(LogFile("an/app", rehearsal=False))
        panel.view.max_lines = 500
        await write(app, pilot, *(line(f"line {n}") for n in range(6_000)))
        assert len(panel.view.rows) <= 500 and rows(app)[-1] == "line 5999"
        assert panel.file is not None and panel.file.path is not None
        assert panel.file.path.parent == tmp_path / "logs"
        assert (panel.file.path.stat().st_mode | panel.file.path.parent.stat().st_mode) & 0o077 == 0, "one person's"
        text = panel.file.path.read_text(encoding="utf-8")
        assert text.count("\n") == 6_000 and "stdout line 0\n" in text.replace("  ", " ")
        assert str(panel.file.path) in state(app)


async def test_a_disk_that_refuses_is_said_and_the_log_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path / "file"))
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(LogPanel).begin(LogFile("app", rehearsal=False))
        await write(app, pilot, line("still here"))
        assert rows(app) == ["still here"] and "cannot be saved" in state(app)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
async def test_a_disk_that_is_full_in_mid_deploy_is_said_and_the_log_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path))
    monkeypatch.setattr("time.strftime", lambda *_: "now")
    (tmp_path / "app-now.log").symlink_to("/dev/full")
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(LogPanel).begin(LogFile("app", rehearsal=False))
        await write(app, pilot, line("still here"))
        await write(app, pilot, line("and here"))
        assert rows(app) == ["still here", "and here"] and "cannot be saved: No space left" in state(app)


async def test_carriage_returns_become_one_moving_line() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await write(app, pilot, line("before"), line("\r  0%|          | 0/8", "stderr"))
        await write(app, pilot, line(" 50%|#####     | 4/8", "stderr"), line("something else"))
        await write(app, pilot, line("100%|##########| 8/8", "stderr"), line("\rfetched 1\rfetched 2", "build"))
        assert rows(app) == ["before", "100%|##########| 8/8", "something else", "fetched 2"]


async def test_two_progress_bars_move_side_by_side() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        for done in (0, 30, 100):
            await write(
                app, pilot, line(f"model.safetensors: {done}%|#", "stderr"), line(f"tokenizer: {done}%|#", "stderr")
            )
        assert rows(app) == ["model.safetensors: 100%|#", "tokenizer: 100%|#"]


async def test_what_is_drawn_over_moves_whatever_it_looks_like_and_a_second_bar_is_a_second_line() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        for text in ("fetched 1 file", "fetched 2 files", "fetched 3 files"):
            await write(app, pilot, LogLine("build", text, 0.0, moving=True))
        await write(app, pilot, line("ready", "build"), LogLine("build", "unpacked 1", 0.0, moving=True))
        for done in (50, 100, 100, 0, 30):
            await write(app, pilot, LogLine("stderr", f"{done}%|#", 0.0, moving=True))
        assert rows(app) == ["fetched 3 files", "ready", "unpacked 1", "100%|#", "30%|#"]


BARS = """
import sys, time
import modal

app = modal.App("tui-bars")

@app.function()
def bars():
    from tqdm import tqdm
    print("begin")
    for _ in tqdm(range(8), desc="weights", mininterval=0): time.sleep(0.15)
    for i in range(5):
        sys.stdout.write(f"\\rfetched {i}")
        sys.stdout.flush()
        time.sleep(0.1)
    print("\\nend")
"""


async def test_the_bars_of_a_real_container_are_one_line_each(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "bars.py"
    file.write_text(BARS, encoding="utf-8")
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot, _services(SessionOptions(rehearse="all")) as ports:
        outcomes = [item async for item in ports.modal.deploy(file, "tui-bars") if isinstance(item, DeployOutcome)]
        assert not outcomes[-1].error, outcomes
        assert sorted(
            path.name for path in tmp_path.iterdir() if path.suffix == ".py" or path.name == "__pycache__"
        ) == ["bars.py"]
        states = [item async for item in ports.modal.call("tui-bars", "bars", {}, 60) if isinstance(item, LogLine)]
        await ports.modal.stop_app("tui-bars")
        assert sum(state.text.startswith("weights:") for state in states) > 3, "it moved"
        await write(app, pilot, *states)
        shown = [row for row in rows(app) if not row.startswith("[demo]")]
        assert shown[0] == "begin" and shown[1].startswith("weights: 100%|")
        assert shown[2:] == ["fetched 4", "end"]


async def test_of_a_flood_the_file_gets_everything_and_the_screen_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path / "logs"))
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = app.query_one(LogPanel)
        panel.begin(LogFile("app", rehearsal=False))
        panel.view.max_lines = 1_000
        await write(app, pilot, *(line(f"line {n}") for n in range(60_000)))
        assert panel.file is not None and panel.file.path is not None
        kept = panel.file.path.read_text(encoding="utf-8").splitlines()
        assert len(kept) == 60_000 and kept[0].endswith("line 0") and kept[-1].endswith("line 59999")
        assert panel.view.total == 60_000 and len(rows(app)) <= 1_000 and rows(app)[-1] == "line 59999"


async def test_the_log_of_a_rehearsal_goes_with_the_screen_unless_the_person_was_told_of_it() -> None:
    left: list[Path] = []
    for told in (False, True):
        app = Bench()
        async with app.run_test(size=(80, 24)) as pilot:
            panel = app.query_one(LogPanel)
            panel.begin(LogFile("app", rehearsal=True))
            await write(app, pilot, line("one"))
            assert panel.file is not None and panel.file.path is not None and panel.file.path.exists()
            left.append(panel.file.path)
            if told:
                assert panel.file.keep() == panel.file.path
    assert [path.parent.exists() for path in left] == [False, True]
    assert "one" in left[1].read_text(encoding="utf-8")
    shutil.rmtree(left[1].parent)


async def test_one_source_at_a_time() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await write(app, pilot, line("a", "build"), line("b", "stdout"), line("c", "stderr"), line("d", "system"))
        app.query_one(LogView).focus()
        shown = []
        for _ in range(5):
            await pilot.press("f")
            shown.append(rows(app))
        assert shown == [["a"], ["b"], ["c"], ["d"], ["a", "b", "c", "d"]]


async def test_finding_goes_from_match_to_match() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await write(app, pilot, *(line("a needle" if n in (10, 60) else "hay") for n in range(100)))
        view = app.query_one(LogView)
        view.focus()
        await pilot.press("slash")
        assert app.query_one("#search", Input).has_focus
        await pilot.press(*"NEEDLE", "enter")
        assert view.matches() == [10, 60] and view._match_row == 60, "the last one first: the end is what one reads"
        await pilot.press("n")
        assert view._match_row == 10
        assert not view.following, "looking at a match pauses"
        await pilot.press("p")
        assert view._match_row == 60


async def test_escape_leaves_the_search_and_not_the_screen() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await write(app, pilot, *(line("hay") for _ in range(100)))
        app.query_one(LogView).focus()
        await pilot.press("slash", *"abc", "escape")
        await pilot.pause()
        assert not app.query_one("#search").has_class("-shown") and app.query_one(LogView).has_focus


async def test_wrapping_times_and_wide_characters_line_up() -> None:
    app = Bench()
    async with app.run_test(size=(40, 12)) as pilot:
        view = app.query_one(LogView)
        view.focus()
        await write(app, pilot, line("漢字" * 20), line("x" * 90))
        assert len(view.rows) == 2
        await pilot.press("w")
        await pilot.pause()
        assert len(view.rows) > 4
        for y in range(view.size.height):
            assert view.render_line(y).cell_length == view.scrollable_content_region.width
        await pilot.press("t")
        assert view.line_text(view.rows[0])[2] == ":" == view.line_text(view.rows[0])[5]
        await pilot.resize_terminal(80, 24)
        await pilot.press("w")
        await pilot.pause()
        assert len(view.rows) == 2


async def test_copying_and_saving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = app.query_one(LogPanel)
        panel.begin(LogFile("app", rehearsal=True))
        await write(app, pilot, line("one", "build"), line("two"))
        panel.view.focus()
        await pilot.press("y")
        assert [part.split() for part in app.clipboard.splitlines()] == [["build", "one"], ["stdout", "two"]]
        await pilot.press("s", "enter")
        await until(pilot, lambda: (tmp_path / "deploy.log").exists(), "the saved file")
        assert "two" in (tmp_path / "deploy.log").read_text()


async def test_a_selection_with_the_mouse_is_copied() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await write(app, pilot, line("first line"), line("second line"))
        await pilot.mouse_down(LogView, offset=(7, 0))
        await pilot.hover(LogView, offset=(12, 1))
        await pilot.mouse_up(LogView, offset=(12, 1))
        await pilot.pause()
        assert app.screen.get_selected_text() == "first line\nstdout second"
        app.query_one(LogView).focus()
        await pilot.press("y")
        assert app.clipboard == "first line\nstdout second"


async def test_hostile_lines_are_harmless() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await write(app, pilot, line("\x1b]0;title\x07\x1b[31m[bold]red[/x] \x07 hf_" + "A" * 30))
        assert rows(app) == ["[bold]red[/x]  hf_…AAAA"]
        assert all("\x1b" not in segment.text for segment in app.query_one(LogView).render_line(0))
