"""How a model reasons before it answers, read from the text of its chat template: the tags, and how it is switched."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wizard.core.problem import Problem, usage

OFF, AUTO = "off", "auto"
MOST_TOKENS = 131072  # that can be asked for, of an answer and of what is reasoned before it
REASONING_SECONDS = 0.25  # a caller waits so much longer for each token that may be reasoned
# What `auto` stands for, decided 2026-11-29: no published configuration names a budget. Most questions about structured
# output are thought through in fewer tokens, and an eighth of a small context leaves room for prompt and answer.
AUTO_TOKENS, AUTO_SHARE = 2048, 8

# Blocks that are no pair of <tag> and </tag>, as of 2026-11-29: what marks them in a template, how they open and close,
# and what comes before the answer. gpt-oss; Gemma 4; Kimi K3; Cohere Command A; Apertus.
BLOCKS = (
    (
        "<|channel|>analysis",
        "<|channel|>analysis<|message|>",
        "<|end|>",
        "<|start|>assistant<|channel|>final<|message|>",
    ),
    ("<|channel>thought", "<|channel>thought\n", "<channel|>", ""),
    ("open_tag('think'", "<|open|>think<|sep|>", "<|close|>think<|sep|>", "<|open|>response<|sep|>"),
    ("<|START_THINKING|>", "<|START_THINKING|>", "<|END_THINKING|>", "<|START_RESPONSE|>"),
    ("<|inner_prefix|>", "<|inner_prefix|>", "<|inner_suffix|>", ""),
)
# A closing tag: </think>, [/THINK], </seed:think>, ◁/think▷ and their like.
CLOSING = r"([<\[◁])/((?:\w+:)?(?:think|thought|reason)[\w:]*)([>\]▷])"
SWITCHES = ("enable_thinking", "enable_reasoning", "thinking", "reasoning")  # variables of templates: on or off
EFFORT = "reasoning_effort"  # another one: how much; some templates take none for off
_CODE = re.compile(r"\{[{%](.*?)[}%]\}", re.DOTALL)
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")


@dataclass(frozen=True)
class Thinking:
    """The block that a model reasons in. `switches` are the template's variables that turn it on and off; none: it
    cannot be switched off. `is_sure` False: only the end of such a block is known to the template, which is also so of
    models that leave it out.
    """

    opening: str
    closing: str
    switches: tuple[str, ...] = ()
    is_sure: bool = True

    @property
    def is_always_on(self) -> bool:
        """Whether the template has no way to switch it off."""
        return self.is_sure and not self.switches

    @property
    def needs_closing(self) -> bool:
        """Whether an answer without reasoning takes more than `enable_thinking: false`, which every app says."""
        return self.is_sure and SWITCHES[0] not in self.switches


def read_thinking(template: str) -> Thinking | None:
    """How a model with this chat template thinks; None where the template knows no reasoning."""
    switches = _switches(template)
    for mark, opening, closing, _ in BLOCKS:
        if mark in template:
            return Thinking(opening, closing, switches)
    for found in re.finditer(CLOSING, template, re.IGNORECASE):
        opening = "".join(found.groups())
        return Thinking(opening, found.group(), switches, opening in template)
    return None


def _switches(template: str) -> tuple[str, ...]:
    """Variables that the template's code goes by; what it only writes is not looked at."""
    code = _QUOTED.sub("''", " ".join(_CODE.findall(template)))
    found = [name for name in SWITCHES if re.search(rf"(?<![\w.]){name}(?!\w)", code)]
    if EFFORT in code and re.search(r"""(['"])none\1""", template):
        found.append(EFFORT)
    return tuple(found)


def check_think(title: str, value: str) -> None:
    """Raise Problem (exit code 2) for what is neither off, auto nor a number of tokens."""
    if value in (OFF, AUTO) or (value.isdecimal() and len(value) < 9 and int(value) <= MOST_TOKENS):
        return
    raise usage(
        "think_unknown",
        f"{title} takes off, auto, or a number of tokens from 1 to {MOST_TOKENS:,}, not {value!r}.",
        "For example 1024.",
    )


def auto_tokens(context: int | None) -> int:
    """How many tokens `auto` lets a model with this context reason."""
    return min(AUTO_TOKENS, context // AUTO_SHARE) if context else AUTO_TOKENS


def think_tokens(asked: str | None, thinking: Thinking | None, context: int | None) -> int:
    """How many tokens a model may reason; `auto` is none for one that is not known to think."""
    if asked == AUTO:
        return auto_tokens(context) if thinking is not None and thinking.is_sure else 0
    return int(asked) if asked and asked.isdecimal() else 0


def no_thinking_problem(model: str, *, has_template: bool) -> Problem:
    """The Problem for a model that is asked to think and cannot."""
    why = "its chat template knows no reasoning" if has_template else "it has no chat template"
    return usage(
        "model_does_not_think",
        f"{model} does not think before it answers: {why}.",
        "Leave out --think, pass --think auto (off for such a model), or choose a model that thinks.",
    )
