"""Files that a person keeps, written on this machine."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from wizard.core.problem import ExitCode, Problem
from wizard.services.local.files import LocalFiles

FILES = LocalFiles()


def test_a_file_is_created_then_kept_then_updated(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "app.py"
    assert FILES.preview_write(path, "one ä\n") == "created"
    assert not path.parent.exists(), "looking changes nothing"
    assert FILES.write(path, "one ä\n") == "created"
    assert path.read_bytes() == "one ä\n".encode()
    before = path.stat().st_mtime_ns
    assert FILES.preview_write(path, "one ä\n") == FILES.write(path, "one ä\n") == "kept"
    assert path.stat().st_mtime_ns == before
    assert FILES.preview_write(path, "two\n") == "updated"
    assert path.read_text() != "two\n"
    assert FILES.write(path, "two\n") == "updated"
    assert path.read_text() == "two\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["app.py"]


def test_line_ends_are_written_as_they_are(tmp_path: Path) -> None:
    FILES.write(tmp_path / "f", "a\r\nb\nc\r")
    assert (tmp_path / "f").read_bytes() == b"a\r\nb\nc\r"
    assert FILES.write(tmp_path / "f", "a\r\nb\nc\r") == "kept"


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
        FILES.write(path, "text")
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
            FILES.write(tmp_path / "app.py", "text")
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
        FILES.write(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["app.py"]


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "real.py", tmp_path / "app.py"
    target.write_text("old")
    link.symlink_to(target)
    assert FILES.write(link, "new") == "updated"
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_file_keeps_its_permissions_and_a_new_one_gets_the_persons_usual_ones(tmp_path: Path) -> None:
    mine, new = tmp_path / "mine.py", tmp_path / "new.py"
    mine.write_text("before")
    mine.chmod(0o600)
    before = os.umask(0o027)
    try:
        assert (FILES.write(mine, "after"), FILES.write(new, "after")) == ("updated", "created")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (mine, new)] == [0o600, 0o640]
