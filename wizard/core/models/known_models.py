"""Models whose tokenizer is known to work with every structured-output backend, and that have a chat template.

One dated table. A family is here when its vocabulary was compiled against llguidance, outlines_core and xgrammar at
their pinned versions, and its authors publish a chat template; where the weights were run too, `tried` says so.
A model that is not in the table may work as well: nobody has tried it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.core.models.model_info import ModelFacts

AS_OF = "2026-11"
SUGGESTED = "Qwen/Qwen3.5-4B"  # open, Apache 2.0, of March 2026; small enough for the cheapest GPU


@dataclass(frozen=True)
class Family:
    """Models that share a tokenizer: a pattern of their full names, and what was tried."""

    pattern: str
    tried: str


FAMILIES: tuple[Family, ...] = (
    Family(r"mistralai/Mistral-7B-Instruct-v0\.[12]", "the 32k SentencePiece vocabulary of Mistral 7B"),
    Family(
        r"mistralai/(Mistral-Nemo-Instruct-2407|Ministral-8B-Instruct-2410|Mistral-Small-3\.1-24B-Instruct-2503"
        r"|Ministral-3-\d+B-Instruct-2512)",
        "Mistral's Tekken vocabulary, 131k",
    ),
    Family(r"Qwen/Qwen(2|2\.5|3)(-VL)?-[\d.]+B(-A3B)?(-Instruct)?(-2507)?", "the byte-level vocabulary of Qwen, 152k"),
    Family(r"google/gemma-3-(1b|4b|12b|27b)-it", "the SentencePiece vocabulary of Gemma 3, 262k"),
    Family(r"meta-llama/Llama-3\.2-(1B|3B)-Instruct", "the byte-level vocabulary of Llama 3.2, 128k"),
    Family(r"HuggingFaceTB/SmolLM2-(135M|360M|1\.7B)-Instruct", "the published weights of SmolLM2, run as a whole"),
    Family(r"rehearsal-lab/tiny-character(-open|-manual|-renamed|-sharded)?", "the rehearsal's model, run as a whole"),
)


def what_was_tried(repo_id: str, facts: ModelFacts | None = None) -> str | None:
    """What is known to work with this model; None when it is not in the table, or cannot work."""
    from wizard.core.models.loading import engine_that_loads  # the screen names SUGGESTED before it needs an engine

    if facts is not None and (facts.has_chat_template is False or engine_that_loads(facts) is None):
        return None
    return next((family.tried for family in FAMILIES if re.fullmatch(family.pattern, repo_id)), None)
