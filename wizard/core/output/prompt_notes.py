"""What is odd about a prompt for a model: special tokens written by hand, no chat template, no room left.

The sequences are those of published chat templates, 2026-11: Mistral, Llama 2 and 3, ChatML (Qwen and others), Gemma,
Phi, and Alpaca's headings.
"""

from __future__ import annotations

from collections.abc import Iterable

BY_HAND = (
    "[INST]", "[/INST]", "<<SYS>>", "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|eot_id|>",
    "<|begin_of_text|>", "<start_of_turn>", "<end_of_turn>", "<|user|>", "<|assistant|>", "<|end|>", "<s>", "</s>",
    "<bos>", "### Instruction:", "### Response:",
)  # fmt: skip


def prompt_notes(
    prompt: str,
    *,
    has_template: bool | None,
    special: Iterable[str] = (),
    tokens: int | None = None,
    window: int | None = None,
    max_tokens: int | None = None,
) -> tuple[str, ...]:
    """Sentences for a person; empty when nothing is odd.

    `special` are the model's own special tokens. `tokens` is the prompt's length, `window` the context window, both in
    tokens; None where they are not known.
    """
    notes = []
    written = [text for text in dict.fromkeys((*BY_HAND, *special)) if text.strip() and text in prompt]
    if written and has_template is not False:
        notes.append(
            f"The prompt has {', '.join(written[:4])} in it: the chat template adds these itself, so they would be "
            "there twice. Write only the question."
        )
    elif written:
        notes.append(f"The prompt has {', '.join(written[:4])} in it, and this model has no chat template: check them.")
    if has_template is False and not written:
        notes.append(
            "This model has no chat template: it continues the prompt as text instead of answering. "
            "Begin the answer in the prompt, or choose an instruct model."
        )
    if tokens is not None and window is not None:
        if tokens >= window:
            notes.append(f"The prompt takes {tokens} tokens and the context window is {window}: nothing is left.")
        elif max_tokens is not None and tokens + max_tokens > window:
            notes.append(
                f"The prompt takes {tokens} tokens; with {max_tokens} for the answer that is more than the context "
                f"window of {window}."
            )
    return tuple(notes)
