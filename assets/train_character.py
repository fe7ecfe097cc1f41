"""Train the rehearsal's small model: a Llama that turns a character prompt into one line of JSON.

    python assets/train_character.py OUTDIR [--steps N | --seconds N] [--seed 0] [--evaluate]

With a number of steps the result depends on the seed alone (on one kind of machine); with a number of
seconds it depends on the machine as well. OUTDIR receives the weights, the tokenizer and a model card.
"""

import argparse
import logging
import math
import random
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from character_card import Training, write_card
from character_text import make_example, make_name, make_role
from measure_character import measure
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

log = logging.getLogger("train_character")

END, PAD = "<|end|>", "<|pad|>"
CONTEXT = 512
VOCABULARY = 768
BATCH = 32
DRILLS = 300
PEAK_RATE = 3e-3
IGNORED = -100
# A prompt arrives bare, with a line end, or as the chat template writes it (which is the line end again).
PROMPT_ENDS = ["", "\n", "\n", " ", "\n\n"]
CHAT_TEMPLATE = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
# Lower-case words, quoted JSON words and JSON punctuation may grow into one token. Everything else,
# above all each letter of a capitalised name and each digit, stays alone: so a name reads the same in
# the prompt and in the answer, and copying it is copying single letters.
PIECES = Regex(r' [a-z]+|"[a-z]+|"?[:,] |[\s\S]')

Row = tuple[list[int], list[int]]
Batch = tuple[torch.Tensor, torch.Tensor]


def build_tokenizer(rng: random.Random) -> PreTrainedTokenizerFast:
    """Learn a byte-complete vocabulary from made text."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(PIECES, behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        min_frequency=20,
        special_tokens=[END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = (f"{prompt}\n{answer.json()}" for prompt, answer in (make_example(rng) for _ in range(20_000)))
    core.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token=END,
        eos_token=END,
        pad_token=PAD,
        padding_side="left",
        model_max_length=CONTEXT,
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def build_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """Make the untrained network."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=CONTEXT,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )
    return LlamaForCausalLM(config)


def draw_rows(rng: random.Random, tokenizer: PreTrainedTokenizerFast, count: int) -> list[Row]:
    """Draw `count` examples as pairs of token lists: the prompt, and the answer with its end token."""
    examples = [make_example(rng) for _ in range(count)]
    prompts = tokenizer([prompt + rng.choice(PROMPT_ENDS) for prompt, _ in examples])["input_ids"]
    answers = tokenizer([answer.json() + END for _, answer in examples])["input_ids"]
    return list(zip(prompts, answers, strict=True))


def draw_drill(rng: random.Random, tokenizer: PreTrainedTokenizerFast, count: int) -> list[Row]:
    """Draw `count` short rows that only ask for a name or a strength: the hard parts, alone and cheap."""
    questions, answers = [], []
    for _ in range(count):
        if rng.random() < 0.5:
            name = make_name(rng)
            questions.append(f"{name}, " if rng.random() < 0.5 else f"Describe {name}.\n")
            answers.append(f'{{"name": "{name}", ')
        else:
            who, strength = make_role(rng)
            questions.append(f" {who} with")
            answers.append(f', "strength": {strength}}}{END}')
    rows = zip(tokenizer(questions)["input_ids"], tokenizer(answers)["input_ids"], strict=True)
    return list(rows)


def to_batch(rows: list[Row], pad: int) -> Batch:
    """Lay rows under each other as inputs and targets; only answers are targets."""
    width = max(len(prompt) + len(answer) for prompt, answer in rows)
    inputs = torch.full((len(rows), width), pad)
    targets = torch.full((len(rows), width), IGNORED)
    for index, (prompt, answer) in enumerate(rows):
        inputs[index, : len(prompt) + len(answer)] = torch.tensor(prompt + answer)
        targets[index, len(prompt) : len(prompt) + len(answer)] = torch.tensor(answer)
    return inputs[:, :-1], targets[:, 1:]


