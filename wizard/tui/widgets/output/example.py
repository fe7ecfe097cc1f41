"""An answer as it will look, beside the form: made from the output type while it is edited."""

from __future__ import annotations

import json
from collections.abc import Callable

from textual.content import Content
from textual.highlight import highlight
from textual.widgets import Static

from wizard.core.access_token import clean
from wizard.core.output.output_type import OutputType
from wizard.core.schema.examples import example
from wizard.core.schema.json_value import format_json

LONGEST = 2_000  # characters


class ExampleView(Static):
    """An example of an answer; what it is for where there is none."""

    def __init__(self) -> None:
        super().__init__(id="answer-example", markup=False)

    def show(self, output: OutputType | None, is_valid: Callable[[str], bool]) -> None:
        """Draw an example of `output`. It is shown only where `is_valid` says so of its text."""
        text = example_text(output) if output is not None else ""
        if text and is_valid(text):
            self.update(highlight(clean(text)[:LONGEST], language="json"))
        else:
            kind = "There is no example of this output type." if output is not None else "An example comes here."
            self.update(Content.styled(kind, "$quiet"))


def example_text(output: OutputType) -> str:
    """A small answer that a JSON Schema allows; empty for another form."""
    schema = output.json_schema
    if schema is None:
        return ""
    try:
        value = example(schema, schema)
        return format_json(value) if isinstance(value, dict | list) else json.dumps(value, ensure_ascii=False)
    except (ValueError, TypeError, RecursionError):  # the schema is a person's own, and still being typed
        return ""
