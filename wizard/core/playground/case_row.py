"""A question and its answer as a row for `verify --cases`."""

from __future__ import annotations

import os
from pathlib import Path

from wizard.core.cases.case import case_line
from wizard.core.images.image_file import is_address
from wizard.core.playground.exchange import Exchange
from wizard.core.schema.json_value import JsonValue


def case_row(exchange: Exchange, folder: Path, usual_max_tokens: int | None = None) -> str:
    """The line, for a file in `folder`: images are looked for from there. A token limit is only in it where it is not
    the function's own, `usual_max_tokens`."""
    question, sample = exchange.question, exchange.sample
    more: dict[str, JsonValue] = {"system": question.system} if question.system else {}
    if question.images:
        more["images"] = [each if is_address(each) else seen_from(folder, each) for each in question.images]
    if question.max_tokens is not None and question.max_tokens != usual_max_tokens:
        more["max_tokens"] = question.max_tokens
    value: JsonValue = sample.text if sample.value is None and sample.text.strip() != "null" else sample.value
    return case_line(question.prompt, value, **more)


def seen_from(folder: Path, name: str) -> str:
    """The path of a file as a cases file in `folder` has it: relative where the file lies below that folder."""
    path, home = (Path(os.path.abspath(Path(os.path.expanduser(each)))) for each in (name, folder))
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)


def case_warning(exchange: Exchange) -> str:
    """What to know of a row before `verify` uses it; empty where there is nothing."""
    if not exchange.sample.valid:
        return "The answer is not valid: correct it in the file before you use it."
    if exchange.question.output is not None:
        return "verify asks with the deployed output type; this answer was made with another one."
    return ""
