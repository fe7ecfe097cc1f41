"""What is done on this machine: compiling output types, judging samples, writing files."""

from __future__ import annotations

import asyncio
import datetime
import importlib.util
import json
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from wizard.core.access_token import clean_line
from wizard.core.output_type import TYPES, OutputType
from wizard.core.problem import Problem, usage
from wizard.flow.ports import FileOutcome, Judgement
from wizard.services.class_schema import schema_of_class

_PARSERS: dict[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "bool": lambda text: {"true": True, "false": False}[text],
    "date": lambda text: datetime.date.fromisoformat(text).isoformat(),
    "time": lambda text: datetime.time.fromisoformat(text).isoformat(),
    "datetime": lambda text: datetime.datetime.fromisoformat(text).isoformat(),
    "email": str,
    "uuid": lambda text: str(UUID(text)),
}


class Workbench:
    """A WorkbenchPort over jsonschema, the local disk, and llguidance where it is installed."""

    async def schema_of_class(self, reference: str) -> str:
        """The JSON Schema of a Pydantic class, taken in a child process. Raises Problem."""
        return await asyncio.to_thread(schema_of_class, reference)

    async def compile(self, output: OutputType, backend: str) -> str:
        """Prove that the output type compiles. Raises Problem (exit code 2) naming what is wrong with it."""
        return await asyncio.to_thread(_compile, output, backend)

    def judge(self, output: OutputType, text: str) -> Judgement:
        """Validate `text` without the engine that produced it."""
        if output.kind == "schema":
            return _judge_json(json.loads(output.spec), text)
        if output.kind == "choices":
            choices = json.loads(output.spec)
            return Judgement(text, text in choices, () if text in choices else (f"not one of {', '.join(choices)}",))
        if output.kind == "regex":
            good = re.fullmatch(output.spec, text) is not None
            return Judgement(text, good, () if good else (f"does not match {output.spec}",))
        if output.kind == "type":
            return _judge_type(output.spec, text)
        if output.kind == "grammar":
            return _judge_grammar(output.spec, text)
        return Judgement(text, bool(text.strip()), () if text.strip() else ("the answer is empty",))

    def look(self, path: Path, text: str) -> FileOutcome:
        """What `write` would do."""
        try:
            return "kept" if path.read_bytes() == text.encode() else "updated"
        except FileNotFoundError:
            folder = next(parent for parent in path.absolute().parents if parent.exists())
            if not os.access(folder, os.W_OK):
                raise _not_written(path, PermissionError(13, "Permission denied")) from None
            return "created"
        except NotADirectoryError as error:
            raise _not_written(path, error) from error
        except OSError:
            return "updated"

    def write(self, path: Path, text: str) -> FileOutcome:
        """Write a file whole or not at all. Raises Problem (exit code 2) when the disk refuses."""
        path = Path(os.path.realpath(path))  # a link stays one, and its target is written
        outcome = self.look(path, text)
        if outcome == "kept":
            return outcome
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                os.chmod(name, 0o644)
                os.replace(name, path)
            except BaseException:
                os.unlink(name)
                raise
        except OSError as error:
            raise _not_written(path, error) from error
        return outcome


def _not_written(path: Path, error: OSError) -> Problem:
    return usage("file_not_written", f"{path} cannot be written: {error.strerror}.", "Pass --output-dir.")


def _compile(output: OutputType, backend: str) -> str:
    if output.kind == "schema":
        from jsonschema import Draft202012Validator, SchemaError

        try:
            Draft202012Validator.check_schema(json.loads(output.spec))
        except SchemaError as error:
            where = "/".join(str(part) for part in error.absolute_path) or "the top"
            raise usage(
                "schema_invalid", f"The schema is not a JSON Schema: {clean_line(error.message)} (at {where})."
            ) from error
        _follow_references(json.loads(output.spec))
    if output.kind == "grammar" and backend in ("outlines_core",):
        raise usage(
            "backend_unsuited",
            f"The structured-output backend {backend} takes no grammars.",
            "Choose --backend llguidance.",
        )
    if output.form == "none":
        return "free text: nothing to compile"
    if importlib.util.find_spec("llguidance") is None:
        if output.kind == "grammar":
            raise usage(
                "grammar_unchecked",
                "A Lark grammar can only be checked with llguidance, which is not installed here.",
                "Install it: pip install 'outlines-wizard[local]'.",
            )
        return "checked as a JSON Schema" if output.kind == "schema" else "checked as a regular expression"
    if (backend == "llguidance" or output.kind == "grammar") and (error_text := _ask_llguidance(output)):
        raise usage(
            "schema_unsupported",
            f"llguidance cannot enforce this output type: {clean_line(error_text, 300)}",
            "Leave out the keyword that it names.",
        )
    return f"compiles with {backend}" if backend == "llguidance" else "checked"


def _follow_references(schema: dict[str, Any]) -> None:
    """Raise Problem (exit code 2) for a `$ref` that leads nowhere, or away from this schema."""
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    resolver = Registry().with_resource("", DRAFT202012.create_resource(schema)).resolver()
    todo: list[Any] = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, list):
            todo += part
        if not isinstance(part, dict):
            continue
        todo += [value for key, value in part.items() if key not in ("const", "enum", "default", "examples")]
        reference = part.get("$ref")
        if isinstance(reference, str):
            try:
                resolver.lookup(reference)
            except Unresolvable as error:
                raise usage("schema_invalid", f"The schema refers to {reference}, which is not there.") from error


def _ask_llguidance(output: OutputType) -> str:
    from llguidance import LLMatcher, grammar_from

    kinds: dict[str, Literal["json_schema", "regex", "lark"]] = {
        "json_schema": "json_schema",
        "regex": "regex",
        "grammar": "lark",
    }
    try:
        return str(LLMatcher.validate_grammar(grammar_from(kinds[output.form], output.enforced), None) or "")
    except ValueError as error:
        return str(error)


def _judge_json(schema: Any, text: str) -> Judgement:
    from jsonschema import Draft202012Validator
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    from wizard.services.formats import format_checker

    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return Judgement(None, False, (f"not JSON: {error}",))
    validator = Draft202012Validator(schema, registry=Registry(), format_checker=format_checker())
    try:
        errors = sorted(validator.iter_errors(value), key=lambda e: list(map(str, e.absolute_path)))
    except (Unresolvable, RecursionError) as error:
        return Judgement(value, False, (f"the schema cannot be followed: {clean_line(str(error))}",))
    words = tuple(
        f"{'/'.join(map(str, error.absolute_path)) or 'value'}: {clean_line(error.message)}" for error in errors
    )
    return Judgement(value, not words, words)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _judge_type(name: str, text: str) -> Judgement:
    if not re.fullmatch(TYPES[name], text):
        return Judgement(text, False, (f"not a {name}",))
    try:
        return Judgement(_PARSERS[name](text), True)
    except (ValueError, KeyError):
        return Judgement(text, False, (f"not a {name} that exists",))


def _judge_grammar(grammar: str, text: str) -> Judgement:
    """Parse the text with a fresh parser over bytes: no tokenizer and no model has a part in it."""
    import llguidance

    tokenizer = llguidance.LLTokenizer("byte")
    matcher = llguidance.LLMatcher(tokenizer, llguidance.grammar_from("lark", grammar))
    good = all(matcher.consume_token(byte) for byte in text.encode()) and matcher.is_accepting()
    return Judgement(text, good, () if good else ("the grammar does not derive this text",))
