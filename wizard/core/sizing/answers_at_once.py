"""How many answers a GPU holds at once: what weights and overhead leave of its memory, by what each answer takes."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.core.inference.engine import InferenceEngine
from wizard.core.models.model_info import ModelFacts
from wizard.core.sizing.gpus import GIB, GpuChoice
from wizard.core.sizing.memory_fit import TokenBudget, footprint, planned_image, with_image


@dataclass(frozen=True)
class AnswersAtOnce:
    """`room` is in GiB over all GPUs, `tokens` what one answer takes with its prompt. `most` is the engine's own limit.

    `fit` is what the memory has room for, which may be more than `most`.
    """

    room: float
    fit: int
    most: int
    tokens: int
    takes_all: bool  # the engine takes the whole room when it starts

    @property
    def answers(self) -> int:
        """How many are made together."""
        return min(self.fit, self.most)

    @property
    def sentence(self) -> str:
        """What is to be said of it, without its end."""
        many = f"{self.fit:,} answers" if self.fit != 1 else "one answer"
        each = f"{many} of {self.tokens:,} tokens with the prompt"
        limit = f"; it makes {self.most} at once at the most" if self.fit > self.most else ""
        if self.takes_all:
            return f"the remaining {self.room:.1f} GiB are its cache, enough for {each}{limit}"
        return f"{self.room:.1f} GiB are left for answers, enough for {each}{limit}"


def answers_at_once(
    facts: ModelFacts, budget: TokenBudget, choice: GpuChoice, engine: InferenceEngine
) -> AnswersAtOnce:
    """What is left for answers of the planned length on these GPUs, as the engine shares out the memory."""
    parts = footprint(facts, budget, choice.count, wide=choice.is_cpu, engine=engine)
    share = choice.usable * engine.memory_share - parts.weights - parts.overhead
    shape, image = facts.shape, planned_image(facts, engine)
    budget = with_image(budget, image)
    if shape is None:
        each, reading, tokens = parts.cache, parts.activations, budget.tokens
    else:
        wide, tokens = (2 if choice.is_cpu else 1), min(budget.tokens, shape.context or budget.tokens)
        each = wide * shape.cache_bytes(tokens) * cache_copies(shape.kv_heads, choice.count, engine) / GIB
        reading = wide * shape.activation_bytes(min(budget.prompt, tokens), 1) * choice.count / GIB
        reading += wide * image.reading * choice.count / GIB if image else 0.0
    if engine.continuous:  # prompts are read one after the other, beside answers that are being made
        room, each = share - reading, each
    else:  # all prompts of a batch are read together
        room, each = share, each + reading
    fit = int(room / each) if room > 0 and each > 0 else 0
    return AnswersAtOnce(max(0.0, room), fit, engine.max_batch, tokens, engine.continuous)


def cache_copies(kv_heads: int, gpus: int, engine: InferenceEngine) -> float:
    """How often the cache is held: heads that are fewer than the GPUs are on several of them."""
    return 1.0 if engine.whole_layers else max(1.0, gpus / max(1, kv_heads))
