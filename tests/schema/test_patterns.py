"""Regular expressions as JSON Schema means them (ECMA-262), and as the structured-output backends read them."""

from __future__ import annotations

import json
import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.core.lint.registry import backend_named
from wizard.core.output.output_type import OutputType, parse_output
from wizard.core.problem import Problem
from wizard.core.schema.examples import as_texts
from wizard.core.schema.normalization import respell_patterns
from wizard.core.schema.pattern_findings import differing_patterns, differing_regex
from wizard.core.schema.pattern_text import is_anchored, is_bounded, longest_for, text_for
from wizard.core.schema.patterns.matching import compile_pattern, compile_regex, matches
from wizard.core.schema.patterns.respelling import respell
from wizard.core.schema.patterns.tree import PatternError
from wizard.services.lint.adapters import make_adapter
from wizard.services.lint.backends.protocol import Vocabulary
from wizard.services.validation.answer_validator import judge_output

EXAMPLES = int(os.environ.get("WIZARD_EXAMPLES", "150"))
NAME = r"^\p{Lu}\p{L}{1,20}$"
# Pattern, texts that match, texts that do not, as a JavaScript engine says with the flag u.
ECMA = [
    (NAME, ["Émile", "Żaneta"], ["émile", "A", "Aa1"]),
    (r"^\p{Script=Greek}+$", ["αβγ"], ["abc"]),
    (r"^\P{L}$", ["1", "-"], ["a", "é"]),
    (r"^(?<year>[0-9]{4})-(?<month>[0-9]{2})$", ["2026-11"], ["26-11"]),
    (r"^(?<q>['\x22])a\k<q>$", ["'a'"], ["'a\""]),
    (r"^https?:\/\/", ["http://a", "https://b"], ["ftp://"]),
    (r"^\d+$", ["12"], ["٣", "1\n", ""]),
    (r"\d{2}", ["a12b"], ["a1b2", "٣٣"]),
    (r"^\w+$", ["a_1"], ["é", "a-b"]),
    (r"^\s$", [" ", "\u00a0", "\ufeff", "\u2028"], ["\u0085", "\x1c", "a"]),
    (r"^.$", ["a", "😀", "\x85"], ["\n", "\r", "\u2028", "ab"]),
    (r"^a$", ["a"], ["a\n", "\na"]),
    (r"^a|b$", ["ax", "xb"], ["xa", "bx"]),
    (r"^[^]$", ["a", "\n"], [""]),
    (r"^[]$", [], ["", "a"]),
    (r"^\cJ$", ["\n"], ["J", "cJ"]),
    (r"^\u{1F600}\ud83d\ude00$", ["😀😀"], ["😀"]),
    (r"^[\b]$", ["\x08"], ["b"]),
    (r"^\0$", ["\0"], ["0"]),
    (r"^(?!.*\.\.)[a-z.]+$", ["a.b"], ["a..b"]),
    (r"(?<=a)b", ["ab"], ["cb"]),
    (r"\bcat\b", ["a cat"], ["concat"]),
    (r"^[&&--]$", ["&", "-", "'"], ["a"]),
    (r"^[[(]$", ["[", "("], ["]"]),
    (r"^[^\p{Cs}\uD800-\uDFFF\uE000-\uF8FF]$", ["a", "é"], ["\ue000"]),
    (r"^[\u0000-\uFFFF]$", ["a", "\n", "\uf8ff"], ["😀"]),
]
# Classes that llguidance takes for any escape of JSON, as they are written.
ECMA += [
    (r'^[^"\\]+$', ["ab", "é\n"], ['a"', "\\"]),
    (r"^[^\\]$", ['"', "a", "\x01"], ["\\"]),
    (r'^[^"\n]$', ["a", "\\", "\t"], ['"', "\n"]),
    (r"^[^\x20-\x7e]$", ["é", "\n", "\x01"], ['"', "\\", "a"]),
    (r"^[\x00-\x1f]$", ["\n", "\x01"], ['"', "\\", "a"]),
    (r'^[^/\\:*?"<>|]+$', ["a.txt"], ["a/b", "a\\b", 'a"b']),
]
# Not ECMA-262 with u, and the same to whoever does take it.
FOREIGN = [
    (r"^[\w-\.]+$", ["a-b.c"], ["a,b", "é"]),
    (r"^\-\_\@\ $", ["-_@ "], ["-_@"]),
    (r"^{a}$", ["{a}"], ["a"]),
    (r"^]$", ["]"], ["a"]),
    (r"^[]a]$", ["]", "a"], ["b"]),
    (r"(?i)^abc$", ["ABC", "abc"], ["abcd"]),
    (r"^x(?i:abc)$", ["xABC"], ["XABC"]),
    (r"^a(?i)b|c$", ["aB", "C"], ["Ab"]),
    (r"^(?P<n>a)$", ["a"], ["b"]),
    (r"\Aab\z", ["ab"], ["xab", "ab\n", "Aabz"]),
    (r"\Aa{1,3}\Z", ["aa"], ["aaaa", "a\n", "aZ"]),
    (r"^[[:alpha:]_]+$", ["ab_"], ["a1", ":]", "é"]),
    (r"^[a-z&&[^aeiou]]+$", ["xyz"], ["xaz", "&]"]),
    (r"^\pL\p{Greek}$", ["aα"], ["αa"]),
    (r"^\x{1F600}\U0001F600$", ["😀😀"], ["x"]),
    (r"(?x) ^ a b $ # letters", ["ab"], ["a b"]),
    (r"(?s)^a.b$", ["a\nb"], ["ab"]),
    (r"(?m)^b$", ["a\nb"], ["ab"]),
]
NONE_TAKES = ["(", ")", "*a", "[z-a]", "[a", "a{2,1}", "\\", r"\h", r"\Qa\E", r"(?<n", r"\p{Nonsense}", r"\u{110000}"]


