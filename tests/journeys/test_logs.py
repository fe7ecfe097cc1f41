"""Reading the log of what is deployed: nothing is lost, nothing comes twice, and a copy is kept."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.person import Person, Run, Running, Serving, need_local, wait_until

pytestmark = pytest.mark.slow

CHATTER = os.path.join(os.path.dirname(__file__), "apps", "chatter.py")
OWN = re.compile(r"line |again |trouble ")
LOGS = ("logs", "chatter", "--rehearse", "--json")


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    """A rehearsal with an app that talks."""
    need_local()
    somebody = Person()
    serving = somebody.serve()
    serving.modal("deploy", CHATTER)
    yield serving
    somebody.leave()


def said(first: int, last: int) -> Counter[str]:
    """What `count` writes."""
    lines = Counter(f"line {number}" for number in range(first, last))
    lines["again and again"] = sum(number % 5 == 0 for number in range(first, last))
    lines.update(f"trouble {number}" for number in range(first, last) if number % 7 == 0)
    return lines


def talk(serving: Serving, first: int, last: int, pause: float = 0.0) -> None:
    """Have the app say its lines."""
    serving.python(f"import modal\nmodal.Function.from_name('chatter', 'count').remote({first}, {last}, {pause})")


def texts(lines: list[str]) -> Counter[str]:
    """Texts of the app's own lines among JSON events."""
    events = [json.loads(line) for line in lines]
    return Counter(e["text"] for e in events if e["event"] == "LogLine" and OWN.match(e["text"]))


def kept(serving: Serving) -> list[Path]:
    """Files of the log on disk."""
    return sorted((serving.person.state / "outlines-wizard" / "log").rglob("*.log"))


@pytest.mark.long
def test_following_through_reconnects_loses_and_repeats_no_line(serving: Serving) -> None:
    talk(serving, 0, 10)
    serving.arm("modal:AppGetLogs", "status", status="RESOURCE_EXHAUSTED", times=1, after=3)  # SDK gives up: we do not
    serving.arm("modal:AppGetLogs", "disconnect", times=5)  # each cuts the stream behind its next batch
    following = serving.person.start_wizard(*LOGS, "-f", "--lines", "20000")
    following.wait_for(lambda line: "line 9" in line)
    for first in (100, 200, 300, 400):
        talk(serving, first, first + 40, 0.01)
        following.wait_for(lambda line, last=first + 39: f"line {last}" in line)
    got = end(following)
    serving.behave()
    wanted = said(0, 10) + said(100, 140) + said(200, 240) + said(300, 340) + said(400, 440)
    assert texts(got.stdout.splitlines()[:-1]) == wanted
    assert serving.rpcs()["AppGetLogs"] >= 6


def end(following: Running) -> Run:
    """Ctrl-C, which is how a person ends following."""
    following.interrupt(group=True)
    done = following.end(15)
    assert done.code == 130, done
    return done


@pytest.mark.long
def test_what_is_read_is_kept_once(serving: Serving) -> None:
    talk(serving, 500, 530)
    first = serving.person.wizard(*LOGS, "--lines", "20000")
    assert first.code == 0, first
    (file,) = kept(serving)
    assert first.last["files"] == [str(file)]
    content = file.read_text()
    again = serving.person.wizard(*LOGS, "--since", "1h", "--search", "line 51")
    assert len(texts(again.stdout.splitlines())) == 10
    assert file.read_text() == content, "a line is kept twice"
    lines = [re.sub(r"^\S+Z (stdout|stderr|system) +", "", line) for line in content.splitlines()]
    assert Counter(lines) >= said(500, 530)
    assert file.stat().st_mode & 0o077 in (0, 0o044)
    assert file.parent.stat().st_mode & 0o077 == 0
    file.unlink()
    assert serving.person.wizard(*LOGS, "--no-save").last["files"] == []
    assert kept(serving) == []


@pytest.mark.long
def test_one_source_one_word_and_a_span(serving: Serving) -> None:
    talk(serving, 700, 730)
    stderr = serving.person.wizard(*LOGS, "--source", "stderr", "--search", "trouble 72", "--since", "2m")
    assert texts(stderr.stdout.splitlines()) == {"trouble 721": 1, "trouble 728": 1}
    since = serving.person.wizard(*LOGS, "--since", "2000-01-01T00:00")
    assert since.code != 0  # Modal looks back 35 days at most, and says so
    wrong = serving.person.wizard(*LOGS, "--since", "yesterday")
    assert (wrong.code, wrong.last["code"]) == (2, "since_invalid")


@pytest.mark.long
def test_a_folder_that_cannot_be_written_does_not_keep_the_log_from_being_read(serving: Serving) -> None:
    talk(serving, 800, 803)
    blocked = serving.person.folder / "blocked"
    blocked.write_text("a file where a folder is wanted\n")
    done = serving.person.wizard(
        "logs", "chatter", "--rehearse", XDG_STATE_HOME=str(serving.person.state), HOME=str(blocked)
    )
    assert done.code == 0, done
    (serving.person.state / "outlines-wizard" / "log").rename(serving.person.state / "elsewhere")
    (serving.person.state / "outlines-wizard" / "log").write_text("a file where a folder is wanted\n")
    try:
        done = serving.person.wizard("logs", "chatter", "--rehearse")
    finally:
        (serving.person.state / "outlines-wizard" / "log").unlink()
    assert done.code == 0, done
    assert "line 802" in done.stdout
    assert "could not be saved" in done.stderr


def test_following_ends_with_the_app(serving: Serving) -> None:
    talk(serving, 900, 901)
    following = serving.person.start_wizard(*LOGS, "-f")
    following.wait_for(lambda line: "line 900" in line)
    serving.modal("app", "stop", "chatter", "--yes")
    done = following.end(30)
    assert done.code == 0, done
    assert done.last["event"] == "Finished"
    wait_until(lambda: not serving.containers())
