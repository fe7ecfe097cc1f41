"""Files made up from a repository's declaration: small texts that say what they should, weights that hold nothing."""

from __future__ import annotations

import json
from typing import Any

from wizard.rehearsal.fixtures import Repository
from wizard.rehearsal.hub.content import weights
from wizard.rehearsal.hub.content.segments import Segment, Zeros

GIT_ATTRIBUTES = "".join(
    f"*.{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in ("bin", "gguf", "onnx", "pt", "safetensors")
)
CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
CHAT_WORDS = ("instruct", "chat", "-it", "hermes", "zephyr", "gpt-oss", "aya", "command", "qwen3", "phi-4")


def file_of(name: str, given: int | str) -> tuple[Segment, ...]:
    """A declared file: its text, or that many bytes, valid as far as a reader of its first bytes can tell."""
    if isinstance(given, str):
        return (given.encode(),)
    if name.endswith(".safetensors"):
        return weights.make_up_file(given)
    magic = b"GGUF\x03\x00\x00\x00" if name.endswith(".gguf") else b""
    return (magic, Zeros(given - len(magic)))


def files_of(repository: Repository) -> dict[str, tuple[Segment, ...]]:
    """What a repository has without its folder: ``.gitattributes``, a card, and a whole model if it has a shape."""
    texts: dict[str, str] = {".gitattributes": GIT_ATTRIBUTES, "README.md": readme(repository)}
    files: dict[str, tuple[Segment, ...]] = {}
    if repository.shape and repository.folder is None:
        texts["config.json"] = _json(model_config(repository))
        texts["generation_config.json"] = _json({"bos_token_id": 1, "eos_token_id": 2})
        texts["tokenizer_config.json"] = _json(tokenizer_config(repository))
        texts["special_tokens_map.json"] = _json({"bos_token": "<s>", "eos_token": "</s>"})
        texts["tokenizer.json"] = _json(_tokenizer())
        files = dict(weights.make_up(repository.parameters, repository.shards))
    return {**files, **{name: (text.encode(),) for name, text in texts.items()}}


def readme(repository: Repository) -> str:
    """A model card: the card data as front matter (JSON is YAML), then a heading and a sentence."""
    front = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in repository.card.items())
    name = repository.id.partition("/")[2]
    return f"---\n{front}---\n\n# {name}\n\nThis card was made up for a demo; {repository.id} says more on the Hub.\n"


def model_config(repository: Repository) -> dict[str, Any]:
    """``config.json`` of a made-up model, from its shape."""
    layers, hidden, heads, key_value_heads, context, vocabulary = repository.shape
    names = {"BF16": "bfloat16", "F16": "float16", "F32": "float32"}
    dtype = next(iter(repository.parameters), "BF16")
    return {
        **repository.config,
        "vocab_size": vocabulary,
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": key_value_heads,
        "max_position_embeddings": context,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "torch_dtype": names.get(dtype, "bfloat16"),
    }


def tokenizer_config(repository: Repository) -> dict[str, Any]:
    """``tokenizer_config.json`` of a made-up model; those made for conversation have a chat template."""
    config: dict[str, Any] = {"bos_token": "<s>", "eos_token": "</s>", "tokenizer_class": "PreTrainedTokenizerFast"}
    if any(word in repository.id.lower() for word in CHAT_WORDS):
        config["chat_template"] = CHAT_TEMPLATE
    return config


def _tokenizer() -> dict[str, Any]:
    vocabulary = {word: number for number, word in enumerate(["<unk>", "<s>", "</s>", *map(chr, range(32, 127))])}
    return {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "Split", "pattern": {"Regex": ""}, "behavior": "Isolated", "invert": False},
        "post_processor": None,
        "decoder": {"type": "Fuse"},
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"},
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