@pytest.mark.parametrize(("pattern", "good", "bad"), ECMA + FOREIGN)
def test_a_pattern_means_what_ecma_262_says(pattern: str, good: list[str], bad: list[str]) -> None:
    compiled = compile_pattern(pattern)
    assert [text for text in good if not compiled.search(text)] == []
    assert [text for text in bad if compiled.search(text)] == []
    assert compiled.is_ecma == (pattern in {each for each, _, _ in ECMA} or pattern == r"^x(?i:abc)$")


@pytest.mark.parametrize(("pattern", "good", "bad"), ECMA + FOREIGN)
def test_what_the_backends_get_means_the_same(pattern: str, good: list[str], bad: list[str]) -> None:
    """By the engine of ECMA-262, and by llguidance wherever it compiles."""
    written = respell(pattern)
    assert respell(written) == written
    assert [matches(written, text) for text in good + bad] == [True] * len(good) + [False] * len(bad)
    compiled = enforce({"type": "string", "pattern": written})
    if compiled is None:  # looks around, references to groups, lines, nothing at all
        assert any(part in pattern for part in ("(?!", "(?<=", r"\b", r"\k", "[]$", "(?m)"))
        return
    for text in good + bad:
        assert any(map(compiled.accepts, as_texts(text))) == (text in good), text


def enforce(schema: dict[str, str]):  # type: ignore[no-untyped-def]
    backend = backend_named("llguidance")
    try:
        return make_adapter(backend, Vocabulary()).compile(
            "json_schema", json.dumps({**backend.schema_options, **schema})
        )
    except ValueError:
        return None


@pytest.mark.parametrize("pattern", NONE_TAKES)
def test_what_no_dialect_takes_stays_invalid(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)
    assert respell(pattern) == pattern
    assert not matches(pattern, "a")
    if pattern != r"\h":
        with pytest.raises(Problem) as raised:
            parse_output("regex", pattern)
        assert raised.value.code == "regex_invalid"


PORTABLE = [
    "^[A-Z]{2}-[0-9]{4}$", "^(a|b)*$", "^(?:x|yy)?$", r"^\$[0-9]+\.[0-9]{2}$", "^[^@]+@[a-z.]+$", "^[a-z_-]+$",
    r"^[\s\S]*$", r"^\[\]\{\}\(\)$", "^日本$", "^[!#$%&'*+/=?^_`{|}~-]+$", r"\p{L}", "", r"^[a\-z]$",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PORTABLE)
def test_what_means_the_same_to_all_is_left_as_it_is_written(pattern: str) -> None:
    assert respell(pattern) == pattern


@pytest.mark.parametrize("pattern", ["^a{,3}$", r"^(?P<n>a)(?P=n)$", "(?>a+)b", r"(a)\1"])
def test_what_dialects_disagree_about_is_left_to_the_backends(pattern: str) -> None:
    assert respell(pattern).replace(r"\}", "}") == pattern
    assert enforce({"type": "string", "pattern": respell(pattern)}) is None


def test_patterns_are_respelled_wherever_a_subschema_stands_and_nowhere_else() -> None:
    node = {"pattern": r"^\d$"}
    schema = {
        "properties": {"pattern": node, "a": {"not": node, "if": node, "items": [node], "const": node}},
        "patternProperties": {r"^\w$": node, "^b$": True},
        "$defs": {"x": {"anyOf": [node]}},
        "default": node,
        "propertyNames": node,
    }
    new = respell_patterns(schema)
    assert isinstance(new, dict)
    assert json.dumps(new).count("[0-9]") == 7
    assert json.dumps(new).count(r"\\d") == 2
    assert list(new["patternProperties"]) == ["^[a-zA-Z0-9_]$", "^b$"]  # type: ignore[call-overload,arg-type,index]


