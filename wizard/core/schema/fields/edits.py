"""Edits of the table as edits of the JSON Schema: what they are not about stays the same object, in the same order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from wizard.core.schema.fields.reading import read_fields, shape_of
from wizard.core.schema.fields.row import AS_WRITTEN, FieldError, FieldShape
from wizard.core.schema.fields.subschema import check_shape, new_subschema, reshape
from wizard.core.schema.json_value import JsonObject, JsonValue
from wizard.core.schema.nodes import Node, Pointer, format_pointer, replace_at, resolve_reference, value_at
from wizard.core.schema.unknown_keywords import each_schema

_NAMING = ("dependentRequired", "dependencies", "dependentSchemas")  # keywords beside `required` that name fields


@dataclass(frozen=True)
class AddField:
    """A new field of the object at `parent`, below the field `after`; the first one where that is None."""

    parent: Pointer
    shape: FieldShape
    after: str | None = None


@dataclass(frozen=True)
class ChangeField:
    """Another shape for the field whose subschema stands at `pointer`."""

    pointer: Pointer
    shape: FieldShape


@dataclass(frozen=True)
class DeleteField:
    """No field at `pointer` any more."""

    pointer: Pointer


@dataclass(frozen=True)
class MoveField:
    """The field at `pointer`, so many places further down among those of its object; up where it is negative."""

    pointer: Pointer
    by: int


Edit: TypeAlias = AddField | ChangeField | DeleteField | MoveField


def change(document: JsonObject, edit: Edit) -> JsonObject:
    """The document after the edit. Raises FieldError where it cannot be made."""
    parent = edit.parent if isinstance(edit, AddField) else edit.pointer[:-2]
    node = _object_at(document, parent)
    match edit:
        case AddField():
            changed = _added(node, edit, is_document=parent == (read_fields(document).root or ()))
        case ChangeField():
            changed = _changed(node, edit)
        case DeleteField():
            changed = _deleted(node, edit.pointer[-1])
        case MoveField():
            changed = _moved(node, edit.pointer[-1], edit.by)
    if changed is node:
        return document
    new: JsonObject = replace_at(document, parent, changed)
    _check_references(document, new)
    return new


def _object_at(document: JsonValue, pointer: Pointer) -> Node:
    try:
        node = value_at(document, pointer)
    except (LookupError, ValueError, TypeError):
        node = None
    if not isinstance(node, dict) or not isinstance(node.get("properties", {}), dict):
        raise FieldError("This object is not in the schema any more.")
    return node


def _field(node: Node, name: str) -> tuple[Any, bool]:
    """A field's subschema, and whether it is optional."""
    properties = node.get("properties", {})
    if name not in properties:
        raise FieldError(f"There is no field “{name}” any more.")
    return properties[name], name not in node.get("required", [])


def _added(node: Node, edit: AddField, *, is_document: bool) -> Node:
    shape = edit.shape
    properties: Node = node.get("properties", {})
    _check_name(shape.name, properties)
    new = new_subschema(shape)
    if edit.after is None:
        whole = {shape.name: new, **properties}
    else:
        whole = {}
        for name, part in properties.items():
            whole[name] = part
            if name == edit.after:
                whole[shape.name] = new
        whole.setdefault(shape.name, new)
    changed = dict(node)
    if is_document and "type" not in node and "properties" not in node:
        changed |= {"type": "object", "properties": whole, "additionalProperties": False}
        for key in ("$defs", "definitions"):  # they come last, as tools write them
            if key in changed:
                changed[key] = changed.pop(key)
    return _with_required({**changed, "properties": whole}, shape.name, not shape.is_optional)


def _changed(node: Node, edit: ChangeField) -> Node:
    name, new = edit.pointer[-1], edit.shape
    part, is_optional = _field(node, name)
    old = shape_of(name, part, is_optional)
    if new == old:
        return node
    check_shape(new)
    if new.type == AS_WRITTEN != old.type:
        raise FieldError("Only JSON can say that: choose a type.", "type")
    if new.name != name:
        _check_name(new.name, node["properties"])
        node = _renamed(node, name, new.name)
    changed = reshape(part, old, new)
    if changed is not part:
        node = {**node, "properties": {**node["properties"], new.name: changed}}
    return _with_required(node, new.name, not new.is_optional)


def _renamed(node: Node, old: str, new: str) -> Node:
    _check_unnamed(node, old)
    properties = {new if name == old else name: part for name, part in node["properties"].items()}
    node = {**node, "properties": properties}
    if old in node.get("required", []):
        node["required"] = [new if name == old else name for name in node["required"] if name != new]
    return node


def _deleted(node: Node, name: str) -> Node:
    _field(node, name)
    _check_unnamed(node, name)
    properties = {each: part for each, part in node["properties"].items() if each != name}
    return _with_required({**node, "properties": properties}, name, False)


def _moved(node: Node, name: str, by: int) -> Node:
    _field(node, name)
    names = list(node["properties"])
    at = names.index(name)
    to = min(max(at + by, 0), len(names) - 1)
    if at == to:
        return node
    names.insert(to, names.pop(at))
    return {**node, "properties": {each: node["properties"][each] for each in names}}


def _with_required(node: Node, name: str, is_required: bool) -> Node:
    """`required` with or without a name. It goes where it would be empty, which draft 4 does not allow."""
    required: list[str] = node.get("required", [])
    if is_required == (name in required):
        return node
    if not is_required:
        rest = [each for each in required if each != name]
        return {key: rest if key == "required" else part for key, part in node.items() if key != "required" or rest}
    names = list(node["properties"])
    later = set(names[names.index(name) + 1 :])
    at = next((number for number, each in enumerate(required) if each in later), len(required))
    changed = [*required[:at], name, *required[at:]]
    if "required" in node:
        return {**node, "required": changed}
    new: Node = {}
    for key, part in node.items():
        new[key] = part
        if key == "properties":
            new["required"] = changed
    return new


def _check_name(name: str, properties: Node) -> None:
    if not name.strip():
        raise FieldError("Give the field a name.", "name")
    if name in properties:
        raise FieldError(f"There is a field “{name}” already.", "name")


def _check_unnamed(node: Node, name: str) -> None:
    for keyword in _NAMING:
        named = node.get(keyword)
        if isinstance(named, dict):
            listed = [each for names in named.values() if isinstance(names, list) for each in names]
            if name in named or name in listed:
                raise FieldError(f"“{keyword}” names this field: change that in the JSON first.", "name")


def _check_references(before: JsonObject, after: JsonObject) -> None:
    """A reference that led somewhere does so after the edit."""
    for pointer, node in each_schema(after):
        reference = node.get("$ref")
        if not isinstance(reference, str) or resolve_reference(before, reference) is None:
            continue
        if resolve_reference(after, reference) is None:
            where = format_pointer(pointer) or "the top"
            raise FieldError(f"$ref at {where} refers to {reference}: change that in the JSON first.")
