"""Where the references of a JSON Schema lead: by pointer, `$id`, `$anchor` or `$dynamicRef`; nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wizard.core.schema.drafts import draft_address
from wizard.core.schema.nodes import Pointer

if TYPE_CHECKING:
    from referencing._core import Resolver

REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
DEFINITIONS = ("$defs", "definitions")
HOLD_VALUES = ("const", "enum", "default", "examples", "example")
_NAMES = ("$id", "id", "$anchor", "$dynamicAnchor")


@dataclass(frozen=True)
class MissingReference:
    """A reference that leads nowhere in the schema. `used`: an answer may be judged by it."""

    pointer: Pointer
    reference: str
    used: bool


@dataclass
class FollowedReferences:
    """Every reference of a schema, followed. Subschemas are known by their identity, places by their pointers.

    `targets` has what each reference leads to; `undecided` those dynamic ones of which that depends on the way there.
    """

    places: dict[int, Pointer]
    targets: dict[tuple[int, str], Any] = field(default_factory=dict)
    missing: list[MissingReference] = field(default_factory=list)
    undecided: list[tuple[Pointer, str]] = field(default_factory=list)
    subschemas: dict[int, bool] = field(default_factory=dict)  # whether an answer may be judged by it


def follow_references(schema: dict[str, Any]) -> FollowedReferences:
    """Where each reference of a schema leads. Raises RecursionError for one that is nested too deeply."""
    return _Follower(schema).follow()


def missing_references(schema: dict[str, Any]) -> list[MissingReference]:
    """The references that lead nowhere, those first by which an answer may be judged."""
    if not any(isinstance(node.get(key), str) for node in nodes(schema) for key in REFERENCES):
        return []
    return sorted(follow_references(with_text_ids(schema)).missing, key=lambda each: (not each.used, each.pointer))


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Everything in a schema that may be a subschema."""
    todo = [(value, True)]
    while todo:
        part, is_subschema = todo.pop()
        if isinstance(part, list):
            todo += [(inner, True) for inner in part]
        elif isinstance(part, dict):
            if is_subschema:
                yield part
            kept = [key for key in part if not (is_subschema and key in HOLD_VALUES)]
            todo += [(part[key], not is_subschema or _holds_one(key)) for key in kept]


def with_text_ids(schema: Any) -> Any:
    """A copy without an `$id`, `id` or anchor that is no text: it names nothing, and `referencing` stumbles over it."""
    return _with_text_ids(schema, is_subschema=True)


def _with_text_ids(part: Any, *, is_subschema: bool) -> Any:
    if isinstance(part, list):
        return [_with_text_ids(each, is_subschema=True) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        key: inner
        if is_subschema and key in HOLD_VALUES
        else _with_text_ids(inner, is_subschema=not is_subschema or _holds_one(key))
        for key, inner in part.items()
        if not (is_subschema and key in _NAMES and not isinstance(inner, str))
    }


def _holds_one(key: str) -> bool:
    """Whether the object under a keyword is a subschema, and not a map with one for each name."""
    return key not in (*DEFINITIONS, "properties", "patternProperties", "dependentSchemas", "dependencies")


class _Follower:
    """Goes through one schema with what `referencing` knows of the drafts."""

    def __init__(self, schema: dict[str, Any]) -> None:
        from referencing import Registry
        from referencing.jsonschema import DRAFT202012, specification_with

        self.draft = specification_with(draft_address(schema), default=DRAFT202012)
        self.root = schema
        self.found = FollowedReferences(dict(_places(schema)))
        self.missing: dict[tuple[int, str], MissingReference] = {}
        top = self.draft.create_resource(schema)
        registry = Registry().with_resource(top.id() or "", top).crawl()  # once, and not for each reference
        self.todo: list[tuple[Any, Resolver[Any], bool]] = [(top, registry.resolver(top.id() or ""), True)]

    def follow(self) -> FollowedReferences:
        while self.todo:
            self._visit(*self.todo.pop())
        self.found.missing = list(self.missing.values())
        return self.found

    def _visit(self, resource: Any, resolver: Any, used: bool) -> None:
        node = resource.contents
        if isinstance(node, list):  # a form of `items` that this draft does not have
            self.todo += [(self.draft.create_resource(part), resolver, used) for part in node if isinstance(part, dict)]
        if not isinstance(node, dict) or self.found.subschemas.get(id(node)) in (used, True):
            return
        self.found.subschemas[id(node)] = used
        for keyword in REFERENCES:
            if isinstance(node.get(keyword), str):
                self._follow(node, keyword, resolver, used=used)
        apart = {id(part) for key in DEFINITIONS if isinstance(node.get(key), dict) for part in node[key].values()}
        for inner in _subresources(resource):
            self.todo.append((inner, resolver.in_subresource(inner), used and id(inner.contents) not in apart))

    def _follow(self, node: dict[str, Any], keyword: str, resolver: Any, *, used: bool) -> None:
        from referencing.exceptions import Unresolvable

        reference, place = node[keyword], self.found.places.get(id(node), ())
        try:
            resolved = resolver.lookup(reference)
        except (Unresolvable, ValueError, TypeError, LookupError, AttributeError):
            self.missing[id(node), keyword] = MissingReference(place, reference, used)
            return
        target = resolved.contents
        if keyword != "$ref":
            candidates = self._dynamic_targets(keyword, reference, target)
            if len(candidates) != 1:
                self.found.undecided.append((place, reference))
                return
            target = candidates[0]
        self.found.targets[id(node), keyword] = target
        if isinstance(target, dict):
            self.todo.append((self.draft.create_resource(target), resolved.resolver, used))

    def _dynamic_targets(self, keyword: str, reference: str, target: Any) -> list[Any]:
        """What a dynamic reference may lead to: the outermost resource that is on the way there decides."""
        wanted: object = True if keyword == "$recursiveRef" else reference.rpartition("#")[2]
        mark = keyword.replace("Ref", "Anchor")
        if not isinstance(target, dict) or target.get(mark) != wanted:
            return [target]  # it leads where a plain reference does
        same = [each for each in nodes(self.root) if each.get(mark) == wanted]
        return [each for each in same if _is_of_top_resource(self.root, each)][:1] or same


def _subresources(resource: Any) -> list[Any]:
    try:
        return list(resource.subresources())
    except (TypeError, ValueError, AttributeError, LookupError):  # a keyword that holds what it cannot
        return []


def _places(schema: Any) -> Iterator[tuple[int, Pointer]]:
    todo: list[tuple[Pointer, Any]] = [((), schema)]
    while todo:
        pointer, part = todo.pop()
        if isinstance(part, dict | list):
            yield id(part), pointer
            inner = part.items() if isinstance(part, dict) else enumerate(part)
            todo += [((*pointer, str(key)), each) for key, each in inner]


def _is_of_top_resource(root: Any, wanted: dict[str, Any]) -> bool:
    """Whether a subschema belongs to the outermost resource, and to none with an address of its own inside of it."""
    todo = [root]
    while todo:
        part = todo.pop()
        if part is wanted:
            return True
        inner = part if isinstance(part, list) else part.values() if isinstance(part, dict) else ()
        todo += [each for each in inner if not (isinstance(each, dict) and isinstance(each.get("$id"), str))]
    return False
