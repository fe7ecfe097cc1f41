"""The first question: search, paste, choose."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.widgets import Static

from tests.tui.stage import MODEL, Stage, at, opened, seen, sees, until
from wizard.core.models.known_models import AS_OF, what_was_tried
from wizard.core.models.model_info import ModelFacts, ModelFile
from wizard.core.models.thinking import Thinking
from wizard.rehearsal.fixtures import model_folder
from wizard.tui.app import WizardApp
from wizard.tui.screens.model.detail import detail_of

PASTED = "https://huggingface.co/rehearsal-lab/tiny-character-open/blob/v1.0/config.json"


async def test_plain_enter_takes_the_model_of_the_rehearsal(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Which model", "Demo", "Press Enter to use the highlighted model", MODEL)
        await pilot.press("enter")
        await at(pilot, "access")
        assert app.session.draft.model == MODEL
        await sees(pilot, "can read the weights")


async def test_search_answers_while_typing_and_drops_older_answers(app: WizardApp, stage: Stage) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Press Enter to use the highlighted model")
        await pilot.press(*"qw")
        await sees(pilot, "Qwen/Qwen3-8B")
        stage.break_at("hub:GET /api/models", kind="delay", seconds=1.0, times=1)
        app.screen.query_one("#search").value = "mistral"  # type: ignore[attr-defined]
        await asyncio.sleep(0.4)  # it is asked for by now, and its answer is slow
        app.screen.query_one("#search").value = "opt-125"  # type: ignore[attr-defined]
        await sees(pilot, "facebook/opt-125m")
        assert [item.repo_id for item in app.screen.shown] == ["facebook/opt-125m"]  # type: ignore[attr-defined]
        await pilot.press("enter")
        await at(pilot, "access")
        assert app.session.draft.model == "facebook/opt-125m"


async def test_enter_never_takes_a_row_that_answers_an_older_text(app: WizardApp, stage: Stage) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Press Enter to use the highlighted model", MODEL)
        stage.break_at("hub:GET /api/models", kind="delay", seconds=1.5, times=2)
        app.screen.query_one("#search").value = "opt-125"  # type: ignore[attr-defined]
        await pilot.press("enter")
        assert type(app.screen).__name__ == "ModelScreen"
        assert app.session.draft.model is None
        await sees(pilot, "facebook/opt-125m")
        await pilot.press("enter")
        await at(pilot, "access")
        assert app.session.draft.model == "facebook/opt-125m"


@pytest.mark.parametrize(
    ("typed", "model", "revision"),
    [
        (PASTED, "rehearsal-lab/tiny-character-open", "v1.0"),
        ("rehearsal-lab/tiny-character-open", "rehearsal-lab/tiny-character-open", None),
        ("  hf://rehearsal-lab/tiny-character@v1.0 ", MODEL, "v1.0"),
    ],
)
async def test_a_pasted_name_or_address_is_taken_directly(
    app: WizardApp, stage: Stage, typed: str, model: str, revision: str | None
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.screen.query_one("#search").value = typed  # type: ignore[attr-defined]
        await sees(pilot, f"Press Enter to use {model}")
        await pilot.press("enter")
        await at(pilot, "access")
        await sees(pilot, "✓ Access ", "granted")
        assert app.session.draft.model == model
        asked = f"/api/models/{model}" + (f"/revision/{revision}" if revision else "")
        assert asked in stage.asked_hub()
        assert app.session.draft.revision is not None and len(app.session.draft.revision) == 40


async def test_a_folder_on_this_machine_is_taken_and_no_hub_is_asked(app: WizardApp, stage: Stage) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot)
        app.screen.query_one("#search").value = str(model_folder())  # type: ignore[attr-defined]
        await sees(pilot, f"Press Enter to use {model_folder()}"[:60])
        before = len(stage.asked_hub())
        await pilot.press("enter")
        await at(pilot, "access")
        await sees(pilot, "on this machine", "Press Enter to continue.")
        assert app.session.states["access"] == app.session.states["token"] == "skipped"
        assert app.session.draft.model == str(model_folder()) and len(stage.asked_hub()) == before


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("a/b/c/d", "“a/b/c/d” is not the name of a model."),
        ("https://huggingface.co/datasets/a/b", "is a dataset, not a model."),
        ("org/na me", "is not the name of a model."),
        ("[/x]/[bold]", "is not the name of a model."),
    ],
)
async def test_a_wrong_input_says_one_sentence_and_goes_nowhere(app: WizardApp, typed: str, says: str) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.screen.query_one("#search").value = typed  # type: ignore[attr-defined]
        await until(pilot, lambda: says in " ".join(seen(app).split()) or says in _folded(app), says)
        await pilot.press("enter")
        await pilot.pause()
        assert type(app.screen).__name__ == "ModelScreen" and app.session.draft.model is None


def _folded(app: WizardApp) -> str:
    """What is said under the field, on one line."""
    return " ".join(str(app.screen.query_one("#said").render()).split())


async def test_nothing_found_is_said_and_a_single_word_can_still_be_taken(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await sees(pilot, "chat template")
        await pilot.press(*"zzqq")
        await sees(pilot, "Nothing on the Hub matches “zzqq”")
        assert "chat template" not in seen(app), "nothing is said of a model that is not listed any more"
        await pilot.press("enter")
        await at(pilot, "access")
        await sees(pilot, "does not exist")


async def test_an_unreachable_hub_and_a_rate_limit_are_said_in_place(app: WizardApp, stage: Stage) -> None:
    stage.break_at("hub:*", kind="status", status=503, message="Service Unavailable")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "cannot be reached" in _folded(app), "unreachable")
        stage.repair()
        stage.break_at("hub:GET /api/models", kind="throttle", seconds=40)
        await pilot.press(*"qwen")
        await until(pilot, lambda: "The Hub is rate limiting you" in _folded(app), "slow down")
        stage.repair()
        await pilot.press("ctrl+r")
        await sees(pilot, "Qwen/Qwen3-8B")


async def test_back_and_forth_keeps_text_rows_and_place(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press(*"qwen")
        await sees(pilot, "Qwen/Qwen3-8B")
        await pilot.press("down", "down")
        marked = app.screen.marked.repo_id  # type: ignore[attr-defined]
        await pilot.press("enter")
        await at(pilot, "access")
        await sees(pilot, "Press Enter to continue")
        await pilot.press("escape")
        screen = await at(pilot, "model")
        assert screen.query_one("#search").value == "qwen"
        assert screen.marked.repo_id == marked
        await pilot.press("enter")
        await at(pilot, "access")
        assert app.session.draft.model == marked
        assert app.session.states["access"] == "done"  # the same answer again changes nothing


async def test_resizing_keeps_text_and_place(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press(*"qwen")
        await sees(pilot, "Qwen/Qwen3-8B")
        await pilot.press("down")
        marked = app.screen.marked.repo_id  # type: ignore[attr-defined]
        for size in ((60, 20), (120, 40), (40, 12), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.screen.query_one("#search").value == "qwen"  # type: ignore[attr-defined]
            assert app.screen.marked.repo_id == marked  # type: ignore[attr-defined]
        await sees(pilot, marked)


async def test_names_of_one_family_can_be_told_apart(app: WizardApp) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot)
        app.screen.query_one("#search").value = "mistral-7b"  # type: ignore[attr-defined]
        await sees(pilot, "Instruct-v0.2 ", "Instruct-v0.3 ", "auto", "7.24B")
        await pilot.resize_terminal(40, 20)
        await sees(pilot, "v0.2 ", "v0.3 ")


async def test_details_are_beside_the_list_where_there_is_room(app: WizardApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await sees(pilot, "Weight files", "model.safetensors", "Chat template", "The form asks for:", "Country")


async def test_details_are_on_a_key_where_there_is_none(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "has a chat template")
        await pilot.press("f2")
        await sees(pilot, "Access is granted as soon as you accept the terms.")
        await pilot.press("f2")
        await sees(pilot, "Search Hugging Face")


async def test_hostile_and_chinese_texts_of_a_card_are_plain_and_line_up(app: WizardApp, stage: Stage) -> None:
    chinese = "使用本模型之前，请先阅读并同意许可协议。研究用途免费，商业用途需要另行申请。"
    card = {"license": "[red]mit[/red]\x1b[2J", "extra_gated_prompt": f"[/x] {chinese}\x1b]0;title\x07"}
    stage.change({"repositories": {"someone/hostile": {"gated": "manual", "card": card, "downloads": 5}}})
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press(*"hostile")
        await sees(pilot, "[/x]", "使用本模型之前", "someone/hostile", "[red]mit[/red]")
        shown = seen(app)
        assert "\x1b" not in shown and "title" not in shown.split("Demo")[0]
        assert {cell_len(line) for line in shown.splitlines()} == {120}
        edges = {cell_len(line[: line.rindex("│")]) for line in shown.splitlines() if "│" in line}
        assert len(edges) == 1, shown


async def test_recent_choices_come_first_outside_of_a_rehearsal(
    make_app: Callable[..., WizardApp], tmp_path: Path
) -> None:
    kept = tmp_path / "state-home" / "outlines-wizard" / "recent-models.json"
    for name in ("rehearsal-lab/tiny-character-open", "facebook/opt-125m"):
        app = make_app()
        app.rehearsal, app.suggested = False, None
        async with app.run_test(size=(80, 24)) as pilot:
            await opened(pilot)
            app.screen.query_one("#search").value = name  # type: ignore[attr-defined]
            await sees(pilot, f"Press Enter to use {name}")
            await pilot.press("enter")
            await at(pilot, "access")
    listed = json.loads(kept.read_text(encoding="utf-8"))
    assert [item["repo_id"] for item in listed] == ["facebook/opt-125m", "rehearsal-lab/tiny-character-open"]
    app = make_app()
    app.rehearsal, app.suggested = False, None
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "2 used recently")
        shown = app.screen.shown  # type: ignore[attr-defined]
        assert [item.repo_id for item in shown[:2]] == ["facebook/opt-125m", "rehearsal-lab/tiny-character-open"]


@pytest.mark.parametrize(("suggested", "first"), [("facebook/opt-125m", True), ("nobody/nothing", False)])
async def test_outside_of_the_demo_the_suggested_model_heads_the_list_where_the_hub_has_it(
    make_app: Callable[..., WizardApp], suggested: str, first: bool
) -> None:
    app = make_app()
    app.rehearsal, app.suggested = False, suggested
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(app.screen.shown), "the list")  # type: ignore[attr-defined]
        names = [item.repo_id for item in app.screen.shown]  # type: ignore[attr-defined]
        assert (names[0] == suggested) is first and names.count(suggested) == int(first) and len(names) > 5


async def test_a_rehearsal_leaves_no_list_behind(app: WizardApp, tmp_path: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "Press Enter to use the highlighted model", MODEL)
        await pilot.press("enter")
        await at(pilot, "access")
    assert not (tmp_path / "state-home" / "outlines-wizard" / "recent-models.json").exists()


async def test_private_models_of_the_person_are_found_and_called_so(app: WizardApp, stage: Stage) -> None:
    stage.change({"repositories": {"robin/mine": {"private": True}}})
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await until(pilot, lambda: app.screen._requests.token is not None, "the access token")  # type: ignore[attr-defined]
        await pilot.press(*"robin")
        await sees(pilot, "robin/mine")
        summary = next(item for item in app.screen.shown if item.repo_id == "robin/mine")  # type: ignore[attr-defined]
        assert summary.private
        await sees(pilot, "private")


@pytest.mark.parametrize(
    ("typed", "name", "gate"),
    [
        ("https://huggingface.co/rehearsal-lab/tiny-character-open/tree/main?not-for-all-audiences=1",
         "rehearsal-lab/tiny-character-open", "open"),
        ("https://huggingface.co/rehearsal-lab/tiny-character?library=transformers", MODEL, "auto"),
    ],
)  # fmt: skip
async def test_hint_highlighted_row_and_details_are_about_the_model_that_enter_takes(
    app: WizardApp, typed: str, name: str, gate: str
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        screen: Any = app.screen
        screen.query_one("#search").value = typed
        await until(pilot, lambda: screen.answers == typed, "an answer")
        assert name in str(screen.query_one("#said", Static).content) and screen.marked.repo_id == name
        await until(pilot, lambda: str(screen.query_one("#detail", Static).content).startswith(name), "its details")
        row = screen.query_one("#list").get_row_at(0)
        assert str(row[0]) == name and any(gate in str(cell) for cell in row[1:])


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 12)])
async def test_no_column_is_cut_and_the_list_does_not_scroll_sideways(app: WizardApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        app.screen.query_one("#search").value = "qwen"  # type: ignore[attr-defined]
        await sees(pilot, "Qwen3-8B")
        table: Any = app.screen.query_one("#list")
        await until(pilot, lambda: table.virtual_size.width <= table.scrollable_content_region.width, "it fits")
        assert not table.show_horizontal_scrollbar
        shown = {str(key.value) for key in table.columns}
        assert size[0] < 60 or ("model" in shown and shown & {"gate", "access"} and shown & {"mark", "known"})
        names = [str(table.get_row_at(row)[0]) for row in range(table.row_count)]
        assert size[0] != 80 or not any("…" in name for name in names), "the room was there"


def test_what_is_known_to_work_is_dated_and_wants_a_chat_template() -> None:
    assert what_was_tried("mistralai/Mistral-7B-Instruct-v0.2")
    assert what_was_tried("someone/Mistral-7B-Instruct-v0.2") is None
    files = (ModelFile("config.json", 1), ModelFile("model.safetensors", 1))
    facts = ModelFacts("Qwen/Qwen3-8B", "Qwen/Qwen3-8B", "c" * 40, "open", False, False, files)
    assert what_was_tried(facts.repo_id, facts) == what_was_tried(facts.repo_id)
    assert what_was_tried(facts.repo_id, replace(facts, has_chat_template=False)) is None
    assert what_was_tried(facts.repo_id, replace(facts, files=files[:1])) is None
    assert what_was_tried("rehearsal-lab/tiny-character-gguf") is None
    assert re.fullmatch(r"20\d\d-\d\d", AS_OF)


def test_the_details_say_whether_a_model_reasons_first() -> None:
    files = (ModelFile("config.json", 1), ModelFile("model.safetensors", 1))
    facts = ModelFacts("Qwen/Qwen3-8B", "Qwen/Qwen3-8B", "c" * 40, "open", False, False, files, has_chat_template=True)
    said = {
        "yes\n": None,
        "yes; can reason first\n": Thinking("<think>", "</think>", ("enable_thinking",)),
        "yes; always reasons first\n": Thinking("<think>", "</think>"),
    }
    for words, thinking in said.items():
        assert f"Chat template {words}" in detail_of(replace(facts, thinking=thinking)).plain
