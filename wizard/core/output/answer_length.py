"""How long an answer can sensibly get: the longest one of an output type, and what has no end at all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from wizard.core.output.longest_text import Keys, Known, Part, Row, Words, beginning, members_of
from wizard.core.output.output_type import OutputType
from wizard.core.schema.examples import FORMATS
from wizard.core.schema.finding import Finding
from wizard.core.schema.nodes import kinds_of, resolve, written
from wizard.core.schema.pattern_text import is_bounded, longest_for
from wizard.core.schema.subschemas import subschemas

DEFAULT_TOKENS = 512  # where nothing bounds an answer
FREE_TEXT = 200  # characters of a string without maxLength
FREE_ITEMS = 8  # items of an array without maxItems
FREE_KEYS = 4  # keys of an object that takes any
RECURSION = 3
LEAST_TOKENS = 32  # and what a limit is a multiple of
MARGIN = 1.5  # a model may cut a text into more tokens than its own tokenizer does
MOST_TOKENS = 131_072  # that are proposed
MOST_PARTS = 20_000
MOST_CHARACTERS = 200_000  # of the answer that are written out, to have their tokens counted
MOST_OF_PATTERNS = 2_000_000  # characters; past these only the lengths of their texts are kept
NOTHING = Known(None)
CHARACTERS_PER_TOKEN = 3.0  # without the model's tokenizer; English prose has about four, JSON fewer


@dataclass
class LongestAnswer:
    """The longest sensible answer, what was assumed for it, and how many characters it has: `text` is its beginning
    where these are more."""

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
        writer = _Writer(output.json_schema)
        whole = writer.longest(writer.root)
        return LongestAnswer(beginning(whole, MOST_CHARACTERS), writer.assumed, whole.length)
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
        limit, why = DEFAULT_TOKENS, "nothing bounds the answer: the default"
    else:
        count, how = _count(longest, tokens)
        limit = LEAST_TOKENS * math.ceil((count * MARGIN + 8) / LEAST_TOKENS)
        if limit > MOST_TOKENS:
            why = f"the longest sensible answer takes {how}, and {MOST_TOKENS} is the most that is proposed"
        elif limit > LEAST_TOKENS:
            ways = "with half as much again for other ways to cut it into tokens"
            why = f"the longest sensible answer takes {how}; {ways}, rounded up to a multiple of {LEAST_TOKENS}"
        else:
            why = f"the longest sensible answer takes {how}, and {LEAST_TOKENS} is the least that is proposed"
        if longest.assumed:
            why += "; assumed: " + ", ".join(longest.assumed)
    limit = min(limit, MOST_TOKENS)
    if room is not None and limit > room > 0:
        return room, f"{why}; cut down to what the context window leaves"
    return limit, why


def _count(longest: LongestAnswer, tokens: int | None) -> tuple[int, str]:
    """The tokens of an answer, and how to say it."""
    # Past this many a limit is the most that is proposed, however many there are.
    characters = min(longest.characters, 10 * MOST_TOKENS)
    if tokens is None:
        count = math.ceil(characters / CHARACTERS_PER_TOKEN)
    else:
        if characters > len(longest.text):
            tokens = math.ceil(tokens * characters / len(longest.text))
        # A text made for a pattern repeats one letter, which takes fewer tokens than real words do.
        count = max(tokens, math.ceil(characters / 5))
    if count > MOST_TOKENS:
        return count, f"more than {MOST_TOKENS} tokens"
    about = "about " if characters > len(longest.text) else ""
    estimated = " (estimated from its characters)" if tokens is None else ""
    return count, f"{about}{count} token{'s' * (count != 1)}{estimated}"


class _Writer:
    def __init__(self, root: Any) -> None:
        self.root, self.assumed, self.parts = root, list[str](), 0
        self.known: dict[int, Part] = {}  # by the identity of a constant or list of them, which may be met often
        self.patterns = 0  # characters that were written for them

    def assume(self, words: str) -> None:
        if words not in self.assumed:
            self.assumed.append(words)

    def longest(self, node: Any, depth: int = 0, followed: tuple[str, ...] = ()) -> Part:
        self.parts += 1
        if not isinstance(node, dict) or depth > 40 or self.parts > MOST_PARTS:
            return NOTHING
        if "const" in node or (isinstance(node.get("enum"), list) and node["enum"]):
            return self._constant(node)
        reference = node.get("$ref")
        if isinstance(reference, str):
            if followed.count(reference) >= RECURSION:
                self.assume(f"{RECURSION} levels of recursion")
                return NOTHING
            found = resolve(self.root, reference)
            return NOTHING if found is None else self.longest(found[1], depth + 1, (*followed, reference))
        branches = [part for key in ("anyOf", "oneOf") for part in node.get(key) or () if isinstance(part, dict)]
        if branches and "properties" not in node:
            return max((self.longest(part, depth + 1, followed) for part in branches), key=_length)
        return self._by_type(node, depth, followed)

    def _constant(self, node: dict[str, Any]) -> Part:
        if id(node) not in self.known:
            values = [node["const"]] if "const" in node else node["enum"]
            self.known[id(node)] = max(map(Known, values), key=_length)
        return self.known[id(node)]

    def _by_type(self, node: dict[str, Any], depth: int, followed: tuple[str, ...]) -> Part:
        kinds = kinds_of(node)
        wide = [part for key in ("allOf", "anyOf", "oneOf") for part in node.get(key) or ()]
        wide += [node[key] for key in ("then", "else") if key in node]
        if "object" in kinds or "properties" in node or wide:
            whole = self._object(node, depth, followed)
            for part in wide:
                more = self.longest(part, depth + 1, followed)
                members = members_of(more)
                if members is None and not whole:
                    return more
                whole |= members or {}
            return Keys(whole)
        if "array" in kinds or "items" in node or "prefixItems" in node:
            return self._array(node, depth, followed)
        if "integer" in kinds or "number" in kinds:
            return Known(self._number(node))
        if "string" in kinds or kinds == [None]:
            return self._string(node)
        return Known(False)

    def _string(self, node: dict[str, Any]) -> Part:
        if isinstance(node.get("format"), str) and node["format"] in FORMATS:
            return Known(FORMATS[node["format"]])
        most = node.get("maxLength")
        if isinstance(node.get("pattern"), str) and (text := longest_for(node["pattern"])) is not None:
            text = text[: int(most)] if isinstance(most, int | float) else text
            self.patterns += len(text)
            return Known(text) if self.patterns <= MOST_OF_PATTERNS else Words(len(text))
        if not isinstance(most, int | float):
            self.assume(f"{FREE_TEXT} characters where a string sets no limit")
            most = FREE_TEXT
        return Words(min(int(most), 100_000))

    def _number(self, node: dict[str, Any]) -> int | float:
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

    def _array(self, node: dict[str, Any], depth: int, followed: tuple[str, ...]) -> Part:
        first = node.get("prefixItems") if isinstance(node.get("prefixItems"), list) else []
        if isinstance(node.get("items"), list):
            first = node["items"]
        values = [self.longest(part, depth + 1, followed) for part in first or ()]
        rest = node.get("items") if not isinstance(node.get("items"), list) else None
        if rest is False or (rest is None and first):
            return Row(values, NOTHING, 0)
        most = node.get("maxItems")
        if not isinstance(most, int | float):
            least = node.get("minItems") if isinstance(node.get("minItems"), int) else 0
            most = max(FREE_ITEMS, int(least or 0))
            self.assume(f"{FREE_ITEMS} items where an array sets no limit")
        item = self.longest(rest if isinstance(rest, dict) else {"type": "string"}, depth + 1, followed)
        return Row(values, item, min(int(most) - len(values), 2000))

    def _object(self, node: dict[str, Any], depth: int, followed: tuple[str, ...]) -> dict[str, Part]:
        properties = node["properties"] if isinstance(node.get("properties"), dict) else {}
        whole = {key: self.longest(part, depth + 1, followed) for key, part in properties.items()}
        more = node.get("additionalProperties")
        if isinstance(more, dict) or (more is True and not properties):
            self.assume(f"{FREE_KEYS} keys where an object takes any")
            value = self.longest(more if isinstance(more, dict) else {"type": "string"}, depth + 1, followed)
            whole |= {f"another {number}": value for number in range(FREE_KEYS)}
        return whole


def _length(part: Part) -> int:
    return part.length


def run_aways(schema: dict[str, Any]) -> list[Finding]:
    """Shapes without an end, which a model may fill until it is cut off: one finding for each sort, with its places."""
    sorts: dict[str, list[str]] = {}
    for place in subschemas(schema):
        sort = _endless(place.node)
        if sort:
            sorts.setdefault(sort, []).append(written(place.pointer) or "the top")
    return [
        Finding(
            "runs_away",
            "warning",
            f"{words}: a model may go on until it is cut off. At {', '.join(paths[:6])}"
            + (f" and {len(paths) - 6} more" if len(paths) > 6 else "") + ".",
            path=paths[0] if paths[0] != "the top" else "",
            keyword=keyword,
        )
        for (keyword, words), paths in ((_SORTS[sort], paths) for sort, paths in sorts.items())
    ]  # fmt: skip


_SORTS = {
    "string": ("maxLength", "A string without maxLength"),
    "pattern": ("pattern", "A pattern of any length"),
    "number": ("maximum", "A number without minimum and maximum, of any number of digits"),
    "array": ("maxItems", "An array without maxItems"),
    "object": ("maxProperties", "An object with any number of keys"),
}


def _endless(node: dict[str, Any]) -> str:
    if {"const", "enum", "$ref"} & set(node):
        return ""
    kinds = kinds_of(node)
    if "string" in kinds and "maxLength" not in node and node.get("format") not in FORMATS:
        if not isinstance(node.get("pattern"), str):
            return "string"
        anchored = node["pattern"].startswith("^") and node["pattern"].endswith("$")
        return "" if anchored and is_bounded(node["pattern"]) else "pattern"
    if {"integer", "number"} & set(kinds):
        low = {"minimum", "exclusiveMinimum"} & set(node)
        high = {"maximum", "exclusiveMaximum"} & set(node)
        return "" if low and high else "number"
    if "array" in kinds and "maxItems" not in node and node.get("items") is not False:
        return "" if "prefixItems" in node and "items" not in node else "array"
    if "object" in kinds and "maxProperties" not in node:
        more = node.get("additionalProperties", False)
        return "object" if more is not False or "patternProperties" in node else ""
    return ""
