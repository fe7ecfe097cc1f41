"""What lint costs with a vocabulary as large as those of today's models: seconds, and memory of all its processes."""

from __future__ import annotations

import asyncio
import json
import os
import string
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

from wizard.core.output.output_type import OutputType
from wizard.flow.ports.lint import LintRequest, TokenizerFile
from wizard.services.lint.linter import lint

TOKENS = 131_072
TWENTY: dict[str, Any] = {
    "type": "object",
    "properties": {
        f"field_{number}": [
            {"type": "string", "maxLength": 40},
            {"type": "integer", "minimum": 0, "maximum": 1000},
            {"enum": ["red", "green", "blue", "none"]},
            {"type": "array", "items": {"type": "string", "maxLength": 20}, "maxItems": 5},
            {"type": "string", "format": "date-time"},
        ][number % 5]
        for number in range(20)
    },
    "required": [f"field_{number}" for number in range(20)],
}
LIST = {"type": "array", "items": {"type": "string", "maxLength": 9}, "maxItems": 5, "uniqueItems": True}
REFUSED = TWENTY | {"properties": {**TWENTY["properties"], "field_3": LIST}}
HOSTILE = {"type": "object", "properties": {"s": {"type": "string", "maxLength": 200_000}}, "required": ["s"]}


def large_tokenizer(path: Path) -> None:
    """A byte-level BPE of `TOKENS` tokens: every byte, then pairs, triples and quadruples of letters."""
    from tokenizers.pre_tokenizers import ByteLevel

    letters = string.ascii_lowercase + "Ġ"
    pairs = ["".join(each) for each in product(letters, repeat=2)]
    merges = [(pair[0], pair[1]) for pair in pairs]
    merges += [(pair, letter) for pair in pairs for letter in letters]
    merges += [(one, other) for one in pairs for other in pairs]
    vocab: dict[str, int] = {"<|end|>": 0}
    for letter in sorted(ByteLevel.alphabet()):
        vocab[letter] = len(vocab)
    kept: list[tuple[str, str]] = []
    for one, other in merges:
        if len(vocab) == TOKENS:
            break
        if one + other not in vocab:
            vocab[one + other] = len(vocab)
            kept.append((one, other))
    end = {"id": 0, "content": "<|end|>", "special": True}
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    tokenizer: dict[str, Any] = {
        "version": "1.0",
        "added_tokens": [end | flags],
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "vocab": vocab, "merges": [list(each) for each in kept]},
    }
    path.write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")


class Memory:
    """The most that this process and its children have held together, in MiB, while the context is open."""

    def __enter__(self) -> Memory:
        self.most, self.open = 0.0, True
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.open = False
        self.thread.join()

    def _look(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while self.open:
            held = 0
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    parent = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[1]
                    if str(os.getpid()) in (pid, parent):
                        held += int(Path("/proc", pid, "statm").read_text().split()[1]) * page
                except (OSError, IndexError):
                    continue
            self.most = max(self.most, held / (1 << 20))
            time.sleep(0.02)


def _processor() -> float:
    """Seconds of the processor, of this process and its children: a busy machine hardly changes them."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def bench_lint(row: Callable[..., None]) -> None:
    """Twenty fields, and a schema that wants more than there is, each with every backend."""
    with tempfile.TemporaryDirectory(prefix="bench-lint-") as folder:
        path = Path(folder, "tokenizer.json")
        large_tokenizer(path)
        tokenizer = TokenizerFile(path, 0, source=f"a tokenizer of {TOKENS} tokens")
        for name, schema in (
            ("20 fields", TWENTY),
            ("20 that nothing enforces", REFUSED),
            ("a hostile schema", HOSTILE),
        ):
            request = LintRequest(OutputType("schema", json.dumps(schema)), tokenizer=tokenizer)
            started, used = time.perf_counter(), _processor()
            with Memory() as memory:
                report = asyncio.run(lint(request))
            row(f"lint of {name}, 131,072 tokens, every backend", time.perf_counter() - started, "s", "<= 10")
            row("  of the processor, all processes", _processor() - used, "s")
            row("  most memory, all processes", memory.most, "MiB", "<= 1024")
            for each in report.backends:
                cut = any(f.kind == "cut_off" for f in report.findings if f.backend == each.name)
                words = "enforces all" if each.enforced else "cut off" if cut else "does not hold"
                measured = "; compiled after" if each.seconds else "; not compiled with all these tokens"
                row(f"  {each.name}: {words}{measured}", each.seconds or 0.0, "s")


if __name__ == "__main__":
    from tests.bench.run import row as table_row

    bench_lint(table_row)