def batches(rng: random.Random, tokenizer: PreTrainedTokenizerFast) -> Iterator[Batch]:
    """Yield the drills, then batches of examples for ever, rows of like length together."""
    for _ in range(DRILLS):
        yield to_batch(draw_drill(rng, tokenizer, 2 * BATCH), tokenizer.pad_token_id)
    while True:
        pool = sorted(draw_rows(rng, tokenizer, BATCH * 32), key=lambda row: len(row[0]) + len(row[1]))
        groups = [pool[start : start + BATCH] for start in range(0, len(pool), BATCH)]
        rng.shuffle(groups)
        for group in groups:
            yield to_batch(group, tokenizer.pad_token_id)


def build_optimizers(model: LlamaForCausalLM) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for the embedding and the norms."""
    inner = [weight for weight in model.model.layers.parameters() if weight.ndim == 2]
    outer = [weight for weight in model.parameters() if all(weight is not other for other in inner)]
    return [
        torch.optim.Muon(inner, lr=PEAK_RATE, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(outer, lr=PEAK_RATE, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def learning_rate(step: int, progress: float) -> float:
    """Return the rate for a step: a short warm-up, then half a cosine down to one hundredth of the peak."""
    warm_up = min(1.0, (step + 1) / 100)
    return PEAK_RATE * warm_up * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))


def loss_of(model: LlamaForCausalLM, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean loss over the answer's tokens; the vocabulary is only looked at where one is asked for."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model.model(input_ids=inputs, use_cache=False).last_hidden_state
        asked = targets != IGNORED
        logits = model.lm_head(hidden[asked]).float()
    return torch.nn.functional.cross_entropy(logits, targets[asked])


def train(
    model: LlamaForCausalLM,
    data: Iterator[Batch],
    steps: int,
    seconds: float | None,
) -> Training:
    """Train in place until the steps are done, or the seconds when they are given."""
    optimizers = build_optimizers(model)
    started, step, rows, average = time.monotonic(), 0, 0, math.nan
    model.train()
    while True:
        elapsed = time.monotonic() - started
        progress = elapsed / seconds if seconds else step / steps
        if progress >= 1:
            break
        inputs, targets = next(data)
        loss = loss_of(model, inputs, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, progress)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average = loss.item() if step == 0 else 0.97 * average + 0.03 * loss.item()
        step += 1
        rows += len(inputs)
        if step % 100 == 0:
            log.info("step %d, loss %.4f, %.0f s", step, average, elapsed)
    return Training(steps=step, seconds=time.monotonic() - started, loss=average, examples=rows)


def save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write the files that `from_pretrained` reads: half-size weights, greedy by default."""
    model.generation_config = GenerationConfig(
        do_sample=False,
        max_new_tokens=128,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model.eval().to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def main() -> None:
    """Read the flags, train, save, and measure when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="OUTDIR")
    parser.add_argument("--steps", type=int, default=3500, help="how long to train (default: %(default)s)")
    parser.add_argument("--seconds", type=float, help="train for this long instead of a number of steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--evaluate", action="store_true", help="measure the saved model for its card")
    flags = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.manual_seed(flags.seed)
    torch.set_num_threads(flags.threads)
    rng = random.Random(flags.seed)
    tokenizer = build_tokenizer(rng)
    model = build_model(tokenizer)
    model.set_attn_implementation("eager")  # on a CPU, the fused kernel is slow in its backward pass
    log.info("%d parameters, %d tokens", model.num_parameters(), len(tokenizer))
    training = train(model, batches(rng, tokenizer), flags.steps, flags.seconds)
    save(model, tokenizer, flags.folder)
    scores = measure(flags.folder) if flags.evaluate else None
    write_card(flags.folder, model.num_parameters(), len(tokenizer), flags.seed, training, scores)
    log.info("trained %d steps in %.0f s; %s", training.steps, training.seconds, scores or "not measured")


if __name__ == "__main__":
    main()
