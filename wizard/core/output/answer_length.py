"""How long an answer can sensibly get: the longest one of an output type, and the token limit that it fits into."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from wizard.core.output.json_parts import (
    ArrayPart,
    ConstantPart,
    JsonPart,
    ObjectPart,
    StringPart,
    members_of,
    write_beginning,
)
from wizard.core.output.output_type import OutputType
from wizard.core.schema.examples import FORMATS
from wizard.core.schema.json_value import JsonValue
from wizard.core.schema.nodes import Node, resolve_reference, types_of
from wizard.core.schema.pattern_text import is_bounded, longest_for
from wizard.core.schema.plain_references import plain_references

DEFAULT_TOKENS = 512  # where nothing bounds an answer
ASSUMED_CHARACTERS = 200  # characters of a string without maxLength
ASSUMED_ITEMS = 8  # items of an array without maxItems
ASSUMED_KEYS = 4  # keys of an object that takes any
ASSUMED_RECURSION = 3  # levels
MIN_TOKENS = 32  # that are proposed; a limit is a multiple of these
TOKEN_MARGIN = 1.5  # a model may cut a text into more tokens than its own tokenizer does
MAX_TOKENS = 131_072  # that are proposed
MAX_PARTS = 20_000  # subschemas that are followed
MAX_WRITTEN_CHARACTERS = 200_000  # of the answer that are written out, to have their tokens counted
MAX_PATTERN_CHARACTERS = 2_000_000  # in texts for patterns; past these only the length of a text is kept
NULL = ConstantPart(None)
CHARACTERS_PER_TOKEN = 3.0  # without the model's tokenizer; English prose has about four, JSON fewer


@dataclass
class LongestAnswer:
    """The longest sensible answer, what was assumed for it, and how many characters it has.

    `text` is only its beginning where these are more.
    """

    text: str
    assumed: list[str] = field(default_factory=list)
    characters: int = 0

    def __post_init__(self) -> None:
        self.characters = max(self.characters, len(self.text))


def longest_answer(output: OutputType) -> LongestAnswer | None:
    """The longest sensible answer of an output type; None where nothing bounds it (grammars, free text)."""
    if (listed := output.record.longest_answer(output.spec)) is not None:
        return LongestAnswer(listed)
    if output.form == "json_schema":
        writer = _AnswerWriter(plain_references(output.json_schema))
        answer = writer.longest(writer.root)
        return LongestAnswer(write_beginning(answer, MAX_WRITTEN_CHARACTERS), writer.assumed, answer.length)
    text = longest_for(output.enforced) if output.form == "regex" else None
    if text is None:
        return None
    return LongestAnswer(text, [] if is_bounded(output.enforced) else ["64 repeats where the pattern sets no limit"])


def max_tokens_for(longest: LongestAnswer | None, tokens: int | None, room: int | None) -> tuple[int, str]:
    """A token limit that the longest sensible answer fits into, and how it came about.

    `tokens` is what the text of that answer takes with the model's tokenizer, None for an estimate from its characters;
    `room` what the context window leaves beside the prompt.
    """
    if longest is None:
        limit, why = DEFAULT_TOKENS, "no limit in the output type: the default"
    else:
        count, how = _count(longest, tokens)
        limit = MIN_TOKENS * math.ceil((count * TOKEN_MARGIN + 8) / MIN_TOKENS)
        if limit > MAX_TOKENS:
            why = f"the longest sensible answer takes {how}, and {MAX_TOKENS} is the highest that is proposed"
        elif limit > MIN_TOKENS:
            ways = "plus 50% headroom"
            why = f"the longest sensible answer takes {how}; {ways}, rounded up to a multiple of {MIN_TOKENS}"
        else:
            why = f"the longest sensible answer takes {how}, and {MIN_TOKENS} is the lowest that is proposed"
        if longest.assumed:
            why += "; assumed: " + ", ".join(longest.assumed)
    limit = min(limit, MAX_TOKENS)
    if room is not None and limit > room > 0:
        return room, f"{why}; reduced to what fits in the context window"
    return limit, why


def _count(longest: LongestAnswer, tokens: int | None) -> tuple[int, str]:
    """The tokens of an answer, and how to say it."""
    # Past this many a limit is the highest that is proposed, however many there are.
    characters = min(longest.characters, 10 * MAX_TOKENS)
    if tokens is None:
        count = math.ceil(characters / CHARACTERS_PER_TOKEN)
    else:
        if characters > len(longest.text):
            tokens = math.ceil(tokens * characters / len(longest.text))
        # A text made for a pattern repeats one letter, which takes fewer tokens than real words do.
        count = max(tokens, math.ceil(characters / 5))
    if count > MAX_TOKENS:
        return count, f"more than {MAX_TOKENS} tokens"
    about = "about " if characters > len(longest.text) else ""
    estimated = " (estimated from its characters)" if tokens is None else ""
    return count, f"{about}{count} token{'s' * (count != 1)}{estimated}"


class _AnswerWriter:
    """Writes the longest sensible answer of one schema, and notes what it assumes where the schema sets no bound."""

    def __init__(self, root: JsonValue) -> None:
        self.root, self.assumed, self.part_count = root, list[str](), 0
        self.constants: dict[int, JsonPart] = {}  # by the identity of the subschema, which may be met often
        self.pattern_characters = 0

    def assume(self, words: str) -> None:
        if words not in self.assumed:
            self.assumed.append(words)

    def longest(self, node: Any, depth: int = 0, followed: tuple[str, ...] = ()) -> JsonPart:
        self.part_count += 1
        if not isinstance(node, dict) or depth > 40 or self.part_count > MAX_PARTS:
            return NULL
        if "const" in node or (isinstance(node.get("enum"), list) and node["enum"]):
            return self._constant(node)
        reference = node.get("$ref")
        if isinstance(reference, str):
            if followed.count(reference) >= ASSUMED_RECURSION:
                self.assume(f"{ASSUMED_RECURSION} levels of recursion")
                return NULL
            target = resolve_reference(self.root, reference)
            return NULL if target is None else self.longest(target[1], depth + 1, (*followed, reference))
        branches = [part for key in ("anyOf", "oneOf") for part in node.get(key) or () if isinstance(part, dict)]
        if branches and "properties" not in node:
            return max((self.longest(part, depth + 1, followed) for part in branches), key=_length)
        return self._by_type(node, depth, followed)

    def _constant(self, node: Node) -> JsonPart:
        if id(node) not in self.constants:
            values = [node["const"]] if "const" in node else node["enum"]
            self.constants[id(node)] = max(map(ConstantPart, values), key=_length)
        return self.constants[id(node)]

    def _by_type(self, node: Node, depth: int, followed: tuple[str, ...]) -> JsonPart:
        kinds = types_of(node)
        combined = [part for key in ("allOf", "anyOf", "oneOf") for part in node.get(key) or ()]
        combined += [node[key] for key in ("then", "else") if key in node]
        if "object" in kinds or "properties" in node or combined:
            members = self._object(node, depth, followed)
            for part in combined:
                other = self.longest(part, depth + 1, followed)
                more = members_of(other)
                if more is None and not members:
                    return other
                members |= more or {}
            return ObjectPart(members)
        if "array" in kinds or "items" in node or "prefixItems" in node:
            return self._array(node, depth, followed)
        if "integer" in kinds or "number" in kinds:
            return ConstantPart(self._number(node))
        if "string" in kinds or kinds == [None]:
            return self._string(node)
        return ConstantPart(False)

    def _string(self, node: Node) -> JsonPart:
        if isinstance(node.get("format"), str) and node["format"] in FORMATS:
            return ConstantPart(FORMATS[node["format"]])
        most = node.get("maxLength")
        if isinstance(node.get("pattern"), str) and (text := longest_for(node["pattern"])) is not None:
            text = text[: int(most)] if isinstance(most, int | float) else text
            self.pattern_characters += len(text)
            return ConstantPart(text) if self.pattern_characters <= MAX_PATTERN_CHARACTERS else StringPart(len(text))
        if not isinstance(most, int | float):
            self.assume(f"{ASSUMED_CHARACTERS} characters where a string sets no limit")
            most = ASSUMED_CHARACTERS
        return StringPart(min(int(most), 100_000))

    def _number(self, node: Node) -> int | float:
        bounds = [
            value
            for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
            if isinstance(value := node.get(key), int | float) and not isinstance(value, bool)
        ]
        if len(bounds) < 2:
            self.assume("12 digits where a number sets no limits")
            return -999_999_999_999
        widest: float = max(bounds, key=lambda value: len(str(value)))
        return widest if node.get("type") == "integer" else float(f"{int(widest)}.123456789")

    def _array(self, node: Node, depth: int, followed: tuple[str, ...]) -> JsonPart:
        first = node.get("prefixItems") if isinstance(node.get("prefixItems"), list) else []
        if isinstance(node.get("items"), list):
            first = node["items"]
        values = [self.longest(part, depth + 1, followed) for part in first or ()]
        rest = node.get("items") if not isinstance(node.get("items"), list) else None
        if rest is False or (rest is None and first):
            return ArrayPart(values, NULL, 0)
        most = node.get("maxItems")
        if not isinstance(most, int | float):
            least = node.get("minItems") if isinstance(node.get("minItems"), int) else 0
            most = max(ASSUMED_ITEMS, int(least or 0))
            self.assume(f"{ASSUMED_ITEMS} items where an array sets no limit")
        item = self.longest(rest if isinstance(rest, dict) else {"type": "string"}, depth + 1, followed)
        return ArrayPart(values, item, min(int(most) - len(values), 2000))

    def _object(self, node: Node, depth: int, followed: tuple[str, ...]) -> dict[str, JsonPart]:
        properties = node["properties"] if isinstance(node.get("properties"), dict) else {}
        members = {key: self.longest(part, depth + 1, followed) for key, part in properties.items()}
        more = node.get("additionalProperties")
        if isinstance(more, dict) or (more is True and not properties):
            self.assume(f"{ASSUMED_KEYS} keys where an object takes any")
            value = self.longest(more if isinstance(more, dict) else {"type": "string"}, depth + 1, followed)
            members |= {f"another {number}": value for number in range(ASSUMED_KEYS)}
        return members


def _length(part: JsonPart) -> int:
    return part.length
