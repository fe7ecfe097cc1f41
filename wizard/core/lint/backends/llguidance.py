"""llguidance: enforces most keywords, ignores none in silence, and compiles any schema in well under a second."""

from __future__ import annotations

from wizard.core.lint.backend import StructuredOutputBackend, Support

# Tight separators keep a weak model from filling its budget with white space.
TIGHT = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
SUPPORT = {
    "integer minimum/maximum (10..25)": Support.ENFORCED,
    "integer minimum only (>=0)": Support.ENFORCED,
    "integer exclusiveMin/Max (10,25)": Support.ENFORCED,
    "number minimum/maximum (0..1)": Support.ENFORCED,
    "number exclusiveMin/Max (0,1)": Support.ENFORCED,
    "number exponent form (1e5)": Support.ENFORCED,
    "integer multipleOf 5": Support.ENFORCED,
    "number multipleOf 0.5": Support.ENFORCED,
    "integer mult 5 + range 0..100": Support.ENFORCED,
    "string minLength/maxLength 3..5": Support.ENFORCED,
    "string maxLength counts chars (unicode)": Support.ENFORCED,
    "string minLength 3 only": Support.ENFORCED,
    "pattern anchored": Support.ENFORCED,
    "pattern unanchored (\\d{2})": Support.ENFORCED,
    "pattern with maxLength": Support.ENFORCED,
    "pattern with lookahead": Support.REFUSED,
    "pattern with an optional group of repeats": Support.ENFORCED,
    "format date": Support.ENFORCED,
    "format date (calendar: 2026-02-31)": Support.ENFORCED,
    "format time": Support.ENFORCED,
    "format date-time": Support.ENFORCED,
    "format email": Support.ENFORCED,
    "format uuid": Support.ENFORCED,
    "format uri": Support.ENFORCED,
    "format ipv4": Support.ENFORCED,
    "format hostname": Support.ENFORCED,
    "format ipv6": Support.ENFORCED,
    "format duration": Support.ENFORCED,
    "format foo (unknown)": Support.REFUSED,
    "enum strings": Support.ENFORCED,
    "enum mixed types": Support.ENFORCED,
    "enum objects/arrays": Support.ENFORCED,
    "enum unicode/escapes": Support.ENFORCED,
    "const string/int": Support.ENFORCED,
    "const object": Support.ENFORCED,
    "array minItems/maxItems 2..3": Support.ENFORCED,
    "array minItems only 2": Support.ENFORCED,
    "array uniqueItems": Support.REFUSED,
    "array of enum, maxItems": Support.ENFORCED,
    "prefixItems tuple + items:false": Support.ENFORCED,
    "prefixItems + min/max (pydantic tuple)": Support.ENFORCED,
    "items array form (draft7 tuple)": Support.ENFORCED,
    "array contains": Support.REFUSED,
    "array without items": Support.ENFORCED,
    "anyOf": Support.ENFORCED,
    "oneOf disjoint": Support.ENFORCED,
    "oneOf overlapping (int 0..10 | int 5..15)": Support.REFUSED,
    "oneOf discriminated objects": Support.ENFORCED,
    "allOf merge ranges": Support.ENFORCED,
    "allOf merge objects": Support.ENFORCED,
    "allOf single $ref (pydantic v1 style)": Support.ENFORCED,
    "not": Support.REFUSED,
    "if/then/else": Support.REFUSED,
    "$ref/$defs": Support.ENFORCED,
    "$ref definitions (draft7)": Support.ENFORCED,
    "$ref sibling keywords": Support.ENFORCED,
    "recursion depth 3": Support.ENFORCED,
    "recursion depth 8": Support.ENFORCED,
    "recursion via anyOf null": Support.ENFORCED,
    "additionalProperties:false": Support.ENFORCED,
    "additionalProperties absent (extras ok?)": Support.ENFORCED,
    "additionalProperties:true": Support.ENFORCED,
    "additionalProperties:{integer} map": Support.ENFORCED,
    "patternProperties": Support.ENFORCED,
    "propertyNames enum": Support.REFUSED,
    "minProperties/maxProperties 1..2": Support.ENFORCED,
    "dependentRequired": Support.REFUSED,
    "optional: some required": Support.ENFORCED,
    "optional: none required": Support.ENFORCED,
    "property order other than schema's": Support.NARROWED,
    "nullable type list": Support.ENFORCED,
    "nullable anyOf null (pydantic Optional)": Support.ENFORCED,
    "OpenAPI nullable:true": Support.ENFORCED,
    "unicode property names": Support.ENFORCED,
    "property names that JSON escapes": Support.ENFORCED,
    "unicode string content (raw UTF-8)": Support.ENFORCED,
    'string escapes \\n \\" \\\\': Support.ENFORCED,
    "boolean/null": Support.ENFORCED,
    "any ({})": Support.ENFORCED,
    "object without properties": Support.ENFORCED,
    "top-level array": Support.ENFORCED,
    "top-level enum/scalar": Support.ENFORCED,
    "contradictory (min>max)": Support.REFUSED,
}
APP_PART = '''\
class Backend:
    """Structured output by llguidance: the tokenizer's tables once, an output type once, a matcher for each answer."""

    def __init__(self, tokenizer, vocabulary: int) -> None:
        from llguidance.hf import from_tokenizer

        self.tokens = from_tokenizer(tokenizer, n_vocab=vocabulary)
$common
    def compile(self, form: str, output: str):
        """What matchers are copied from."""
        from llguidance import LLMatcher, grammar_from

        if form == "json_schema":  # tight separators keep a weak model from filling its budget with white space
            tight = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
            output = json.dumps({"x-guidance": tight} | json.loads(output))
        matcher = LLMatcher(self.tokens, grammar_from("lark" if form == "grammar" else form, output))
        if matcher.is_error():
            raise ValueError(matcher.get_error())
        return matcher

    def start(self, compiled):
        """A matcher for one answer; it has state, so answers never share one."""
        return compiled.deep_copy()

    def step(self, matcher, token: int | None, mask) -> str:
        """Take a token, and write into `mask` which may follow; returns why that is impossible, or nothing."""
        if token is not None:
            matcher.consume_token(token)
        matcher.unsafe_compute_mask_ptr(mask.ctypes.data, mask.nbytes)
        return matcher.get_error()
'''
BACKEND = StructuredOutputBackend(
    name="llguidance",
    module=__name__,
    distribution="llguidance",
    version="1.9.1",
    same_table=("1.7.6",),  # vLLM's; measured 2026-11-29
    measured="2026-11-22",
    preference=10,  # compiles any schema in well under a second, whatever is in it (2026-11-22, 131k vocabulary)
    forms=frozenset({"json_schema", "regex", "grammar"}),
    adapter="wizard.services.lint.backends.llguidance:LLGuidance",
    import_name="llguidance",
    support=SUPPORT,
    app_part=APP_PART,
    schema_options={"x-guidance": TIGHT},
    refusal_note=(
        "llguidance refuses without a word in stock Outlines, which would answer every prompt with an empty text."
    ),
)
