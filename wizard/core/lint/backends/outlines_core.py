"""outlines_core: a regular expression and its index over the whole vocabulary; pays by the size of the schema."""

from __future__ import annotations

from wizard.core.lint.backend import StructuredOutputBackend, Support

SUPPORT = {
    "integer minimum/maximum (10..25)": Support.IGNORED,
    "integer minimum only (>=0)": Support.IGNORED,
    "integer exclusiveMin/Max (10,25)": Support.IGNORED,
    "number minimum/maximum (0..1)": Support.IGNORED,
    "number exclusiveMin/Max (0,1)": Support.IGNORED,
    "number exponent form (1e5)": Support.ENFORCED,
    "integer multipleOf 5": Support.IGNORED,
    "number multipleOf 0.5": Support.IGNORED,
    "integer mult 5 + range 0..100": Support.IGNORED,
    "string minLength/maxLength 3..5": Support.ENFORCED,
    "string maxLength counts chars (unicode)": Support.NARROWED,
    "string minLength 3 only": Support.ENFORCED,
    "pattern anchored": Support.ENFORCED,
    "pattern unanchored (\\d{2})": Support.NARROWED,
    "pattern with maxLength": Support.IGNORED,
    "pattern with lookahead": Support.REFUSED,
    "pattern with an optional group of repeats": Support.ENFORCED,
    "format date": Support.ENFORCED,
    "format date (calendar: 2026-02-31)": Support.ENFORCED,
    "format time": Support.ENFORCED,
    "format date-time": Support.ENFORCED,
    "format email": Support.IGNORED,
    "format uuid": Support.ENFORCED,
    "format uri": Support.IGNORED,
    "format ipv4": Support.ENFORCED,
    "format hostname": Support.REFUSED,
    "format ipv6": Support.REFUSED,
    "format duration": Support.REFUSED,
    "format foo (unknown)": Support.REFUSED,
    "enum strings": Support.ENFORCED,
    "enum mixed types": Support.ENFORCED,
    "enum objects/arrays": Support.ENFORCED,
    "enum unicode/escapes": Support.REFUSED,
    "const string/int": Support.ENFORCED,
    "const object": Support.ENFORCED,
    "array minItems/maxItems 2..3": Support.ENFORCED,
    "array minItems only 2": Support.ENFORCED,
    "array uniqueItems": Support.IGNORED,
    "array of enum, maxItems": Support.ENFORCED,
    "prefixItems tuple + items:false": Support.ENFORCED,
    "prefixItems + min/max (pydantic tuple)": Support.ENFORCED,
    "items array form (draft7 tuple)": Support.REFUSED,
    "array contains": Support.IGNORED,
    "array without items": Support.ENFORCED,
    "anyOf": Support.ENFORCED,
    "oneOf disjoint": Support.ENFORCED,
    "oneOf overlapping (int 0..10 | int 5..15)": Support.IGNORED,
    "oneOf discriminated objects": Support.ENFORCED,
    "allOf merge ranges": Support.IGNORED,
    "allOf merge objects": Support.IGNORED,
    "allOf single $ref (pydantic v1 style)": Support.ENFORCED,
    "not": Support.IGNORED,
    "if/then/else": Support.IGNORED,
    "$ref/$defs": Support.ENFORCED,
    "$ref definitions (draft7)": Support.ENFORCED,
    "$ref sibling keywords": Support.IGNORED,
    "recursion depth 3": Support.IGNORED,
    "recursion depth 8": Support.IGNORED,
    "recursion via anyOf null": Support.IGNORED,
    "additionalProperties:false": Support.ENFORCED,
    "additionalProperties absent (extras ok?)": Support.NARROWED,
    "additionalProperties:true": Support.NARROWED,
    "additionalProperties:{integer} map": Support.ENFORCED,
    "patternProperties": Support.REFUSED,
    "propertyNames enum": Support.IGNORED,
    "minProperties/maxProperties 1..2": Support.IGNORED,
    "dependentRequired": Support.IGNORED,
    "optional: some required": Support.ENFORCED,
    "optional: none required": Support.ENFORCED,
    "property order other than schema's": Support.NARROWED,
    "nullable type list": Support.ENFORCED,
    "nullable anyOf null (pydantic Optional)": Support.ENFORCED,
    "OpenAPI nullable:true": Support.ENFORCED,
    "unicode property names": Support.REFUSED,
    "property names that JSON escapes": Support.IGNORED,
    "unicode string content (raw UTF-8)": Support.ENFORCED,
    'string escapes \\n \\" \\\\': Support.ENFORCED,
    "boolean/null": Support.ENFORCED,
    "any ({})": Support.IGNORED,
    "object without properties": Support.ENFORCED,
    "top-level array": Support.ENFORCED,
    "top-level enum/scalar": Support.ENFORCED,
    "contradictory (min>max)": Support.IGNORED,
}
APP_PART = '''\
class Backend:
    """Structured output by outlines_core: the vocabulary once, an output type once, a guide for each answer."""

    def __init__(self, tokenizer, vocabulary: int) -> None:
        from outlines.backends.outlines_core import OutlinesCoreBackend
        from outlines.models.transformers import TransformerTokenizer

        special = set(tokenizer.all_special_tokens) - {tokenizer.eos_token}  # these are no text
        words = {word: number for word, number in tokenizer.get_vocab().items() if word not in special}
        self.words = OutlinesCoreBackend.create_outlines_core_vocabulary(
            words,
            tokenizer.eos_token_id,
            tokenizer.eos_token,
            TransformerTokenizer(tokenizer).convert_token_to_string,
        )
$common
    def compile(self, form: str, output: str):
        """What guides are made from."""
        from outlines_core import Index
        from outlines_core.json_schema import build_regex_from_schema

        if form == "grammar":
            raise ValueError("outlines_core takes no grammars")
        return Index(build_regex_from_schema(output) if form == "json_schema" else output, self.words)

    def start(self, compiled):
        """A guide for one answer; it has state, so answers never share one."""
        from outlines_core import Guide

        return Guide(compiled)

    def step(self, matcher, token: int | None, mask) -> str:
        """Take a token, and write into `mask` which may follow; returns why that is impossible, or nothing."""
        try:
            if token is not None:
                matcher.advance(token, return_tokens=False)
            matcher.write_mask_into(mask.ctypes.data, mask.size, mask.itemsize)
        except ValueError as error:
            return str(error)
        return ""
'''
BACKEND = StructuredOutputBackend(
    name="outlines_core",
    module=__name__,
    distribution="outlines_core",
    version="0.2.14",
    measured="2026-11-22",
    preference=30,  # pays most by the size of the schema (2026-11-22, 131k vocabulary)
    forms=frozenset({"json_schema", "regex"}),
    adapter="wizard.services.lint.backends.outlines_core:OutlinesCore",
    import_name="outlines_core",
    support=SUPPORT,
    app_part=APP_PART,
    byte_seconds=1.0,  # a schema that is slow over bytes is far too slow with a model's tokens
    recursion_fault="cuts recursion off after three levels, and writes invalid JSON there",
)
