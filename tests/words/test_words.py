"""What people read is plain product English, and both READMEs say the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
ODD = (
    "shall answer",
    "takes the marked model",
    "can be taken as it is",
    "Ask again (",
    "Opening services",
    "Tried ✓",
    "The gate: ",
    "Enter goes on",
    "to be made: ",
    "holds this access token",
    "What must the output look like",
    "Prompt of the first sample",
    "file or module:Class",
    "which enforces all of it, in up to",
    "A number, a date, ",
    "the cheapest with room",
    "an hour awake",
    "Nothing has been changed yet",
    "yours to keep",
    "of it the GPU",
    "Starting a container and asking",
    "a validator independent of the engine",
    "did not answer as it should",
    "another prompt: type and press",
    "Use it, look at it, undo it",
    "This is a rehearsal that ends",
    "A setting is not valid yet",
    "leaves everything as it is",
    "half as much again",
    "structured-output backends say",
    "models of like size",
    "not known to the network",
    "all the same?",
    "its containers go",
    "it sleeps",
    "does not keep to",
    "The plan was declined",
    "A mistake of ours",
    "seconds of the processor",
    "ever meeting a 401",
    "refuses a dearer one",
    "good enough for the unmodified",
    "Have you met the error",
    "per hour of work",
)
ARCHAIC = re.compile(r"\b(anew|whom|whosoever|thereof|hence|shall|mend|mends|dearer|forthwith|thrice)\b", re.IGNORECASE)
# What others say, and what is compared with it.
FOREIGN = ("wizard/core/explain/patterns/", "wizard/core/explain/classifier.py", "wizard/rehearsal/hub/answers.py")


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """The literals of a module, docstrings apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def is_prose(text: str) -> bool:
    """Whether it can be a sentence or a label, and no identifier."""
    return " " in text or text[:1].isupper()


def read_by_people() -> Iterator[tuple[str, str]]:
    """Every text that somebody may read, and where it stands."""
    for path in sorted((PROJECT / "wizard").rglob("*.py")):
        name = path.relative_to(PROJECT).as_posix()
        if not name.startswith(FOREIGN):
            yield from ((f"{name}:{line}", text) for line, text in texts(path) if is_prose(text))
    for path in [*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield f"{path.name}:{number}", line


def test_odd_phrases_do_not_come_back() -> None:
    found = [f"{where}: {phrase}" for where, text in read_by_people() for phrase in ODD if phrase in text]
    assert found == []


def test_nothing_is_said_in_words_of_another_century() -> None:
    found = [f"{where}: {match[0]}" for where, text in read_by_people() if (match := ARCHAIC.search(text))]
    assert found == []


def parts(text: str) -> dict[str, list[str]]:
    """What two languages of one page have alike."""
    code = re.findall(r"^```\w+\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    commands = [re.sub(r"\s{2,}.*", "", line) for block in code for line in block.splitlines()]
    return {
        "titles": re.findall(r"^#+ ", text, re.MULTILINE),
        "commands": commands,
        "links": sorted(re.findall(r"\]\(((?!README)[^)]+)\)", text)),
        "table rows": re.findall(r"^\|", text, re.MULTILINE),
        "bold beginnings": re.findall(r"^\*\*", text, re.MULTILINE),
        "words as they are typed": sorted(
            set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)))
        ),
        "amounts": sorted(re.findall(r"0\.\d+|\b190\b|2\.5", text)),
    }


@pytest.mark.parametrize("part", list(parts("")))
def test_the_chinese_readme_says_all_that_the_english_one_says(part: str) -> None:
    english, chinese = (
        parts((PROJECT / name).read_text(encoding="utf-8"))[part] for name in ("README.md", "README.zh-CN.md")
    )
    assert chinese == english
