"""Safetensors files without any numbers library: written as headers over nothing, and split into shards.

The format: eight bytes of little-endian header length, a JSON header that gives each tensor's dtype, shape and
place, then the bytes. Source: the format's own description at https://github.com/huggingface/safetensors.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

from wizard.rehearsal.hub.content.segments import Segment, Span, Zeros, length_of, read

SINGLE_FILE = "model.safetensors"
INDEX_FILE = "model.safetensors.index.json"
WIDTHS = {
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2,
    "F8_E4M3": 1, "F8_E5M2": 1, "I8": 1, "U8": 1, "BOOL": 1,
}  # fmt: skip
Listing = dict[str, tuple[Segment, ...]]


def header_bytes(tensors: Mapping[str, Any], size: int = 0) -> bytes:
    """The head of a file: length and JSON, padded with spaces to a multiple of eight, or to `size` bytes."""
    text = json.dumps({"__metadata__": {"format": "pt"}, **tensors}, separators=(",", ":")).encode()
    wanted = size - 8 if size else -(-len(text) // 8) * 8
    text = text.ljust(wanted)
    return struct.pack("<Q", len(text)) + text


def read_header(path: Path) -> tuple[int, dict[str, Any]]:
    """Where the tensors' bytes begin, and the header of a file. Raises ValueError if it is not such a file."""
    with path.open("rb") as file:
        prefix = file.read(8)
        length = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else -1
        if not 0 < length <= path.stat().st_size - 8:
            raise ValueError(f"{path.name} is not a safetensors file.")
        header: dict[str, Any] = json.loads(file.read(length))
    return 8 + length, header


@lru_cache(maxsize=512)
def count_parameters(segments: tuple[Segment, ...]) -> Mapping[str, int]:
    """Weights by dtype in one file, as the Hub's own metadata counts them; nothing if it is no such file."""
    size = sum(length_of(segment) for segment in segments)
    length = int.from_bytes(b"".join(read(segments, 0, min(8, size))), "little")
    if not 0 < length <= size - 8:
        return {}
    try:
        header = json.loads(b"".join(read(segments, 8, 8 + length)))
        tensors = [tensor for name, tensor in header.items() if name != "__metadata__"]
        counts: dict[str, int] = {}
        for tensor in tensors:
            counts[tensor["dtype"]] = counts.get(tensor["dtype"], 0) + prod(tensor["shape"])
    except (ValueError, TypeError, AttributeError, KeyError):
        return {}
    return counts


def shard_name(number: int, count: int) -> str:
    """The usual name of one piece; `number` counts from one."""
    return f"model-{number:05d}-of-{count:05d}.safetensors" if count > 1 else SINGLE_FILE


def split(path: Path, count: int) -> Listing:
    """`path` as `count` shards of about the same size and an index, without copying a byte of it.

    Raises ValueError if it is not a safetensors file, or has fewer tensors than shards.
    """
    start, header = read_header(path)
    tensors = {name: tensor for name, tensor in header.items() if name != "__metadata__"}
    ordered = sorted(tensors, key=lambda name: tensors[name]["data_offsets"][0])
    if len(ordered) < count:
        raise ValueError(f"{path.name} has fewer than {count} tensors.")
    total = sum(_extent(tensors[name]) for name in ordered)
    groups: list[list[str]] = [[] for _ in range(count)]
    done = 0
    for position, name in enumerate(ordered):
        shard = min(count - 1, done * count // max(total, 1))
        groups[max(shard, count - (len(ordered) - position))].append(name)
        done += _extent(tensors[name])
    files: Listing = {}
    for number, names in enumerate(groups, start=1):
        placed, spans, offset = {}, [], 0
        for name in names:
            begin, end = tensors[name]["data_offsets"]
            placed[name] = {**tensors[name], "data_offsets": [offset, offset + end - begin]}
            spans.append(Span(path, start + begin, end - begin))
            offset += end - begin
        files[shard_name(number, count)] = (header_bytes(placed), *spans)
    weight_map = {name: shard_name(n, count) for n, names in enumerate(groups, start=1) for name in names}
    return {**files, INDEX_FILE: (_index(total, weight_map),)}


def make_up(parameters: Mapping[str, int], count: int) -> Listing:
    """Weights that hold nothing: `parameters` by dtype, spread over `count` files of the right size."""
    files: Listing = {}
    weight_map: dict[str, str] = {}
    total = 0
    for number in range(1, count + 1):
        placed, offset = {}, 0
        for dtype, weights in parameters.items():
            share = weights // count + (weights % count if number == 1 else 0)
            length = share * WIDTHS[dtype]
            name = f"model.layers.{number - 1}.{dtype.lower()}.weight"
            placed[name] = {"dtype": dtype, "shape": [share], "data_offsets": [offset, offset + length]}
            weight_map[name] = shard_name(number, count)
            offset += length
        total += offset
        files[shard_name(number, count)] = (header_bytes(placed), Zeros(offset))
    return files if count == 1 else {**files, INDEX_FILE: (_index(total, weight_map),)}


def make_up_file(size: int) -> tuple[Segment, ...]:
    """One valid file of exactly `size` bytes (at least 256) with one tensor that holds nothing."""
    length = size - 256
    tensor = {"weight": {"dtype": "U8", "shape": [length], "data_offsets": [0, length]}}
    return (header_bytes(tensor, 256), Zeros(length))


def _extent(tensor: Mapping[str, Any]) -> int:
    begin, end = tensor["data_offsets"]
    return int(end) - int(begin)


def _index(total: int, weight_map: Mapping[str, str]) -> bytes:
    return json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}, indent=2).encode()
