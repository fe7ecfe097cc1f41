"""The map in `docs/architecture.md` is true: what it names is there, and a thing is known where the table says."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MAP = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")


def rows() -> list[tuple[str, list[str], str]]:
    """The table "To add something": what is added, the paths to touch, and the example if there is one."""
    table = MAP.split("## To add something")[1].split("\n## ")[0]
    found = []
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[0] not in ("to add", "---"):
            found.append((cells[0], re.findall(r"`([\w/.]+)`", cells[1]), cells[2].strip("`")))
    return found


def names_in(path: Path) -> set[str]:
    """Every identifier of a file, and every string that is one word; comments and docstrings do not count."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return {token.string.strip("\"'") for token in tokens if token.type in (tokenize.NAME, tokenize.STRING)}


def test_the_table_has_rows() -> None:
    assert len(rows()) > 10
    assert sum(bool(example) for _, _, example in rows()) >= 3


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_what_is_to_be_touched_is_there(row: tuple[str, list[str], str]) -> None:
    _, paths, example = row
    assert paths
    for path in paths:
        assert (PROJECT / path).exists(), path
        assert (PROJECT / path).is_dir() == path.endswith("/"), path
    if example:
        known = {
            file.relative_to(PROJECT).as_posix()
            for file in (PROJECT / "wizard").rglob("*.py")
            if example in names_in(file)
        }
        assert known, f"{example} is nowhere"
        elsewhere = {file for file in known if not any(file.startswith(path) for path in paths)}
        assert elsewhere == set(), f"{example} is known elsewhere too"


def test_every_layer_and_capability_of_the_map_is_there() -> None:
    layers = MAP.split("## The layers")[1].split("\n## ")[0]
    for name in re.findall(r"^\| `([\w/.]+)` \|", layers, flags=re.MULTILINE):
        assert (PROJECT / "wizard" / name).exists(), name
    capabilities = re.findall(r"^\| (\w+) \|", MAP.split("## The capabilities")[1].split("\n## ")[0], re.MULTILINE)
    homes = [PROJECT / "wizard" / layer for layer in ("core", "flow")]
    for word in set(capabilities) - {"word"}:
        assert any((home / word).is_dir() for home in homes), word


def test_every_package_is_on_the_map() -> None:
    words = set(re.findall(r"\w+", MAP))
    for layer in ("core", "flow", "services"):
        for folder in (PROJECT / "wizard" / layer).iterdir():
            if (folder / "__init__.py").exists():
                assert folder.name in words, f"{layer}/{folder.name} is not on the map"
