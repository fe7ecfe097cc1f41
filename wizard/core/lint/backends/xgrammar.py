"""xgrammar: fast with small schemas; needs torch."""

from __future__ import annotations

from wizard.core.lint.backend import StructuredOutputBackend, Support

SUPPORT = {
    "integer minimum/maximum (10..25)": Support.ENFORCED,
    "integer minimum only (>=0)": Support.ENFORCED,
    "integer exclusiveMin/Max (10,25)": Support.ENFORCED,
    "number minimum/maximum (0..1)": Support.ENFORCED,
    "number exclusiveMin/Max (0,1)": Support.ENFORCED,
    "number exponent form (1e5)": Support.ENFORCED,
    "integer multipleOf 5": Support.ENFORCED,
    "number multipleOf 0.5": Support.IGNORED,
    "integer mult 5 + range 0..100": Support.ENFORCED,
    "string minLength/maxLength 3..5": Support.IGNORED,
    "string maxLength counts chars (unicode)": Support.IGNORED,
    "string minLength 3 only": Support.IGNORED,
    "pattern anchored": Support.ENFORCED,
    "pattern unanchored (\\d{2})": Support.NARROWED,
    "pattern with maxLength": Support.IGNORED,
    "pattern with lookahead": Support.IGNORED,
    "pattern with an optional group of repeats": Support.IGNORED,
    "format date": Support.ENFORCED,
    "format date (calendar: 2026-02-31)": Support.ENFORCED,
    "format time": Support.ENFORCED,
    "format date-time": Support.ENFORCED,
    "format email": Support.ENFORCED,
    "format uuid": Support.ENFORCED,
    "format uri": Support.ENFORCED,
    "format ipv4": Support.ENFORCED,
    "format hostname": Support.IGNORED,
    "format ipv6": Support.ENFORCED,
    "format duration": Support.ENFORCED,
    "format foo (unknown)": Support.ENFORCED,
    "enum strings": Support.ENFORCED,
    "enum mixed types": Support.ENFORCED,
    "enum objects/arrays": Support.NARROWED,
    "enum unicode/escapes": Support.ENFORCED,
    "const string/int": Support.ENFORCED,
    "const object": Support.NARROWED,
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
    "recursion depth 3": Support.ENFORCED,
    "recursion depth 8": Support.ENFORCED,
    "recursion via anyOf null": Support.ENFORCED,
    "additionalProperties:false": Support.ENFORCED,
    "additionalProperties absent (extras ok?)": Support.NARROWED,
    "additionalProperties:true": Support.ENFORCED,
    "additionalProperties:{integer} map": Support.ENFORCED,
    "patternProperties": Support.NARROWED,
    "propertyNames enum": Support.ENFORCED,
    "minProperties/maxProperties 1..2": Support.ENFORCED,
    "dependentRequired": Support.IGNORED,
    "optional: some required": Support.ENFORCED,
    "optional: none required": Support.ENFORCED,
    "property order other than schema's": Support.NARROWED,
    "nullable type list": Support.IGNORED,
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
    """Structured output by xgrammar: the tokenizer's tables once, an output type once, a matcher for each answer."""

    def __init__(self, tokenizer, vocabulary: int) -> None:
        import xgrammar

        # The size is the output layer's: many models have a larger one than their tokenizer needs.
        tokens = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=vocabulary)
        self.compiler = xgrammar.GrammarCompiler(tokens)
$common
    def compile(self, form: str, output: str):
        """What matchers are made from."""
        if form == "json_schema":  # white space without end would let a weak model fill its budget with it
            return self.compiler.compile_json_schema(output, any_whitespace=False)
        return self.compiler.compile_regex(output) if form == "regex" else self.compiler.compile_grammar(output)

    def start(self, compiled):
        """A matcher for one answer; it has state, so answers never share one."""
        from xgrammar import GrammarMatcher

        return GrammarMatcher(compiled)

    def step(self, matcher, token: int | None, mask) -> str:
        """Take a token, and write into `mask` which may follow; returns why that is impossible, or nothing."""
        import torch

        if token is not None and not matcher.accept_token(token):
            return f"token {token} may not come here"
        matcher.fill_next_token_bitmask(torch.from_numpy(mask).unsqueeze(0))
        return ""
'''
BACKEND = StructuredOutputBackend(
    name="xgrammar",
    module=__name__,
    distribution="xgrammar",
    version="0.2.8",
    measured="2026-11-22",
    preference=20,  # pays by the size of the schema (2026-11-22, 131k vocabulary)
    forms=frozenset({"json_schema", "regex", "grammar"}),
    adapter="wizard.services.lint.backends.xgrammar:XGrammar",
    import_name="xgrammar",
    support=SUPPORT,
    app_part=APP_PART,
)