# A regular expression for the whole answer


WHOLE = [
    (r"^\p{Lu}\p{L}{1,20}$", ["Émile"], ["émile", "A"]),
    (r"\p{Lu}\p{L}{1,20}", ["Émile"], ["émile", "xÉmile"]),
    (r"\d{2}", ["12", "٣٣"], ["a12"]),
    (r"\w", ["é", "_"], ["-", "ab"]),
    (r"a|bc", ["a", "bc"], ["ac", "abc"]),
    (r"(?i)yes|no", ["YES", "No"], ["maybe"]),
    (r"(?P<a>x)(?<b>y)", ["xy"], ["x"]),
    (r"[[:alpha:]]+", ["ab"], ["a1"]),
    (r"[a-z&&[^b]]", ["a"], ["b"]),
    (r".", ["\r", "é"], ["\n"]),
    (r"\s", ["\x85", "\u00a0"], ["\ufeff"]),
    (r"\Aa\z", ["a"], ["Aaz"]),
    (r"a++", ["aa"], [""]),
    (r"\/\-", ["/-"], ["\\/"]),
    (r"\pL\P{Greek}", ["ab"], ["aα"]),
    (r"(?s-i:.)", ["\n"], [""]),
    (r"\x{e9}\u00e9\u{e9}", ["ééé"], ["e"]),
    (r"[\w&&\D]", ["a", "é"], ["1", "&"]),
    (r"[a-z--aeiou]", ["b"], ["a", "-"]),
    (r"[a-g~~b-h]", ["a", "h"], ["b", "~"]),
    (r"(?-u:\w)\w", ["aé"], ["éa"]),
    (r"\p{isGreek}\p{Uppercase Letter}", ["αB"], ["aB"]),
    (r"[]-a]", ["]", "-", "a"], ["_"]),
    (r"(?P<a.b>x)", ["x"], ["y"]),
    (r"\p{Age=3.0}", ["a"], ["ab"]),
]


@pytest.mark.parametrize(("pattern", "good", "bad"), WHOLE)
def test_a_whole_answer_is_judged_as_the_backend_reads_the_expression(
    pattern: str, good: list[str], bad: list[str]
) -> None:
    output = parse_output("regex", pattern)
    compiled = make_adapter(backend_named("llguidance"), Vocabulary()).compile("regex", output.enforced)
    for text in good + bad:
        assert judge_output(output, text).valid == compiled.accepts(text) == (text in good), text


PIECES = [
    *"abA1é_-.,&~^$|\"", ".", r"\d", r"\w", r"\s", r"\S", r"\D", r"\W", r"\.", r"\-", r"\/", r"\\", r"\t", r"\x41", "[",
    "]", "[^", "(", ")", "(?:", "(?<n>", "(?i)", "(?i:", "*", "+", "?", "{2}", "{1,3}", r"\p{L}", r"\pN", "[:alpha:]",
    "a-f", "&&", "--", r"\A", r"\z", r"\u0041", r"\b", " ",
]  # fmt: skip
patterns = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)
texts = st.lists(st.text('abA1é_-.,&~^"\\ \t\r\n\x01٣', max_size=4), min_size=1, max_size=6)


@settings(max_examples=EXAMPLES, deadline=None)
@given(patterns, texts)
def test_no_expression_that_a_backend_compiles_is_invalid_and_they_agree(pattern: str, texts: list[str]) -> None:
    try:
        compiled = make_adapter(backend_named("llguidance"), Vocabulary()).compile("regex", pattern)
    except ValueError:
        return
    judge = compile_regex(pattern)
    example = text_for(pattern)
    for text in [*texts, example or ""]:
        assert judge.search(text) == compiled.accepts(text), text


@settings(max_examples=EXAMPLES, deadline=None)
@given(patterns, texts)
def test_a_respelled_pattern_means_the_same_and_llguidance_keeps_to_it(pattern: str, texts: list[str]) -> None:
    try:
        judge = compile_pattern(pattern)
    except PatternError:
        assert respell(pattern) == pattern
        return
    written = respell(pattern)
    compiled = enforce({"type": "string", "pattern": written})
    for text in [*texts, text_for(pattern) or ""]:
        assert matches(written, text) == judge.search(text), text
        if compiled is not None:
            assert any(map(compiled.accepts, as_texts(text))) == judge.search(text), text


