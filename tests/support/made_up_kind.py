"""A kind of output type that only tests know, and how a test and the children of lint get to know it."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from wizard.core.output.kinds.registry import KINDS
from wizard.core.output.output_kind import KindEditor, KindFlag, OutputKind, Preset
from wizard.core.problem import usage
from wizard.core.schema.json_value import JsonValue

ADDRESS = r"[a-z]{1,8}@[a-z]{1,8}\.org"


@dataclass(frozen=True)
class EmailList(OutputKind):
    """The spec is the most addresses that an answer may have."""

    def parse(self, text: str, where: str) -> str:
        if not text.strip().isdigit():
            raise usage("email_list_invalid", f"{where}: {text.strip()} is not a number of addresses.")
        return text.strip()

    def enforced(self, spec: str) -> str:
        return f"{ADDRESS}(, {ADDRESS}){{0,{int(spec) - 1}}}"

    def read_answer(self, spec: str, answer: str) -> JsonValue:
        addresses: list[JsonValue] = [*answer.split(", ")]
        if len(addresses) > int(spec) or not all(re.fullmatch(ADDRESS, str(each)) for each in addresses):
            raise ValueError(f"not up to {spec} e-mail addresses")
        return addresses

    def summary(self, spec: str) -> str:
        return f"up to {spec} e-mail addresses"

    def example_prompt(self, spec: str) -> str:
        return f"Name up to {spec} e-mail addresses."


EMAIL_LIST = EmailList(
    "email-list",
    "E-mail addresses",
    "regex",
    flags=(KindFlag("--email-list", "MOST", "The output is up to so many e-mail addresses."),),
    editor=KindEditor("line", "The most addresses that an answer has.", placeholder="3"),
    presets=(Preset("A pair", "2"),),
)


def register(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Have this process and its children know the kind, until the test ends. `folder` holds what children import."""
    monkeypatch.setitem(KINDS, EMAIL_LIST.name, EMAIL_LIST)
    for command in ("deploy", "lint"):  # their flags are made when they are imported
        monkeypatch.delitem(sys.modules, f"wizard.cli.commands.{command}", raising=False)
    (folder / "sitecustomize.py").write_text(
        "from tests.support.made_up_kind import EMAIL_LIST\n"
        "from wizard.core.output.kinds.registry import KINDS\n"
        "KINDS[EMAIL_LIST.name] = EMAIL_LIST\n"
    )
    project = Path(__file__).resolve().parents[2]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(folder), str(project))))
