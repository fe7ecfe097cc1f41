"""The line mode in a plain pipe: the demo as a first choice, a deploy that is gone on with, adapters, and images."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.test_lines import CONTROL
from tests.codegen.tiny_vision import picture, seeing
from tests.support.killed_deploy import leave_killed_deploy
from tests.support.lora import write_lora
from tests.support.person import MODEL, Person, Run, one_person


@pytest.fixture
def person() -> Iterator[Person]:
    """Somebody who has what a demo needs."""
    yield from one_person()


def lines(person: Person, *answers: str, demo: bool = True, **more: Any) -> Run:
    """The line mode with these answers, one a line; no control characters come out of it."""
    flags = ["--rehearse"] if demo else []
    done = person.wizard("--plain", *flags, stdin="\n".join(answers) + "\n", **more)
    assert not CONTROL.search(done.stdout) and done.stderr == "", done
    return done


@pytest.mark.long
def test_the_demo_is_a_choice_and_reads_the_answers_that_follow(person: Person) -> None:
    nobody = {"HF_ENDPOINT": "http://127.0.0.1:9", "MODAL_SERVER_URL": "http://127.0.0.1:9"}
    done = lines(person, "1", "?", "q", demo=False, **nobody)
    assert done.code == 0, done
    begun = done.stdout.partition("How do you want to begin?")[2]
    assert f"{MODEL} (gated" in begun and "Type the number of a model" in begun and begun.endswith("Bye.\n")
    again = lines(person, "q", demo=False, **nobody)
    assert "How do you want to begin?" not in again.stdout and "outlines-wizard demo --plain" in again.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    ("answers", "reviews", "stays"),
    [(["1", "q"], True, False), (["2", "q"], False, True), (["3", "q"], False, False), (["q"], False, True)],
)
def test_a_deploy_that_was_left_is_offered_again(
    person: Person, monkeypatch: pytest.MonkeyPatch, answers: list[str], reviews: bool, stays: bool
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(person.state))
    file = leave_killed_deploy()
    done = lines(person, *answers)
    assert done.code == 0 and f"in the middle of deploying left-over ({MODEL})" in done.stdout, done
    assert ("Review the plan. Deploy now?" in done.stdout) is reviews
    assert file.exists() is stays


@pytest.mark.long
@pytest.mark.slow
def test_several_adapters_and_which_of_them_answers(person: Person) -> None:
    if importlib.util.find_spec("peft") is None:
        pytest.skip("peft is not installed: make local")
    served = []
    for name, seed, access in (("x", 1, ""), ("y", 2, ":gated")):
        folder = write_lora(person.project / name, seed, MODEL)
        served += ["--serve", f"{folder}=acme/lora-{name}{access}"]
    person.serve(*served)
    kind, choices = "choices", "ab,cd,ef,gh"
    settings = ["", "adapter", "acme/lora-gone", "adapter", "x=acme/lora-x, y=acme/lora-y", ""]
    asked = [
        "1",
        "Not this one",
        "b",
        "Conan",
        "y",
        "Conan",
        "3",
        "Conan",
        "",
        "",
    ]
    done = lines(person, MODEL, kind, choices, "", "T4", *settings, *asked)
    assert done.code == 0, done
    assert "The adapters stay as they were." in done.stdout
    assert "LoRA adapters: x=acme/lora-x y=acme/lora-y" in done.stdout
    assert done.stdout.count("Which adapter answers?") == 4
    assert done.stdout.count("Number [2]:") and "Number [3]:" in done.stdout, "the last one is the default"
    assert done.stdout.count("valid (checked independently)") == 4


@pytest.mark.long
@pytest.mark.slow
def test_images_for_a_model_that_sees(person: Person) -> None:
    person.serve(f"--serve={seeing('gemma3', person.project / 'model')}=acme/gemma3")
    (person.project / "two words.png").write_bytes(picture(90, 200))
    (person.project / "notes.txt").write_text("no image")
    asked = ["1", "What is it?", "notes.txt", "'two words.png'", "And now?", "", ""]
    done = lines(person, "acme/gemma3", "choices", "cat,dog", "", "T4", "", "", *asked)
    assert done.code == 0, done
    assert "notes.txt is not a JPEG, PNG, WebP or GIF file. Save it as" in done.stdout
    assert done.stdout.count("Image files for it") == 2
    assert done.stdout.count("valid (checked independently)") == 3
