"""Tokenizers and chat templates in the form of today's families of models that reason, made here: no text of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

USER = [{"role": "user", "content": "Who?"}]
_TURNS = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|stop|>{% endfor %}"


@dataclass(frozen=True)
class Family:
    """A template, the tags that are tokens of their own (the others are spelled letter by letter), and what has to come
    of them: how a prompt ends that lets the model reason and one that does not, and what is forced at the end.
    """

    template: str
    tokens: tuple[str, ...]
    on: str
    off: str
    end: str
    switches: tuple[str, ...] = ()
    special: bool = False  # tokens that decoding leaves out
    is_sure: bool = True


FAMILIES = {
    "qwen3": Family(
        _TURNS
        + r"{{ '<|assistant|>\n' }}{% if enable_thinking is defined and enable_thinking is false %}"
        + r"{{ '<think>\n\n</think>\n\n' }}{% endif %}",
        ("<think>", "</think>"),
        "<|assistant|>\n<think>\n",
        "<|assistant|>\n<think>\n\n</think>\n\n",
        "</think>\n\n",
        ("enable_thinking",),
    ),
    "always on, opened by the template": Family(  # DeepSeek R1 and its distillations, QwQ
        "{% set c = messages[-1]['content'] %}{% if '</think>' in c %}{% set c = c.split('</think>')[-1] %}{% endif %}"
        + _TURNS
        + r"{{ '<|assistant|><think>\n' }}",
        ("<think>", "</think>"),
        "<|assistant|><think>\n",
        "<|assistant|><think>\n\n</think>\n\n",
        "</think>\n\n",
    ),
    "tags that are no tokens": Family(  # Olmo 3
        _TURNS + r"{{ '<|assistant|>\n<think>' }}{# </think> ends it #}",
        (),
        "<|assistant|>\n<think>",
        "<|assistant|>\n<think></think>",
        "</think>",
    ),
    "thinking, off where it is not said": Family(  # DeepSeek V3.1
        "{% if not thinking is defined %}{% set thinking = false %}{% endif %}"
        + _TURNS
        + "<|assistant|>{% if thinking %}{{ '<think>' }}{% else %}{{ '</think>' }}{% endif %}",
        ("<think>", "</think>"),
        "<|assistant|><think>",
        "<|assistant|></think>",
        "</think>",
        ("thinking",),
    ),
    "thinking, on where it is not said": Family(  # Kimi K2.5
        _TURNS
        + "<|assistant|>{% if thinking is defined and thinking is false %}{{ '<think></think>' }}"
        + "{% else %}{{ '<think>' }}{% endif %}",
        ("<think>", "</think>"),
        "<|assistant|><think>",
        "<|assistant|><think></think>",
        "</think>",
        ("thinking",),
    ),
    "glm": Family(
        _TURNS
        + r"<|assistant|>{{- '\n<think></think>' if (enable_thinking is defined and not enable_thinking) else '' -}}",
        ("<think>", "</think>"),
        "<|assistant|><think>",
        "<|assistant|>\n<think></think>",
        "</think>",
        ("enable_thinking",),
    ),
    "magistral": Family(
        "{{ 'First draft your thinking process: [THINK]draft[/THINK]Then answer.' }}" + _TURNS,
        ("[THINK]", "[/THINK]"),
        "<|user|>Who?<|stop|>[THINK]",
        "<|user|>Who?<|stop|>[THINK][/THINK]",
        "[/THINK]",
        special=True,
    ),
    "effort, with none": Family(  # Mistral Small 4
        "{% if reasoning_effort not in ['none', 'high'] %}{{ raise_exception('unknown') }}{% endif %}"
        + _TURNS
        + "{# [THINK] [/THINK] #}<|effort|>{{ reasoning_effort }}",
        ("[THINK]", "[/THINK]"),
        "<|effort|>high[THINK]",
        "<|effort|>none",
        "[/THINK]",
        ("reasoning_effort",),
        special=True,
    ),
    "gpt-oss": Family(
        "{% if reasoning_effort is not defined %}{% set reasoning_effort = 'medium' %}{% endif %}"
        "Reasoning: {{ reasoning_effort }}" + _TURNS + "{% for m in messages %}{% if 'thinking' in m %}"
        "{{ '<|start|>assistant<|channel|>analysis<|message|>' + m.thinking + '<|end|>' }}{% endif %}{% endfor %}"
        "<|start|>assistant",
        ("<|start|>", "<|channel|>", "<|message|>", "<|end|>"),
        "<|start|>assistant<|channel|>analysis<|message|>",
        "<|start|>assistant<|channel|>final<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
        special=True,
    ),
    "gemma 4": Family(
        "{% if enable_thinking is defined and enable_thinking %}{{ '<|think|>' }}{% endif %}"
        + _TURNS
        + r"{{ '<|turn>model\n' }}"
        + r"{% if not enable_thinking | default(false) %}{{ '<|channel>thought\n<channel|>' }}{% endif %}",
        ("<|channel>", "<channel|>"),
        "<|turn>model\n<|channel>thought\n",
        "<|turn>model\n<|channel>thought\n<channel|>",
        "<channel|>",
        ("enable_thinking",),
        special=True,
    ),
    "kimi k3": Family(
        "{% macro open_tag(tag) %}{{ '<|open|>' + tag + '<|sep|>' }}{% endmacro %}"
        "{% if thinking is undefined %}{% set thinking = true %}{% endif %}"
        + _TURNS
        + "{# open_tag('think') #}{{ open_tag('think' if thinking else 'response') }}",
        ("<|open|>", "<|sep|>", "<|close|>"),
        "<|open|>think<|sep|>",
        "<|open|>response<|sep|>",
        "<|close|>think<|sep|><|open|>response<|sep|>",
        ("thinking",),
        special=True,
    ),
    "seed": Family(
        "{% set think_begin = '<seed:think>' %}{% set think_end = '</seed:think>' %}" + _TURNS + "<|assistant|>",
        ("<seed:think>", "</seed:think>"),
        "<|assistant|><seed:think>",
        "<|assistant|><seed:think></seed:think>",
        "</seed:think>",
    ),
    "cohere": Family(
        "{% if reasoning %}{{ 'Think.' }}{% endif %}" + _TURNS + "{% if not reasoning %}<|START_THINKING|>"
        "<|END_THINKING|>{% endif %}",
        ("<|START_THINKING|>", "<|END_THINKING|>", "<|START_RESPONSE|>"),
        "<|stop|><|START_THINKING|>",
        "<|START_THINKING|><|END_THINKING|>",
        "<|END_THINKING|><|START_RESPONSE|>",
        ("reasoning",),
        special=True,
    ),
}
NOT_THINKING = {
    "no tags": _TURNS + "<|assistant|>",
    "words only": _TURNS + "{{ 'Please reason step by step, thinking aloud.' }}",
}


@cache
def tokenizer_of(template: str, tokens: tuple[str, ...] = (), special: bool = False) -> Any:
    """A tokenizer with one token for each byte, the tags that are tokens, and this chat template."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    made = Tokenizer(models.BPE(vocab=letters, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|eos|>", pad_token="<|pad|>")
    fast.add_tokens([AddedToken(each, special=special, normalized=False) for each in tokens], special_tokens=special)
    fast.chat_template = template
    fast.clean_up_tokenization_spaces = False
    return fast
