"""Compiling, judging and writing on this machine."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from wizard.core.output.output_type import CHARACTER, OutputType, choices_type, python_type, regex_type, schema_type
from wizard.core.problem import ExitCode, Problem
from wizard.services.local.workbench import KEPT_FILES, Workbench

BENCH = Workbench()


def schema(**more: Any) -> OutputType:
    return schema_type(json.dumps({"type": "object"} | more), "x")


def field(**rule: Any) -> OutputType:
    return schema(properties={"f": rule}, required=["f"])


# --- judging ------------------------------------------------------------------------------------------------------

CONAN = {"name": "Conan", "age": 40, "armor": "none", "weapon": "axe", "strength": 20}


def test_a_good_sample_comes_back_as_data() -> None:
    judged = BENCH.judge(CHARACTER, json.dumps(CONAN))
    assert judged.valid
    assert judged.value == CONAN
    assert judged.errors == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps(CONAN)[:-9], "not JSON"),
        ("", "not JSON"),
        ('{"name": NaN}', "NaN"),
        ("Infinity", "Infinity"),
        (json.dumps(CONAN) + " and more", "not JSON"),
        ("Here you are: {}", "not JSON"),
    ],
)
def test_what_is_not_json_is_said_to_be_so(text: str, words: str) -> None:
    judged = BENCH.judge(CHARACTER, text)
    assert not judged.valid
    assert judged.value is None
    assert words in judged.errors[0]


def test_every_error_names_its_place() -> None:
    judged = BENCH.judge(CHARACTER, json.dumps(CONAN | {"age": 121, "weapon": "spoon"}))
    assert not judged.valid
    assert judged.value["age"] == 121
    assert len(judged.errors) == 2
    assert judged.errors[0].startswith("age:")
    assert judged.errors[1].startswith("weapon:")
    missing = BENCH.judge(CHARACTER, "{}")
    assert all(error.startswith("value:") for error in missing.errors)
    assert len(missing.errors) == 5


def test_it_is_judged_by_the_schema_that_was_given_and_not_by_the_closed_one() -> None:
    judged = BENCH.judge(field(type="integer"), '{"f": 1, "more": 2}')
    assert judged.valid


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", "2024-02-29", "2023-02-29"),
        ("date", "2024-02-29", "tomorrow"),
        ("email", "robin@rehearsal.invalid", "robin at rehearsal"),
        ("date-time", "2024-02-29T12:00:00Z", "2023-13-45T99:00:00Z"),
        ("time", "23:59:59Z", "25:00:00Z"),
        ("uuid", "00000000-0000-0000-0000-000000000000", "not-a-uuid"),
        ("ipv4", "127.0.0.1", "300.0.0.1"),
        ("uri", "https://example.com/a?b#c", "a b"),
        ("iri", "https://例え.jp/é", "é"),
        ("iri-reference", "é/ü?ß", "a b"),
        ("duration", "P1DT2H", "a while"),
        ("hostname", "example.com", "-x-"),
    ],
)
def test_formats_are_judged_too(name: str, good: str, bad: str) -> None:
    output = field(type="string", format=name)
    assert BENCH.judge(output, json.dumps({"f": good})).valid
    assert not BENCH.judge(output, json.dumps({"f": bad})).valid


def test_control_characters_of_a_sample_do_not_reach_the_errors() -> None:
    judged = BENCH.judge(field(enum=["a"]), json.dumps({"f": "\x1b[2Jboo"}))
    assert "\x1b" not in judged.errors[0]


def test_a_sample_of_endless_depth_is_invalid_and_no_crash() -> None:
    judged = BENCH.judge(schema(), "[" * 200_000)
    assert not judged.valid


def test_a_schema_that_refers_to_nothing_is_an_error_of_the_schema_and_no_crash() -> None:
    judged = BENCH.judge(schema(properties={"f": {"$ref": "#/$defs/missing"}}), '{"f": 1}')
    assert not judged.valid
    assert "missing" in judged.errors[0]


@pytest.mark.parametrize(
    ("output", "good", "bad"),
    [
        (choices_type("yes,no"), "yes", "Yes"),
        (choices_type("yes,no"), "no", "no "),
        (choices_type("yes,no"), "no", "yesno"),
        (regex_type(r"\d{3}"), "123", "1234"),
        (regex_type("a|ab"), "ab", "abc"),
        (regex_type("a"), "a", "a\n"),
        (OutputType("text"), "hello", "  \n"),
    ],
)
def test_other_kinds_are_judged_as_a_whole(output: OutputType, good: str, bad: str) -> None:
    assert BENCH.judge(output, good).valid
    assert BENCH.judge(output, good).value == good
    judged = BENCH.judge(output, bad)
    assert not judged.valid
    assert judged.errors


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("int", "-42", -42),
        ("float", "2.50", 2.5),
        ("bool", "true", True),
        ("bool", "false", False),
        ("date", "2024-02-29", "2024-02-29"),
        ("time", "23:59:59", "23:59:59"),
        ("datetime", "2024-02-29T23:59:59Z", "2024-02-29T23:59:59+00:00"),
        ("email", "a@b.org", "a@b.org"),
        ("uuid", "0" * 8 + "-0000-0000-0000-" + "0" * 12, "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_a_type_becomes_its_value(name: str, text: str, value: Any) -> None:
    judged = BENCH.judge(python_type(name), text)
    assert (judged.valid, judged.value) == (True, value)
    assert type(judged.value) is type(value)
    json.dumps(judged.value)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("int", "4.0", "not a int"),
        ("date", "2023-02-29", "not a date"),
        ("date", "0000-01-01", "not a date"),
        ("datetime", "2023-04-31T00:00:00Z", "not a datetime"),
        ("time", "24:00:00", "not a time"),
        ("bool", "TRUE", "not a bool"),
    ],
)
def test_what_looks_like_a_type_but_is_none_is_refused(name: str, text: str, words: str) -> None:
    judged = BENCH.judge(python_type(name), text)
    assert not judged.valid
    assert words in judged.errors[0]


def test_a_grammar_is_judged_by_parsing() -> None:
    pytest.importorskip("llguidance")
    grammar = OutputType("grammar", 'start: "yes" | "n" "o"\n')
    assert BENCH.judge(grammar, "no").valid
    for bad in ("", "n", "non", "maybe"):
        assert not BENCH.judge(grammar, bad).valid


# --- compiling ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "output",
    [CHARACTER, choices_type("yes,no - (maybe),a b,ä#&~"), regex_type(r"\d+"), OutputType("text"), schema()],
    ids=lambda output: output.kind,
)
async def test_what_compiles(output: OutputType) -> None:
    assert await BENCH.compile(output, "llguidance")


@pytest.mark.parametrize("name", ["int", "float", "bool", "date", "time", "datetime", "email", "uuid"])
async def test_every_type_compiles(name: str) -> None:
    assert await BENCH.compile(python_type(name), "llguidance")


@pytest.mark.parametrize(
    ("output", "backend", "words"),
    [
        (schema_type('{"type": "objekt"}', "x"), "llguidance", "objekt"),
        (schema_type('{"type": "objekt"}', "x"), "xgrammar", "objekt"),
        (schema_type('{"properties": []}', "x"), "llguidance", "properties"),
        (field(pattern="("), "llguidance", "regex"),
        (field(type="string", minLength=-1), "llguidance", "minLength"),
        (schema(properties={"f": {"$ref": "#/$defs/missing"}}), "llguidance", "missing"),
        (schema(properties={"f": {"$ref": "#/$defs/missing"}}), "xgrammar", "missing"),
        (field(**{"not": {"type": "string"}}), "llguidance", "not"),
        (OutputType("grammar", "start: ("), "llguidance", ""),
        (OutputType("grammar", "start: ("), "xgrammar", ""),
        (OutputType("grammar", ""), "llguidance", ""),
        (OutputType("grammar", 'start: "a"'), "outlines_core", "outlines_core"),
        (regex_type(r"(?=a)a"), "llguidance", ""),
        (regex_type(r"(a)\1"), "llguidance", ""),
    ],
)
async def test_what_does_not_compile_is_a_problem_before_anything_is_deployed(
    output: OutputType, backend: str, words: str
) -> None:
    with pytest.raises(Problem) as caught:
        await BENCH.compile(output, backend)
    assert caught.value.exit_code is ExitCode.USAGE
    assert words in caught.value.message


# --- writing ------------------------------------------------------------------------------------------------------


def test_a_file_is_created_then_kept_then_updated(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "app.py"
    assert BENCH.look(path, "one ä\n") == "created"
    assert not path.parent.exists(), "looking changes nothing"
    assert BENCH.write(path, "one ä\n") == "created"
    assert path.read_bytes() == "one ä\n".encode()
    before = path.stat().st_mtime_ns
    assert BENCH.look(path, "one ä\n") == BENCH.write(path, "one ä\n") == "kept"
    assert path.stat().st_mtime_ns == before
    assert BENCH.look(path, "two\n") == "updated"
    assert path.read_text() != "two\n"
    assert BENCH.write(path, "two\n") == "updated"
    assert path.read_text() == "two\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["app.py"]


def test_line_ends_are_written_as_they_are(tmp_path: Path) -> None:
    BENCH.write(tmp_path / "f", "a\r\nb\nc\r")
    assert (tmp_path / "f").read_bytes() == b"a\r\nb\nc\r"
    assert BENCH.write(tmp_path / "f", "a\r\nb\nc\r") == "kept"


@pytest.mark.parametrize("place", ["a file in the way", "a folder", "no such device", "a name that is too long"])
def test_a_disk_that_refuses_is_a_problem_and_leaves_nothing_behind(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    path = {
        "a file in the way": tmp_path / "file" / "app.py",
        "a folder": tmp_path / "folder",
        "no such device": Path("/proc/nothing/app.py"),
        "a name that is too long": tmp_path / ("x" * 300),
    }[place]
    with pytest.raises(Problem) as caught:
        BENCH.write(path, "text")
    assert caught.value.exit_code is ExitCode.USAGE
    assert str(path) in caught.value.message
    assert "None" not in caught.value.message
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(Problem):
            BENCH.write(tmp_path / "app.py", "text")
    finally:
        tmp_path.chmod(0o700)


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "app.py"
    path.write_text("old")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        BENCH.write(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["app.py"]


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "real.py", tmp_path / "app.py"
    target.write_text("old")
    link.symlink_to(target)
    assert BENCH.write(link, "new") == "updated"
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_file_keeps_its_permissions_and_a_new_one_gets_the_persons_usual_ones(tmp_path: Path) -> None:
    mine, new = tmp_path / "mine.py", tmp_path / "new.py"
    mine.write_text("before")
    mine.chmod(0o600)
    before = os.umask(0o027)
    try:
        assert (BENCH.write(mine, "after"), BENCH.write(new, "after")) == ("updated", "created")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (mine, new)] == [0o600, 0o640]


# --- keeping ------------------------------------------------------------------------------------------------------


async def keep(folder: Path, name: str) -> Path:
    async def fetch() -> bytes:
        return b"data"

    return await Workbench(folder).kept(name, fetch)


async def test_the_latest_files_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT_FILES + 3):
        os.utime(await keep(tmp_path, f"{number}"), (number, number))
    assert sorted(int(each.name) for each in tmp_path.iterdir()) == list(range(3, KEPT_FILES + 3))


async def test_two_processes_that_clear_up_at_once_do_not_trip_each_other(tmp_path: Path) -> None:
    names = iter(range(10**6))

    async def many() -> None:
        for _ in range(60):
            await keep(tmp_path, f"{next(names)}")

    await asyncio.gather(*(many() for _ in range(6)))  # each file is written in a thread
    assert len(list(tmp_path.iterdir())) <= KEPT_FILES


async def test_a_file_that_cannot_be_kept_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "by").touch()
    with pytest.raises(Problem) as caught:
        await keep(tmp_path, "taken")
    assert caught.value.code == "cache_not_written"
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]
