"""What a file is made of, so that any part of it can be served without ever holding the whole of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHUNK = 256 * 1024  # bytes handed out at a time


@dataclass(frozen=True)
class Span:
    """`length` bytes of a file on disk, from `offset` on."""

    path: Path
    offset: int
    length: int


@dataclass(frozen=True)
class Zeros:
    """`length` bytes of nothing."""

    length: int


Segment = bytes | Span | Zeros


def length_of(segment: Segment) -> int:
    """The length of one segment in bytes."""
    return len(segment) if isinstance(segment, bytes) else segment.length


def read(segments: tuple[Segment, ...], start: int, stop: int) -> Iterator[bytes]:
    """The bytes from `start` up to `stop` of the segments in a row, in chunks. Raises OSError from the disk."""
    position = 0
    for segment in segments:
        length = length_of(segment)
        begin, end = max(start - position, 0), min(stop - position, length)
        position += length
        if begin < end:
            yield from _read_one(segment, begin, end)


def _read_one(segment: Segment, begin: int, end: int) -> Iterator[bytes]:
    if isinstance(segment, Span):
        with segment.path.open("rb") as file:
            file.seek(segment.offset + begin)
            while begin < end and (chunk := file.read(min(CHUNK, end - begin))):
                begin += len(chunk)
                yield chunk
        return
    for offset in range(begin, end, CHUNK):
        until = min(offset + CHUNK, end)
        yield segment[offset:until] if isinstance(segment, bytes) else bytes(until - offset)
