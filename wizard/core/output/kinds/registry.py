"""All kinds of output type, in the order in which they are listed."""

from __future__ import annotations

from wizard.core.output.kinds.choices import CHOICES
from wizard.core.output.kinds.free_text import FREE_TEXT
from wizard.core.output.kinds.grammar import GRAMMAR
from wizard.core.output.kinds.regex import REGEX
from wizard.core.output.kinds.schema import SCHEMA
from wizard.core.output.kinds.value_type import VALUE_TYPE
from wizard.core.output.output_kind import OutputKind

KINDS: dict[str, OutputKind] = {
    kind.name: kind for kind in (SCHEMA, CHOICES, REGEX, VALUE_TYPE, GRAMMAR, FREE_TEXT)
}  # fmt: skip