@pytest.mark.parametrize(
    "pattern",
    [NAME, r"^\p{Script=Greek}+$", r"^[^\p{L}]$", r"(?<n>ab|c)", r"^[a-z&&[^a]]$", r"^\p{Emoji_Presentation}$"],
)
def test_a_text_is_made_for_patterns_that_python_does_not_take(pattern: str) -> None:
    with pytest.raises(re.error):
        re.compile(pattern) if "&&" not in pattern else re.compile("(")
    text = text_for(pattern)
    assert text is not None
    assert matches(pattern, text)
    assert is_bounded(pattern) == ("+" not in pattern)
    assert longest_for(pattern) is not None


@pytest.mark.parametrize(
    ("pattern", "anchored"),
    [
        ("^a$", True), (r"(?i)^a$", True), (r"\Aa\Z", True), ("^(?:a|b)$", True), ("(^a$|^b$)", True), ("^(a$)", True),
        ("^a|b$", False), ("a$", False), ("^a", False), (r"^a\$", False), ("(?m)^a$", False), ("(?=^a$)", False),
        ("", False), ("(", False),
    ],
)  # fmt: skip
def test_a_pattern_is_anchored_where_every_branch_is(pattern: str, anchored: bool) -> None:
    assert is_anchored(pattern) == anchored


def test_half_a_surrogate_pair_is_a_text_like_another() -> None:
    assert matches("^.$", "\ud800")
    assert not compile_regex("[a-z]+").search("\udfff")
    assert OutputType("regex", "a").record.read_answer("a", "a") == "a"


# What is said of it


def said(pattern: str) -> list[tuple[str, str]]:
    """The severity and the construct of each finding."""
    found = differing_patterns({"type": "object", "properties": {"a/b": {"type": "string", "pattern": pattern}}})
    assert all(each.kind == "dialect" and each.keyword == "pattern" for each in found)
    assert all(each.path == "/properties/a~1b" and each.path in each.message for each in found)
    return [(each.severity, each.message.partition(" in the pattern at ")[0]) for each in found]


@pytest.mark.parametrize(
    ("pattern", "constructs"),
    [
        ("(?i)^a$", ["(?i)"]), ("^(?P<n>a)$", ["(?P<"]), (r"\Aa\z", [r"\A", r"\z"]), (r"^a\Z", [r"\Z"]),
        ("^[[:alpha:]]$", ["[:alpha:]"]), ("^[a-z&&[^b]]$", ["[a-z&&[^b]]"]), ("^[]a]$", ["[]a]"]),
        (r"^\pL$", [r"\pL"]), (r"^\p{Greek}$", [r"\p{Greek}"]), ("^a++$", ["++"]), ("^a{,3}$", ["{,"]),
        ("^(?>a)$", ["^(?>a)$"]),
    ],
)  # fmt: skip
def test_what_others_refuse_or_read_differently_is_a_warning_with_its_place(
    pattern: str, constructs: list[str]
) -> None:
    assert said(pattern) == [("warning", construct) for construct in constructs]


@pytest.mark.parametrize(
    ("pattern", "constructs"),
    [(r"^\d\w\d$", [r"\d", r"\w"]), (r"^[^\W]$", [r"\W"]), (r"^[\w-\.]$", [r"^[\w-\.]$", r"\w"]), (r"\-", [r"\-"])],
)
def test_what_is_wider_elsewhere_is_a_note(pattern: str, constructs: list[str]) -> None:
    assert said(pattern) == [("note", construct) for construct in constructs]


@pytest.mark.parametrize("pattern", [NAME, "^(?<year>[0-9]{4})$", "^(?i:a)b$", r"^https?:\/\/[^/]+$", "(", "[a-z]+"])
def test_of_what_means_the_same_everywhere_nothing_is_said(pattern: str) -> None:
    assert said(pattern) == []


def test_one_sentence_names_the_first_places_and_keys_count_too() -> None:
    field = {"type": "string", "pattern": r"^a\Z"}
    schema = {"properties": {name: field for name in "abcde"}, "patternProperties": {r"^\Ax": True}}
    first, second = differing_patterns(schema)
    assert "/properties/a, /properties/b, /properties/c and 2 more" in second.message
    assert (first.keyword, second.keyword) == ("patternProperties", "pattern")
    assert "the top" in first.message


def test_digits_of_every_script_are_said_of_an_expression_for_the_answer() -> None:
    (said,) = differing_regex(r"\d{4}")
    assert said.severity == "warning"
    assert "[0-9]" in said.message
    assert differing_regex("[0-9]{4}") == differing_regex(r"^\p{Lu}\p{L}{1,20}$") == []
