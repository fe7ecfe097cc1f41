"""What the app file says of reasoning before the answer: a part of its own, and the few lines that call it.

An app whose model does not reason, and is kept from it by the switch that all apps use, has none of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.codegen.literals import data_literal, literal
from wizard.codegen.parts import part
from wizard.core.models.thinking import BLOCKS, CLOSING, EFFORT, SWITCHES
from wizard.core.plan.plan import Plan

_WITHOUT = {
    "template_options": """\
        # The answer begins with the first token: a model that can think aloud is asked not to.
        options = {"tokenize": False, "add_generation_prompt": True, "enable_thinking": False}""",
    "image_options": '        options = {"tokenize": False, "add_generation_prompt": True, "enable_thinking": False}',
    "rendered": "self.render(messages)",
    "masks": "Masks",
    "told": '{"text": piece}',
    "not_done": '    "think": [0, "off"],\n    "chat_template_kwargs": [{}, {"enable_thinking": False}],\n',
    "usage": '    return {"prompt_tokens": prompt, "completion_tokens": made, "total_tokens": prompt + made}',
    "delta": '{"content": piece["text"]}',
}
_WITH = {
    "render_think": ', think: int = 0, effort: str = ""',
    "template_options": '        options = {"tokenize": False, "add_generation_prompt": True}'
    " | self.thinking.options(think, effort)",
    "image_options": '        options = {"tokenize": False, "add_generation_prompt": True}'
    " | self.thinking.options(think, effort)",
    "passed_think": ", think, effort",
    "masks": "ThinkingMasks",
    "ahead": " + answer.ahead",
    "begin_thinking": "        text = self.thinking.begin(text, think)\n",
    "think_argument": "        think: int | str | None = None,\n",
    "think_words": """

        `think` is how many tokens the model may reason before the text begins, "off", "auto", or an effort such as
        "low"; None: as deployed. What it reasoned is the answer's `reasoning`, never in its text.""",
    "read_think": """\
        tokens = self.thinking.budget(think)
        text = self.render(messages, tokens, think if isinstance(think, str) else "")
""",
    "rendered": "text",
    "set_think": "        answer.think = tokens\n",
    "reasoning": """\
            "reasoning": answer.thought.text.text if answer.thought else "",
            "reasoning_tokens": answer.thought.text.tokens if answer.thought else 0,
""",
    "told": '{"text": "", "reasoning": str(piece)} if isinstance(piece, Reasoning) else {"text": piece}',
    "think_fields": "        self.think, self.thought, self.ahead = 0, None, 0  # ahead: tokens for reasoning\n",
    "read_thinking": "        self.thinking = Thinking(self.tokenizer)\n",
    "not_done": '    "chat_template_kwargs": [{}, {"enable_thinking": False}, {"enable_thinking": True}],\n',
    "request_think": "    arguments |= read_think(body)\n",
    "message_reasoning": ' | reasoning_of(answer["reasoning"])',
    "usage": """\
    thought = sum(answer["reasoning_tokens"] for answer in answers)
    usage = {"prompt_tokens": prompt, "completion_tokens": made + thought, "total_tokens": prompt + made + thought}
    return usage | {"completion_tokens_details": {"reasoning_tokens": thought}}""",
    "delta": 'reasoning_of(piece.get("reasoning")) or {"content": piece["text"]}',
}


def thinking_values(plan: Plan) -> dict[str, str]:
    """What goes into the placeholders of the shared parts; empty lines where an app has no part for reasoning."""
    return dict.fromkeys(_WITH, "") | (_WITH if plan.has_thinking else _WITHOUT)


def thinking_part(plan: Plan) -> str:
    """The part itself, which stands behind that of answers; empty for an app that has none."""
    if not plan.has_thinking:
        return ""
    text = part(plan.inference_engine, "thinking").substitute(
        think=plan.think_tokens,
        auto_think=plan.auto_think,
        blocks=data_literal([list(block) for block in BLOCKS]),
        closing=CLOSING,
        switches=literal([*SWITCHES]),
        effort=EFFORT,
    )
    return "\n\n\n" + text.rstrip()


def requests_part(plan: Plan, common: Mapping[str, str]) -> str:
    """How the endpoint reads a request."""
    requests = part(plan.inference_engine, "requests").substitute(common).rstrip()
    more = part(plan.inference_engine, "thinking_requests").template.rstrip()
    return f"{requests}\n\n\n{more}" if plan.has_thinking else requests
