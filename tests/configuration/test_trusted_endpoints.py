"""Where trust in a Hub is named, and how an answer gets into config.toml without disturbing what is there."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from wizard.core.problem import Problem
from wizard.flow.configuration.trusted_endpoints import VARIABLE, endpoint_trust, keep_trusted
from wizard.flow.configuration.user_config import user_config_file

HUB = "https://hub.company.example"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path


def write(text: str) -> Path:
    file = user_config_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_nothing_is_trusted_unasked() -> None:
    assert endpoint_trust().named == frozenset()


def test_each_of_the_three_places_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert endpoint_trust([f"{HUB}/"]).covers(HUB)
    monkeypatch.setenv(VARIABLE, f" http://10.0.0.7:80,{HUB} ")
    assert endpoint_trust().named == {HUB, "http://10.0.0.7"}
    monkeypatch.delenv(VARIABLE)
    write(f'[hub]\ntrusted = ["{HUB}"]\n')
    assert endpoint_trust().covers(HUB)
    assert not endpoint_trust(rehearsal=True).covers(HUB), "a rehearsal leaves the person's configuration out"


@pytest.mark.parametrize(
    "text",
    ['[hub]\ntrusted = "https://x.example"\n', "[hub]\ntrusted = [1]\n", "hub = 1\n", '[hub]\ntrusted = ["x"]\n'],
)
def test_what_is_not_understood_is_refused_and_not_passed_over(text: str) -> None:
    write(text)
    with pytest.raises(Problem) as caught:
        endpoint_trust()
    assert int(caught.value.exit_code) == 2 and "config.toml" in caught.value.message


@pytest.mark.parametrize(
    "before",
    [
        "",
        '# mine\ntheme = "outlines-light"\n\n[deploy]\ngpu = "L4"  # cheap\n',
        '[hub]\n# ours\ntrusted = [\n  "https://other.example",  # Berlin\n]\n',
        "[hub]\n",
        "\ufeff[deploy]\nmax_containers = 2\n",
    ],
)
def test_a_yes_is_kept_beside_what_is_there(before: str) -> None:
    file = write(before)
    earlier = tomllib.loads(before.removeprefix("\ufeff"))
    assert keep_trusted(HUB) == file
    keep_trusted(HUB + "/")
    text = file.read_text(encoding="utf-8")
    after = tomllib.loads(text)
    assert after["hub"]["trusted"] == [*earlier.get("hub", {}).get("trusted", []), HUB]
    assert {name: table for name, table in after.items() if name != "hub"} == {
        name: table for name, table in earlier.items() if name != "hub"
    }
    assert all(comment in text for comment in ("# mine", "# cheap", "# ours", "# Berlin") if comment in before)
    assert endpoint_trust().covers(HUB)
    assert [each.name for each in file.parent.iterdir()] == ["config.toml"]


def test_a_first_answer_makes_the_file(home: Path) -> None:
    schema, hint, *rest = keep_trusted(HUB).read_text().splitlines()
    assert schema == "#:schema ./config.schema.json" and hint.startswith("# ")
    assert rest == ["", "[hub]", f'trusted = ["{HUB}"]']


@pytest.mark.parametrize("broken", ["hub = 1\n", "not toml ["])
def test_a_file_that_cannot_be_changed_is_left_as_it_is(broken: str) -> None:
    file = write(broken)
    with pytest.raises(Problem) as caught:
        keep_trusted(HUB)
    assert caught.value.code == "config_not_written" and HUB in caught.value.hint
    assert file.read_text() == broken


def test_a_folder_that_cannot_be_written_is_said(home: Path) -> None:
    (home / "outlines-wizard").write_text("a file where the folder has to be")
    with pytest.raises(Problem) as caught:
        keep_trusted(HUB)
    assert caught.value.code == "config_not_written"
