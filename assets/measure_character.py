"""Measure the rehearsal's small model on names and wordings that it has never seen.

    python assets/measure_character.py MODEL_DIR

Every answer counts as exact only when all of its fields are right and nothing else is written.
"""

import argparse
import json
import logging
import os
import random
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# The mask kernel of llguidance would be compiled for seconds at its first token; read when torch is imported.
os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")

import outlines
import torch
from character_text import ARMORS, HELD_OUT, REAL_NAMES, TRAINING, WEAPONS, Character, make_example
from transformers import AutoTokenizer, LlamaForCausalLM, PreTrainedTokenizerBase

log = logging.getLogger("measure_character")

Example = tuple[str, Character]
Answer = Callable[[list[str]], list[str]]

SEED = 20_000
COUNT = 500
TIMED = 50
FIELDS = ("name", "age", "armor", "weapon", "strength")
AMIRI = Character("Amiri", 53, "leather", "sword", 16)
OUTLINES_PROMPTS = [
    "Give me a character description: Amiri, 53 year old warrior woman with a sword and leather armor.",
    "Give me a character description. Describe Amiri, a 53 year old warrior woman with a sword and leather armor.",
    "Amiri, a 53 year old warrior woman with a sword and leather armor.",
]
# Written by hand; a few come close to a sentence of the training text, most do not.
BY_HAND = [
    (
        "Tell me about Zoe, she is 29, a ranger with a bow, in chainmail",
        Character("Zoe", 29, "chainmail", "bow", 12),
    ),
    (
        "I'd like a hero for my game: Bob the barbarian, 41. Axe. No armor.",
        Character("Bob", 41, "none", "axe", 19),
    ),
    ("Who is Gandalf? A wizard, 90 years old, robe, staff.", Character("Gandalf", 90, "robe", "staff", 6)),
    (
        "Can you describe Ingrid, a 35 year old knight in plate armor wielding a mace?",
        Character("Ingrid", 35, "plate", "mace", 17),
    ),
    (
        "Character description please. Hiroshi is a 24-year-old archer with leather armor and a crossbow.",
        Character("Hiroshi", 24, "leather", "crossbow", 12),
    ),
    (
        "Give me a character: a mighty warrior named Xena (33), sword in hand, leather armor.",
        Character("Xena", 33, "leather", "sword", 19),
    ),
    (
        "Make me a character sheet for Lia, a 19 year old thief with a dagger and a robe",
        Character("Lia", 19, "robe", "dagger", 9),
    ),
    (
        "Give me a character description for Aleksandra, a 62 year old priest with a hammer and scale armor.",
        Character("Aleksandra", 62, "scale", "hammer", 8),
    ),
    ("Siobhan, 47, bard, spear, no armor", Character("Siobhan", 47, "none", "spear", 7)),
    (
        "An old story tells of Mateo, a 58 year old pirate who owned a sword and wore leather armor.",
        Character("Mateo", 58, "leather", "sword", 13),
    ),
    (
        "Yuki is a 22 year old assassin. She likes her dagger and her leather armor.",
        Character("Yuki", 22, "leather", "dagger", 11),
    ),
    ("Conan, barbarian, 30 years old, sword and no armor!", Character("Conan", 30, "none", "sword", 19)),
    (
        "Generate JSON for this NPC: Freya, 44 year old huntress, I mean hunter, bow and leather armor.",
        Character("Freya", 44, "leather", "bow", 13),
    ),
    ("A 71 year old druid, Merlin, with a staff and a robe.", Character("Merlin", 71, "robe", "staff", 8)),
    (
        "Please give me a character description of a strong guard called Otto, 38 years old, spear and chainmail.",
        Character("Otto", 38, "chainmail", "spear", 16),
    ),
    (
        "Name: Eve. Age: 27. Role: monk. Weapon: staff. Armor: none.",
        Character("Eve", 27, "none", "staff", 11),
    ),
]
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 24},
        "age": {"type": "integer"},
        "armor": {"enum": list(ARMORS)},
        "weapon": {"enum": list(WEAPONS)},
        "strength": {"type": "integer"},
    },
    "required": ["name", "age", "armor", "weapon", "strength"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Score:
    """Shares between 0 and 1 of `count` answers: all fields right, the name right, readable as JSON; by field."""

    examples: str
    engine: str
    count: int
    exact: float
    name: float
    valid: float
    fields: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Scores:
    """All that one measurement found; `milliseconds` is the median of one constrained answer."""

    rows: list[Score]
    milliseconds: float
    threads: int


def example_sets() -> dict[str, list[Example]]:
    """Draw the questions; no name in them has been trained on."""
    rng = random.Random(SEED)
    return {
        "Outlines' own prompts": [(prompt, AMIRI) for prompt in OUTLINES_PROMPTS],
        "written by hand": BY_HAND,
        "new names, seen wordings": [make_example(rng, held_out_name=True) for _ in range(COUNT)],
        "new names, new wordings": [make_example(rng, HELD_OUT, held_out_name=True) for _ in range(COUNT)],
        "real names, seen wordings": [make_example(rng, TRAINING, name=name) for name in REAL_NAMES * 3],
    }


def score(label: str, engine: str, examples: list[Example], texts: list[str]) -> Score:
    """Compare what was written with what was right."""
    exact = name = valid = 0
    fields = dict.fromkeys(FIELDS, 0)
    for (prompt, right), text in zip(examples, texts, strict=True):
        exact += text == right.json()
        try:
            found = json.loads(text)
        except ValueError:
            continue
        valid += 1
        name += isinstance(found, dict) and found.get("name") == right.name
        for each in FIELDS:
            fields[each] += isinstance(found, dict) and found.get(each) == getattr(right, each)
        if text != right.json():
            log.debug("%s | %r -> %s", label, prompt, text)
    count = len(examples)
    shares = {each: number / count for each, number in fields.items()}
    return Score(label, engine, count, exact / count, name / count, valid / count, shares)


def _free_answers(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerBase, with_chat: bool) -> Answer:
    def write(prompt: str) -> str:
        message = [{"role": "user", "content": prompt}]
        return tokenizer.apply_chat_template(message, tokenize=False) if with_chat else prompt

    def answer(prompts: list[str]) -> list[str]:
        texts: list[str] = []
        for start in range(0, len(prompts), 100):
            asked = [write(prompt) for prompt in prompts[start : start + 100]]
            inputs = tokenizer(asked, return_tensors="pt", padding=True, return_token_type_ids=False)
            outputs = model.generate(**inputs, max_new_tokens=80)
            texts += tokenizer.batch_decode(outputs[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        return texts

    return answer


def _constrained_answers(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerBase) -> Answer:
    generate = outlines.Generator(
        outlines.from_transformers(model, tokenizer), outlines.json_schema(SCHEMA), backend="llguidance"
    )

    def answer(prompts: list[str]) -> list[str]:
        texts: list[str] = []
        # In a batch, rows that have ended are still padded, and llguidance warns of every padding token.
        warnings.filterwarnings("ignore", message="Error in LLMatcher: parser stopped")
        for start in range(0, len(prompts), 100):
            part = prompts[start : start + 100]
            texts += (
                generate.batch(part, max_new_tokens=80) if len(part) > 1 else [generate(part[0], max_new_tokens=80)]
            )
        return texts

    return answer


def _median_milliseconds(answer: Answer, examples: list[Example]) -> float:
    times = []
    for prompt, _ in examples[:TIMED]:
        started = time.perf_counter()
        answer([prompt])
        times.append(1000 * (time.perf_counter() - started))
    return sorted(times)[len(times) // 2]


def measure(folder: Path) -> Scores:
    """Ask the saved model every question in three ways."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    engines = {
        "plain prompt": _free_answers(model, tokenizer, with_chat=False),
        "chat template": _free_answers(model, tokenizer, with_chat=True),
        "Outlines and llguidance": _constrained_answers(model, tokenizer),
    }
    rows = []
    for label, examples in example_sets().items():
        for engine, answer in engines.items():
            rows.append(score(label, engine, examples, answer([prompt for prompt, _ in examples])))
            log.info("%s", rows[-1])
    timed = example_sets()["new names, seen wordings"]
    return Scores(rows, _median_milliseconds(engines["Outlines and llguidance"], timed), torch.get_num_threads())


def main() -> None:
    """Measure one folder; with `--verbose`, show every wrong answer."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="MODEL_DIR")
    parser.add_argument("--verbose", action="store_true", help="show the wrong answers")
    parser.add_argument("--threads", type=int, default=2)
    flags = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    log.setLevel(logging.DEBUG if flags.verbose else logging.INFO)
    torch.set_num_threads(flags.threads)
    scores = measure(flags.folder)
    log.info("%.0f ms for one answer", scores.milliseconds)


if __name__ == "__main__":
    main()
