"""The README's moving picture is one file that plays by itself, gives nothing away, and shows today's program."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.person import CHECKOUT, need_local
from wizard.tui.navigator import STOPS

PICTURE = CHECKOUT / "assets/pictures/demo.svg"
SVG = "{http://www.w3.org/2000/svg}"
LARGEST = 400_000  # bytes
FEWEST = 30  # frames
ALIKE = 0.8  # of the lines of the picture are on the screens of a new one; what takes long, and where, differs


def lines_of(picture: Path) -> list[list[str]]:
    """What can be read in each frame, line by line."""
    root = ElementTree.parse(picture).getroot()
    lines = {
        group.get("id"): "".join(text.text or "" for text in group.iter(f"{SVG}text")).replace("\xa0", " ")
        for group in root.iter(f"{SVG}g")
        if group.get("id", "").startswith("l")
    }
    (strip,) = (group for group in root.iter(f"{SVG}g") if group.get("id") == "strip")
    return [[lines[use.get("href", "")[1:]] for use in frame.iter(f"{SVG}use")] for frame in strip]


def test_it_plays_by_itself_and_loads_nothing() -> None:
    text = PICTURE.read_text(encoding="utf-8")
    names = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(text).iter()}
    assert names <= {"svg", "title", "style", "defs", "g", "rect", "circle", "text", "use"}
    assert not re.search(r"href=\"[^#]|url\(|@import|@font-face", text)
    assert len(text.encode()) < LARGEST
    frames = lines_of(PICTURE)
    (keys,) = re.findall(r"@keyframes play\{(.*?)\}\}", text)
    assert len(frames) == keys.count("translateY(") >= FEWEST
    (seconds,) = re.findall(r"animation:play ([\d.]+)s", text)
    assert 15 <= float(seconds) <= 30


def test_it_holds_no_token_and_no_path_of_a_machine() -> None:
    text = PICTURE.read_text(encoding="utf-8")
    assert not re.search(r"hf_[A-Za-z0-9]{8,}|\ba[ks]-[A-Za-z0-9]{8,}", text)
    assert not re.search(r"/home/|/root|/Users/|site-packages", text)
    assert set(re.findall(r"127\.0\.0\.1:(\d+)", text)) <= {"40000"}
    assert set(re.findall(r"/tmp/(\w+)", text)) <= {"demo"}


@pytest.mark.parametrize("place", STOPS)
def test_every_question_of_the_wizard_is_in_it_as_it_is_asked_now(place: str) -> None:
    screen = getattr(importlib.import_module(f"wizard.tui.screens.{place}.screen"), f"{place.capitalize()}Screen")
    shown = [line for frame in lines_of(PICTURE) for line in frame]
    assert any(screen.question in line for line in shown), f"{screen.question!r} is not in it: `make pictures`"


@pytest.mark.long
def test_filmed_again_it_shows_the_same(tmp_path: Path) -> None:
    need_local()
    new = tmp_path / "demo.svg"
    done = subprocess.run(
        [sys.executable, "assets/make_moving_picture.py", str(new)],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kept, now = (
        {re.sub(r"[\d.,]+", "0", line).strip() for frame in lines_of(file) for line in frame} for file in (PICTURE, new)
    )
    lost = sorted(kept - now)
    assert len(lost) <= (1 - ALIKE) * len(kept), "`make pictures`: this is no longer shown\n" + "\n".join(lost)
