"""Variants of the rehearsal's model that have what real models have, and it has not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.support.app_process import MODEL

PADDING = 40  # rows that the output layer has and the tokenizer has no token for


def padded(folder: Path) -> Path:
    """The model with a larger output layer than its tokenizer needs, and a begin-of-text token that both its chat
    template and its tokenizer write."""
    shutil.copytree(MODEL, folder)
    _pad_output_layer(folder)
    _begin_twice(folder)
    return folder


def plain(folder: Path) -> Path:
    """The model without a chat template."""
    shutil.copytree(MODEL, folder)
    (folder / "chat_template.jinja").unlink()
    return folder


def _pad_output_layer(folder: Path) -> None:
    """Give the tied embedding more rows. The file is: eight bytes of length, a JSON header, the tensors."""
    config = _read(folder / "config.json")
    blob = (folder / "model.safetensors").read_bytes()
    length = int.from_bytes(blob[:8], "little")
    header, data = json.loads(blob[8 : 8 + length]), blob[8 + length :]
    metadata = header.pop("__metadata__", {})
    body = b""
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        start, end = entry["data_offsets"]
        tensor = data[start:end]
        if entry["shape"][0] == config["vocab_size"]:
            tensor += b"\0" * (len(tensor) // config["vocab_size"] * PADDING)
            entry["shape"][0] += PADDING
        header[name]["data_offsets"] = [len(body), len(body) + len(tensor)]
        body += tensor
    text = json.dumps({"__metadata__": metadata} | header).encode()
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + body)
    config["vocab_size"] += PADDING
    (folder / "config.json").write_text(json.dumps(config))


def _begin_twice(folder: Path) -> None:
    config = _read(folder / "tokenizer_config.json")
    tokenizer = _read(folder / "tokenizer.json")
    bos = config["bos_token"]
    number = next(token["id"] for token in tokenizer["added_tokens"] if token["content"] == bos)
    tokenizer["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": bos, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {bos: {"id": bos, "ids": [number], "tokens": [bos]}},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    template = folder / "chat_template.jinja"
    written = template.read_text(encoding="utf-8")
    template.write_text("{{ bos_token }}" + written.removeprefix("{{ bos_token }}"), encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data
