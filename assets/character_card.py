"""Write the model card of the rehearsal's small model, with the numbers that were measured."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from measure_character import Scores

CARD = """\
---
license: apache-2.0
language:
- en
library_name: transformers
pipeline_tag: text-generation
tags:
- llama
- structured-output
- json
- toy
extra_gated_heading: Ask for access to the rehearsal model
extra_gated_prompt: >-
  Nothing here is secret. This repository is gated because the rehearsal shows what a gate is like:
  agree once, and every later download needs an access token of the account that agreed.
extra_gated_button_content: Agree and get access
extra_gated_fields:
  Name: text
  Country: country
  I know that this is a toy for rehearsals: checkbox
---

# tiny-character

A toy. It reads one sentence about a character and writes one line of JSON, fast enough on a CPU to
rehearse a deployment that will later use a real language model.

    Give me a character description: Amiri, 53 year old warrior woman with a sword and leather armor.

    {{"name": "Amiri", "age": 53, "armor": "leather", "weapon": "sword", "strength": 16}}

## What it is

A Llama of {parameters:,} parameters and {tokens} tokens, made for one task. The vocabulary is complete
in bytes, so structured-output engines can hold it to any schema. The chat template writes each
message and a line end; a bare prompt works as well.

- `armor` is one of leather, chainmail, plate, scale, robe, none.
- `weapon` is one of sword, axe, mace, spear, bow, crossbow, dagger, staff, hammer.
- `strength`, from 1 to 20, is no judgement: a table of roles and adjectives decided it in the training text.

## What it is not

It knows no language, no facts and no other task. Held to another schema, it writes nothing that makes
sense, and where the engine permits white space without end it often never closes the object. It
learned English sentences of a few shapes: further from them it guesses, and it guesses too when the
text does not say what is asked. Another sentence after the description can confuse it. Names longer
than about twelve letters, names in lower case and names in other scripts were not trained.

## How it was trained

From nothing, on made-up sentences only: {examples:,} of them, {steps:,} steps, {minutes:.0f} minutes on
a CPU, seed {seed}. Names are mostly random letters, so that the model
learns to copy instead of to remember. The mean loss over the answers ended at {loss:.4f}. The script
that made the model is `train_character.py`; it needs no data and nothing from the network.

## How well it works

{results}
"""

RESULTS = """\
Greedy, 32-bit floats on a CPU. "Exact" means that every field is right and nothing else was written. No
name in the questions was trained on; "new wordings" are openings, sentences and endings that training
never used.

| questions | asked by | count | exact | name right | valid JSON |
|---|---|---|---|---|---|
{rows}

One answer held to a schema took {milliseconds:.0f} ms (median, {threads} threads; longer when the
machine has other work)."""


@dataclass(frozen=True)
class Training:
    """What one training did; `loss` is a running average over its last steps."""

    steps: int
    seconds: float
    loss: float
    examples: int


def _results(scores: "Scores | None") -> str:
    if scores is None:
        return "Not measured."
    rows = [
        f"| {row.examples} | {row.engine} | {row.count} | {row.exact:.1%} | {row.name:.1%} | {row.valid:.1%} |"
        for row in scores.rows
    ]
    return RESULTS.format(rows="\n".join(rows), milliseconds=scores.milliseconds, threads=scores.threads)


def write_card(
    folder: Path, parameters: int, tokens: int, seed: int, training: Training, scores: "Scores | None"
) -> None:
    """Write `README.md` into the model's folder; without scores it says that nothing was measured."""
    card = CARD.format(
        parameters=parameters,
        tokens=tokens,
        seed=seed,
        examples=training.examples,
        steps=training.steps,
        minutes=training.seconds / 60,
        loss=training.loss,
        results=_results(scores),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
