"""A file of prompts through a deployed function: in order, each once, whatever stops it on the way.

`WIZARD_BATCH` says how many prompts; `make nightly` sends ten thousand.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.person import Person, Run, Running, Serving, need_local, wait_until

pytestmark = pytest.mark.slow

LINES = int(os.environ.get("WIZARD_BATCH", "300"))
APP = "batched"


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    """A rehearsal with a function that answers in a few tokens."""
    need_local()
    somebody = Person()
    serving = somebody.serve()
    somebody.deploy("--app", APP, "--choices", "yes,no,maybe")
    yield serving
    somebody.leave()


def prompts(serving: Serving, name: str, number: int) -> Path:
    """An input with so many prompts."""
    path = serving.person.project / name
    path.write_text("".join(json.dumps({"prompt": f"Is {n} even?", "id": n}) + "\n" for n in range(number)))
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    """The output."""
    return [json.loads(line) for line in path.read_bytes().decode().splitlines()]


def command(source: Path, out: Path, *more: str) -> tuple[str, ...]:
    """The batch command."""
    return ("batch", APP, str(source), "-o", str(out), "--rehearse", "--json", *more)


def check(serving: Serving, out: Path, number: int) -> None:
    """Every line is there once, in order, with a valid answer."""
    found = rows(out)
    assert [row["line"] for row in found] == list(range(1, number + 1))
    assert [row["id"] for row in found] == list(range(number))
    assert all(row["valid"] and row["error"] is None and row["value"] in ("yes", "no", "maybe") for row in found)


@pytest.mark.long
def test_killed_at_random_three_times_and_resumed_no_line_is_lost_or_done_twice(serving: Serving) -> None:
    dice = random.Random(LINES)
    source, out = prompts(serving, "many.jsonl", LINES), serving.person.project / "many.out"
    sizes = [0]
    for share in sorted(dice.uniform(0.05, 0.8) for _ in range(3)):
        running = serving.person.start_wizard(*command(source, out, *(["--resume"] if sizes[1:] else [])))
        wait_until(
            lambda running=running, share=share: lines_in(out) > share * LINES or running.process.poll() is not None,
            LINES,
        )
        running.kill()
        sizes.append(lines_in(out))
        with out.open("ab") as file:  # what a kill in the middle of a write leaves
            file.write(b'{"line": 9999, "inp')
    last = serving.person.wizard(*command(source, out, "--resume"), seconds=LINES)
    assert last.code == 0, last
    assert sizes == sorted(sizes) and sizes[1] > 0 and sizes[-1] < LINES, sizes
    check(serving, out, LINES)
    written = last.one("BatchWritten")
    assert (written["before"], written["lines"]) == (sizes[-1], LINES - sizes[-1])
    again = serving.person.wizard(*command(source, out, "--resume"))
    assert (again.code, again.one("BatchWritten")["lines"]) == (0, 0)
    check(serving, out, LINES)


def lines_in(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_is_done_and_ends_what_is_under_way(number: signal.Signals, serving: Serving) -> None:
    source, out = prompts(serving, "long.jsonl", 5000), serving.person.project / f"long-{number}.out"
    cancelled = serving.rpcs().get("FunctionCallCancel", 0)
    running = serving.person.start_wizard(*command(source, out))
    running.wait_for_event("Progress")
    running.process.send_signal(number)
    done = running.end(15)
    assert (done.code, done.last["code"]) == (130, "interrupted"), done
    assert "--resume" in done.last["hint"]
    kept = lines_in(out)
    assert 0 < kept < 5000
    assert f"{kept} of 5000" in done.last["message"]
    assert serving.rpcs()["FunctionCallCancel"] == cancelled + 1
    assert [row["line"] for row in rows(out)] == list(range(1, kept + 1))


@pytest.mark.long
def test_bad_lines_are_named_and_stop_nothing(serving: Serving) -> None:
    """Windows line ends, a BOM, a line that is no UTF-8, and several that are no prompts."""
    source, out = serving.person.project / "mixed.jsonl", serving.person.project / "mixed.out"
    lines = [
        b'\xef\xbb\xbf"the first"',
        b"",
        b'{"prompt": "two", "id": {"any": "thing"}, "max_tokens": 50}',
        b"no JSON",
        b'"caf\xe9"',
        b'{"prompt": " "}',
        b'{"prompt": "x", "colour": "red"}',
        b"[" * 100_000,
        b'"' + b"long " * 2_000_000 + b'"',
        b'{"prompt": "x", "max_tokens": 0}',
        '"Grüße, \\u4f60\\u597d 🎉"'.encode(),
    ]
    source.write_bytes(b"\r\n".join(lines))
    done = serving.person.wizard(*command(source, out))
    assert (done.code, done.last["code"]) == (7, "lines_not_valid"), done
    found = rows(out)
    assert [row["line"] for row in found] == [1, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert [row["line"] for row in found if row["valid"]] == [1, 3, 11]
    assert found[1]["id"] == {"any": "thing"}
    for row in found:
        assert row["valid"] or f"line {row['line']}" in row["error"]
    assert out.read_bytes().count(b"\r") == 0
    words = serving.person.wizard("batch", APP, str(source), "-o", str(out) + "2", "--rehearse")
    assert words.code == 7
    assert "line 4 is not JSON" in words.stderr and "10 lines" in words.stderr and words.stdout == ""
    assert "line 4: line 4" not in words.stderr
    assert "7 of 10 lines have no valid answer: lines 4, 5, 6, 7, 8 and 2 more." in words.stderr
    assert "3 valid, 7 without a valid answer." in words.stderr


@pytest.mark.long
def test_a_bad_file_at_either_end_is_refused_before_anything_is_asked(serving: Serving) -> None:
    source, out = prompts(serving, "few.jsonl", 3), serving.person.project / "few.out"
    other, utf16 = (serving.person.project / name for name in ("other.jsonl", "utf16.jsonl"))
    notes = serving.person.project / "notes.txt"
    notes.write_text("one line, and no end")
    other.write_text('"something else"\n' * 5)
    utf16.write_bytes('"hello"\n'.encode("utf-16"))
    calls = serving.rpcs().get("FunctionMap", 0)
    assert serving.person.wizard(*command(source, out)).code == 0
    refused = {
        "file_unreadable": command(source.with_name("missing"), out),
        "file_not_text": command(utf16, out.with_name("new.out")),
        "output_exists": command(source, out),
        "output_is_input": command(source, source, "--resume"),
        "output_not_written": command(source, source.with_name("no folder") / "out"),
        "output_of_another": command(other, out, "--resume"),
        "output_foreign": command(source, prompts(serving, "prompts.jsonl", 2), "--resume"),
        "output_foreign ": command(source, notes, "--resume"),
        "app_missing": ("batch", "nobody", str(source), "-o", str(out) + "3", "--rehearse", "--json"),
    }
    for code, arguments in refused.items():
        done = serving.person.wizard(*arguments)
        assert (done.last["event"], done.last["code"]) == ("Failed", code.strip()), done
        assert done.code in (1, 2), done
    assert serving.rpcs()["FunctionMap"] == calls + 1
    check(serving, out, 3)
    assert not Path(str(out) + "3").exists()
    assert notes.read_text() == "one line, and no end"


@pytest.mark.long
def test_a_disk_that_fills_up_leaves_whole_rows_and_the_batch_goes_on_later(serving: Serving) -> None:
    source, out = prompts(serving, "full.jsonl", 200), serving.person.project / "full.out"
    arguments = " ".join(f"'{word}'" for word in command(source, out))
    done = serving.person.run("/bin/bash", "-c", f"ulimit -f 10; exec python -m wizard {arguments}")
    assert (done.code, done.last["code"]) == (2, "output_not_written"), done
    assert "--resume" in done.last["hint"]
    kept = rows(out)
    assert 0 < len(kept) < 200 and out.stat().st_size <= 10 * 1024
    rest = serving.person.wizard(*command(source, out, "--resume"))
    assert rest.code == 0, rest
    check(serving, out, 200)
    device = serving.person.wizard(*command(source, Path("/dev/full")))
    assert (device.code, device.last["code"]) == (2, "output_not_written"), device


@pytest.mark.long
def test_rows_are_kept_when_whoever_reads_the_events_has_gone(serving: Serving) -> None:
    source, out = serving.person.project / "unread.jsonl", serving.person.project / "unread.out"
    source.write_text("[]\n" * 20)  # lines that cannot be used have their rows at once
    arguments = " ".join(f"'{word}'" for word in command(source, out))
    serving.person.run("/bin/bash", "-c", f"'{sys.executable}' -m wizard {arguments} | true")
    assert [row["line"] for row in rows(out)] == list(range(1, 21))


@pytest.mark.long
def test_two_batches_do_not_write_into_one_file(serving: Serving) -> None:
    source, out = prompts(serving, "twice.jsonl", 3000), serving.person.project / "twice.out"
    running = serving.person.start_wizard(*command(source, out))
    running.wait_for_event("Progress")
    second = serving.person.wizard(*command(source, out, "--resume"))
    assert (second.code, second.last["code"]) == (2, "output_busy"), second
    running.interrupt(group=True)
    assert running.end(15).code == 130


@pytest.mark.long
def test_memory_stays_flat_while_the_file_grows(serving: Serving) -> None:
    """What the program holds after many lines is what it held after the first few hundred."""
    number = max(LINES, 900)
    source, out = prompts(serving, "flat.jsonl", number), serving.person.project / "flat.out"
    running = serving.person.start_wizard(*command(source, out))
    peaks: dict[str, int] = {}
    watcher = threading.Thread(target=_watch, args=(running, out, number, peaks), daemon=True)
    watcher.start()
    done: Run = running.end(number)
    watcher.join(5)
    assert done.code == 0, done
    assert peaks["late"] - peaks["early"] < 12_000, peaks  # kB


def _watch(running: Running, out: Path, number: int, peaks: dict[str, int]) -> None:
    while running.process.poll() is None:
        try:
            status = Path(f"/proc/{running.process.pid}/status").read_text()
        except OSError:
            return
        resident = int(status.partition("VmRSS:")[2].split()[0]) if "VmRSS:" in status else 0
        share = lines_in(out) / number
        if 0.15 < share < 0.35:
            peaks["early"] = max(peaks.get("early", 0), resident)
        elif share > 0.6:
            peaks["late"] = max(peaks.get("late", 0), resident)
        time.sleep(0.05)


@pytest.mark.nightly  # a minute of waiting
def test_a_batch_whose_prompts_modal_does_not_take_ends_and_goes_on_later(serving: Serving) -> None:
    source, out = prompts(serving, "refused.jsonl", 20), serving.person.project / "refused.out"
    serving.modal("app", "rollover", APP, "--strategy", "recreate")
    serving.arm("modal:FunctionPutInputs", "status", status="UNAVAILABLE")
    done = serving.person.wizard(*command(source, out))
    serving.behave()
    assert (done.code, done.last["code"], done.last["retryable"]) == (6, "modal_busy", True), done
    assert "taken none of the prompts" in done.last["message"] and "--resume" in json.dumps(done.last["next"])
    assert serving.person.wizard(*command(source, out, "--resume")).code == 0
    check(serving, out, 20)


@pytest.mark.long
def test_a_function_whose_containers_die_ends_the_batch_with_the_reason(serving: Serving) -> None:
    """Modal starts them for ever: without a look at the log, the batch would wait for ever too."""
    source, out = prompts(serving, "dying.jsonl", 20), serving.person.project / "dying.out"
    serving.arm("container-start:Generator*", "crash", status=1, message="torch.OutOfMemoryError: CUDA out of memory.")
    serving.modal("app", "rollover", APP, "--strategy", "recreate")
    done = serving.person.wizard(*command(source, out), seconds=60)
    serving.behave()
    assert (done.code, done.last["code"]) == (1, "out_of_gpu_memory"), done
    assert "--resume" in done.last["hint"]
    assert not out.exists()
    assert serving.person.wizard(*command(source, out, "--resume")).code == 0
    check(serving, out, 20)
