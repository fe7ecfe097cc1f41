"""Machines as they are: odd folders, odd file names, odd encodings, closed streams."""

from __future__ import annotations

import sys

import pytest

from tests.support.person import APP, MODEL, OPEN_MODEL, Person, Serving

pytestmark = [pytest.mark.slow, pytest.mark.long]

DEPLOY = ("deploy", "--rehearse", "--yes", "--json", "--no-sample")


def test_a_terminal_that_is_not_utf_8(serving: Serving) -> None:
    """Windows, and old shells: the build log has ticks and a party popper in it."""
    done = serving.person.wizard(*DEPLOY, "--app", "narrow", PYTHONIOENCODING="cp1252")
    assert (done.code, done.last["event"]) == (0, "Finished"), done
    words = serving.person.wizard(
        "deploy", "--rehearse", "--yes", "--no-sample", "--app", "narrow-2", PYTHONIOENCODING="ascii"
    )
    assert words.code == 0, words


def test_a_folder_that_holds_a_file_named_like_a_package(serving: Serving) -> None:
    """People keep a `modal.py` of their own; it must not be run in place of the SDK."""
    folder = serving.person.folder / "own"
    folder.mkdir()
    for name in ("modal.py", "json.py", "huggingface_hub.py"):
        (folder / name).write_text("raise SystemExit('a file of the person was run')\n")
    done = serving.person.run(sys.executable, "-P", "-m", "wizard", *DEPLOY, "--app", "beside", folder=folder)
    assert (done.code, done.last["event"]) == (0, "Finished"), done
    rehearsed = serving.person.run(
        *(sys.executable, "-P", "-m", "wizard", "deploy", "--scenario", "no-token", "--yes", "--json"), folder=folder
    )
    assert rehearsed.last["code"] == "no_token", rehearsed


@pytest.mark.parametrize("app", ["outlines", "modal", "torch", "json"])
def test_an_app_named_like_a_package(app: str, serving: Serving) -> None:
    """Its file must not stand in for the package, neither here nor in the container; or the name is refused."""
    person = serving.person
    folder = person.folder / f"app-{app}"
    folder.mkdir()
    fresh = {"modal": OPEN_MODEL, "json": f"{MODEL}-sharded"}.get(app)  # every container imports these two, so the
    # one that fetches the weights shows it; the others want the one that loads them
    command = [sys.executable, "-P", "-m", "wizard", "deploy", "--rehearse", "--yes", "--json", "--app", app]
    running = person.start(*command, *(["--model", fresh, "--no-sample"] if fresh else []), folder=folder)
    done = running.end(60)
    if done.code == 2:
        assert done.last["hint"]
        assert list(folder.iterdir()) == []
        return
    assert done.code == 0, done
    if fresh:
        assert any("MB in the Volume" in line["text"] for line in done.all("LogLine")), done
    else:
        assert done.one("SampleReady")["valid"] is True


def test_no_standard_input_at_all(serving: Serving) -> None:
    line = 'exec "$0" -m wizard "$@" <&-'
    refused = serving.person.run("/bin/sh", "-c", line, sys.executable, "deploy", "--rehearse", "--json")
    assert (refused.code, refused.last["code"]) == (2, "missing_yes"), refused
    teardown = serving.person.run("/bin/sh", "-c", line, sys.executable, "teardown", APP, "--rehearse", "--json")
    assert teardown.last["code"] in ("app_missing", "missing_yes"), teardown
    agreed = serving.person.run("/bin/sh", "-c", line, sys.executable, *DEPLOY, "--app", "no-stdin")
    assert agreed.code == 0, agreed


def test_a_folder_that_cannot_be_written_is_noticed_before_anything_changes(person: Person) -> None:
    serving = person.serve()
    (person.project / "taken").write_text("a file where a folder is wanted\n")
    done = person.deploy("--no-sample", "--output-dir", "taken/folder", code=2)
    assert (done.last["code"], done.last["step"]) == ("file_not_written", "function")
    assert done.last["hint"]
    assert serving.secrets() == []


@pytest.mark.parametrize("wrong", [["--nonsense"], ["--max-tokens", "many"], ["--type"], ["--backend", "magic"]])
def test_a_wrong_flag_is_json_for_scripts(wrong: list[str], person: Person) -> None:
    done = person.wizard("deploy", "--json", "--yes", *wrong)
    assert done.code == 2, done
    assert done.events, "standard output holds no event"
    assert (done.last["event"], done.last["exit_code"]) == ("Failed", 2), done


def test_a_folder_with_an_odd_name(serving: Serving) -> None:
    folder = serving.person.folder / "Grüße & [markup] $HOME"
    folder.mkdir()
    done = serving.person.wizard(*DEPLOY, "--app", "odd.folder_1", folder=folder)
    assert (done.code, done.last["files"]) == (0, ["odd_folder_1.py"]), done


def test_pages_of_a_rehearsal_are_on_this_machine(serving: Serving) -> None:
    """A link to modal.com for something that was never there would send people looking."""
    serving.person.wizard(*DEPLOY, "--app", "linked")
    status = serving.person.wizard("status", "linked", "--rehearse", "--json").json()
    assert status["url"].startswith(serving.pages["modal"]), status


@pytest.mark.parametrize(
    "command",
    [
        ["doctor"],
        ["list"],
        ["status", "nothing"],
        ["call", "nothing", "--prompt", "a"],
        ["logs", "nothing"],
        ["rollback", "nothing"],
        ["verify", "nothing", "--samples", "1"],
        ["teardown", "nothing"],
        ["check", "rehearsal-lab/tiny-character"],
    ],
    ids=lambda command: command[0],
)
def test_a_person_reads_first_that_it_is_a_rehearsal(serving: Serving, command: list[str]) -> None:
    run = serving.person.wizard(*command, "--rehearse")
    assert run.stderr.startswith("DEMO: "), run
    assert run.stderr.count("DEMO: ") == 1
