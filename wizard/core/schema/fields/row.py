"""One row of the table of fields: what it shows of a property of a JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from wizard.core.schema.exact_numbers import Number
from wizard.core.schema.json_value import JsonValue
from wizard.core.schema.nodes import Pointer

AS_WRITTEN = "json"  # the type of a row whose subschema the table cannot show
CHOICE, OBJECT = "choice", "object"
Place = Literal["name", "type", "limits", "choices", "items", ""]
Bound: TypeAlias = "Number | None"


@dataclass(frozen=True)
class FieldType:
    """A type that the table offers. `json_type` is what `type` says, "" for nothing; `least` and `most` are the
    keywords of its limits, "" where it has none."""

    name: str
    label: str
    json_type: str
    format: str = ""
    least: str = ""
    most: str = ""


FIELD_TYPES: Mapping[str, FieldType] = {
    each.name: each
    for each in (
        FieldType("text", "text", "string", least="minLength", most="maxLength"),
        FieldType("integer", "integer", "integer", least="minimum", most="maximum"),
        FieldType("number", "number", "number", least="minimum", most="maximum"),
        FieldType("boolean", "true/false", "boolean"),
        FieldType(CHOICE, "choice", ""),
        FieldType(OBJECT, "object", "object"),
        FieldType("date", "date", "string", "date"),
        FieldType("time", "time", "string", "time"),
        FieldType("date-time", "date and time", "string", "date-time"),
        FieldType("email", "email", "string", "email"),
        FieldType("uri", "link", "string", "uri"),
        FieldType("uuid", "UUID", "string", "uuid"),
    )
}
FORMATS = {each.format: each.name for each in FIELD_TYPES.values() if each.format}


class FieldError(ValueError):
    """Why an edit is not possible, as a sentence; `place` is the part of the field that it is about."""

    def __init__(self, message: str, place: Place = "") -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Range:
    """The least and the most that is allowed; None for no limit."""

    least: Bound = None
    most: Bound = None

    @property
    def words(self) -> str:
        """As the table shows it."""
        if self.least is None:
            return f"≤ {self.most}" if self.most is not None else ""
        if self.most is None:
            return f"≥ {self.least}"
        return f"{self.least}" if self.least == self.most else f"{self.least}-{self.most}"


NO_LIMITS = Range()


@dataclass(frozen=True)
class FieldShape:
    """What can be edited of a field. `limits` are those of its value, or of a text's length; `items` is how many
    values a list has. Both are None-to-None where there are none."""

    name: str
    type: str = "text"
    is_list: bool = False
    is_optional: bool = False
    limits: Range = NO_LIMITS
    choices: tuple[JsonValue, ...] = ()
    items: Range = NO_LIMITS


@dataclass(frozen=True)
class FieldRow:
    """A field where it stands: `pointer` leads to its subschema, `inner` to that of its value (of an item, for a list).

    `written` says in a few words what stands in the JSON, where the table cannot show it. `more` names keywords that
    it has besides. `children` is the object that its own fields are added to; None where it can have none.
    """

    pointer: Pointer
    depth: int
    shape: FieldShape
    inner: Pointer
    written: str = ""
    more: tuple[str, ...] = ()
    description: str = ""
    children: Pointer | None = None

    @property
    def type_words(self) -> str:
        """The type as the table shows it."""
        label = FIELD_TYPES[self.shape.type].label if self.shape.type != AS_WRITTEN else self.written
        return f"list of {label}" if self.shape.is_list else label

    @property
    def limit_words(self) -> str:
        """Limits, choices and what else there is, as the table shows it."""
        shape = self.shape
        parts = [", ".join(str(each) for each in shape.choices), shape.limits.words]
        if shape.is_list and shape.items.words:
            parts.append(f"{shape.items.words} items")
        if shape.type == AS_WRITTEN:
            parts.append("written in JSON")
        parts += [f"+{word}" for word in self.more]
        return "; ".join(part for part in parts if part)


@dataclass(frozen=True)
class Fields:
    """The table: its rows, and the object that they are fields of. `note` says why there is no table; `root` is None
    then."""

    rows: tuple[FieldRow, ...] = ()
    root: Pointer | None = ()
    note: str = ""

    def row(self, pointer: Pointer) -> FieldRow | None:
        """The row of the field whose subschema stands there."""
        return next((row for row in self.rows if row.pointer == pointer), None)

    def row_about(self, pointer: Pointer) -> FieldRow | None:
        """The innermost field that holds what stands at the pointer."""
        holding = [
            row for row in self.rows if any(pointer[: len(each)] == each for each in (row.pointer, row.inner) if each)
        ]
        return max(holding, key=lambda row: max(len(row.pointer), len(row.inner)), default=None)
