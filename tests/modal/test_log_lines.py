"""How raw output becomes log lines: line ends of every kind, progress bars, and what is cut anywhere."""

from __future__ import annotations

import asyncio
import random

from wizard.core.events import read_line
from wizard.services.modal.deploy import _pieces

RAW = "one\r\ntwo\n\n\r  0%|   | 0/2\r 50%|#  | 1/2\r100%|###| 2/2\nlast\r"


def test_a_line_says_whether_it_is_drawn_over() -> None:
    def read(raw: str) -> tuple[str, bool] | None:
        line = read_line("stderr", raw, 1.0)
        return (line.text, line.moving) if line else None

    assert read("plain") == ("plain", False)
    assert read("from Windows\r") == ("from Windows", False)
    assert read("\r 50%") == (" 50%", True)
    assert read("a\rb\rc\r") == ("c", True)
    assert read("") is None and read(" \r ") is None


async def _read(chunks: list[bytes]) -> list[tuple[str, bool]]:
    stream = asyncio.StreamReader()
    for chunk in chunks:
        stream.feed_data(chunk)
    stream.feed_eof()
    pieces = [piece async for piece in _pieces(stream)]
    lines = [read_line("build", piece, 0.0) for piece in pieces]
    return [(line.text.strip(), line.moving) for line in lines if line is not None]


async def test_a_stream_is_cut_at_line_feeds_and_before_carriage_returns() -> None:
    wanted = [("one", False), ("two", False)]
    wanted += [("0%|   | 0/2", True), ("50%|#  | 1/2", True), ("100%|###| 2/2", True), ("last", False)]
    assert await _read([RAW.encode()]) == wanted


async def test_where_the_stream_is_cut_into_chunks_does_not_matter() -> None:
    dice = random.Random(7)
    data = ("漢字 " + RAW).encode()
    whole = [text for text, _ in await _read([data])]
    for _ in range(50):
        cuts = sorted(dice.sample(range(1, len(data)), 5))
        chunks = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        assert [text for text, _ in await _read(chunks)] == whole


async def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    lines = await _read([b"x" * 3_000_000, b"\nend\n"])
    assert lines[-1] == ("end", False) and sum(len(text) for text, _ in lines[:-1]) == 3_000_000
