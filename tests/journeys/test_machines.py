"""Machines that are not as they should be: the clock, the home folder, the terminal, the encodings, the disk."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.support.person import APP, CHECKOUT, Person, Serving
from tests.support.session import nightly_beside

pytestmark = [pytest.mark.slow, pytest.mark.long]

DEPLOY = ("deploy", "--rehearse", "--yes", "--json", "--choices", "yes,no")
CLOCK = """
import datetime, time

HOURS = {hours}
_time, _time_ns, _now, _datetime = time.time, time.time_ns, datetime.datetime.now, datetime.datetime
time.time = lambda: _time() + HOURS * 3600
time.time_ns = lambda: _time_ns() + HOURS * 3600 * 10**9


class Kind(type):
    def __instancecheck__(cls, value):
        return isinstance(value, _datetime)


class Wrong(datetime.datetime, metaclass=Kind):
    @classmethod
    def now(cls, tz=None):
        return _now(tz) + datetime.timedelta(hours=HOURS)


datetime.datetime = Wrong
"""


@pytest.mark.parametrize("hours", nightly_beside([26], [-26, 26]))
def test_a_clock_that_is_a_day_off(hours: int, person: Person) -> None:
    """Only this machine's: the services' clocks are right, and theirs is what their entries carry."""
    serving = person.serve()
    folder = person.folder / "clock"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(CLOCK.format(hours=hours))
    wrong = {"PYTHONPATH": f"{folder}:{CHECKOUT}"}
    done = person.wizard(*DEPLOY, **wrong)
    assert done.code == 0, done
    lines = [event["text"] for event in done.all("LogLine")]
    assert any("in the Volume" in line for line in lines), "the download's own lines are missing"
    assert any("is ready on" in line for line in lines), "the lines of the cold start are missing"
    again = person.wizard("call", APP, "--rehearse", "--json", "--prompt", "Well?", **wrong)
    assert again.code == 0, again
    following = person.start_wizard("logs", APP, "--rehearse", "--json", "-f", "--since", "1h", **wrong)
    following.wait_for_event("LogLine") if hours < 0 else None
    serving.modal("app", "rollover", APP, "--strategy", "recreate")
    assert person.wizard("call", APP, "--rehearse", "--json", "--prompt", "Again?").code == 0
    following.wait_for(lambda line: "is ready on" in line)
    following.interrupt(group=True)
    assert following.end(15).code == 130
    assert person.wizard("status", APP, "--rehearse", "--json", **wrong).json()["version"] == 2


def test_a_home_that_cannot_be_written(person: Person) -> None:
    """A container of a CI, a locked-down machine: everything works, and nothing is kept."""
    serving = person.serve()
    nowhere = dict.fromkeys(("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), "/proc/nowhere")
    real = {**serving.variables, **nowhere}  # without its state folder, --rehearse would not find this rehearsal
    flags = ("--yes", "--json", "--model", "rehearsal-lab/tiny-character", "--no-sample", "--choices", "yes,no")
    done = person.wizard("deploy", *flags, **real)
    assert done.code == 0, done
    for command in (["status", APP], ["list"], ["check", "rehearsal-lab/tiny-character"]):
        looked = person.wizard(*command, "--json", **real)
        assert looked.code == 0, looked
    logs = person.wizard("logs", APP, **real)
    assert logs.code == 0 and logs.stdout, logs
    assert "could not be saved" in logs.stderr
    assert person.wizard("teardown", APP, "--yes", "--json", **real).code == 0


def test_a_home_with_spaces_and_letters_of_every_kind(person: Person) -> None:
    home = person.folder / "Zoë's Ordner 你好 – Ω"
    for name in ("home", "state", "t"):
        (home / name).mkdir(parents=True)
    odd = {"HOME": str(home / "home"), "XDG_STATE_HOME": str(home / "state"), "TMPDIR": str(home / "t")}
    prompts = home / "Fragen – 質問.jsonl"
    prompts.write_text('"Wie geht’s?"\n"元気ですか"\n')
    done = person.wizard("deploy", "--scenario", "ready", *DEPLOY[2:], "--no-sample", folder=home, **odd)
    assert done.code == 0, done
    serving = Serving(person, person.start_wizard("rehearse", "--json"))
    done = person.wizard(*DEPLOY, "--no-sample", "--output-dir", str(home / "Ausgabe – 出力"), folder=home)
    assert done.code == 0, done
    assert Path(done.last["files"][0]).is_file()
    logs = person.wizard("logs", APP, "--json", folder=home, **{**serving.variables, **odd})
    assert logs.code == 0, logs
    assert Path(logs.last["files"][0]).is_relative_to(home / "state")
    batch = person.wizard("batch", APP, str(prompts), "-o", str(home / "Antworten – 答え"), "--rehearse", "--json")
    assert batch.code == 0, batch
    assert len((home / "Antworten – 答え").read_text().splitlines()) == 2


def test_a_dumb_terminal_gets_plain_words(serving: Serving) -> None:
    script = f"TERM=dumb {sys.executable} -m wizard {' '.join(DEPLOY)} --app dumb --no-sample".replace("--json ", "")
    done = serving.person.run("script", "-qec", script, "/dev/null", TERM="dumb")
    assert done.code == 0, done
    assert "\x1b[" not in done.stdout.replace("\x1b[?25h", ""), done.stdout
    screen = serving.person.run("script", "-qec", f"{sys.executable} -m wizard", "/dev/null", TERM="dumb")
    assert screen.code == 2 and "before the wizard was done" in screen.said


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "> /dev/full"])
def test_standard_output_that_nobody_reads(closed: str, serving: Serving) -> None:
    """A job is done, or ends with a code of ours, and never with a traceback."""
    app = f"closed-{len(closed)}"
    line = f'exec "$0" -m wizard "$@" {closed}'
    flags = (*DEPLOY, "--app", app, "--no-sample")
    done = serving.person.run("/bin/sh", "-c", line, sys.executable, *flags)
    assert done.code in (0, 1), done
    assert "Traceback" not in done.said
    for command in (["list"], ["--help"], ["status", app], ["logs", app], ["--version"]):
        done = serving.person.run("/bin/sh", "-c", line, sys.executable, *command)
        assert "Traceback" not in done.said, done
        assert done.code in range(8), done


def test_files_with_windows_line_ends_and_a_byte_order_mark(serving: Serving) -> None:
    person = serving.person
    schema = {"title": "Pet", "type": "object", "properties": {"kind": {"enum": ["cat", "dog"]}}, "required": ["kind"]}
    text = json.dumps(schema, indent=2).replace("\n", "\r\n")
    (person.project / "pet.json").write_bytes(b"\xef\xbb\xbf" + text.encode())
    done = person.wizard(*DEPLOY[:4], "--app", "windows", "--schema", "pet.json", "--save-plan", "windows.toml")
    assert done.code == 0, done
    assert done.one("SampleReady")["value"]["kind"] in ("cat", "dog")
    plan = person.project / "windows.toml"
    plan.write_bytes(b"\xef\xbb\xbf" + plan.read_bytes().replace(b"\n", b"\r\n"))
    again = person.wizard("deploy", "--rehearse", "--yes", "--json", "--plan", "windows.toml", "--no-sample")
    assert again.code == 0, again
    assert again.outcomes()["deploy"] == "kept"
    called = person.wizard("call", "windows", "--rehearse", "--json", stdin="A pet,\r\nplease.\r\n")
    assert called.code == 0, called


def test_standard_input_that_is_not_utf_8(serving: Serving) -> None:
    person = serving.person
    assert person.wizard(*DEPLOY, "--app", "bytes", "--no-sample").code == 0
    line = "printf 'caf\\351, s\\377il vous pla\\356t' | exec \"$0\" -m wizard call bytes --rehearse --json"
    called = person.run("/bin/sh", "-c", line, sys.executable)
    assert called.code == 0, called
    assert "caf\ufffd" in called.one("SampleReady")["prompt"]
    line = "printf 'hf_\\377\\376' | exec \"$0\" -m wizard rotate bytes --rehearse --json --yes"
    token = person.run("/bin/sh", "-c", line, sys.executable)
    assert (token.code, token.last["code"]) == (4, "invalid_token"), token


def test_a_disk_that_is_full(person: Person) -> None:
    """What is written is written whole or not at all, and nothing in the cloud is made before."""
    serving = person.serve()
    line = 'ulimit -f 0; exec "$0" -m wizard "$@"'
    done = person.run("/bin/bash", "-c", line, sys.executable, *DEPLOY, "--no-sample", PYTHONDONTWRITEBYTECODE="1")
    assert done.code == 2, done
    assert done.last["code"] in ("no_temporary_folder", "file_not_written") and done.last["hint"], done
    assert [path.name for path in person.project.iterdir()] == []
    assert "Traceback" not in done.said
    assert serving.modal_json("app", "list") == []
    assert person.wizard(*DEPLOY, "--no-sample").code == 0
