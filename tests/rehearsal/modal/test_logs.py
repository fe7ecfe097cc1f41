"""Logs: fetched, tailed, streamed, filtered and counted; and the journal that holds them."""

from __future__ import annotations

import time

from tests.rehearsal.modal.modal_rehearsal import Rehearsal
from wizard.rehearsal.modal.state.journal import STDERR, STDOUT, Filters, Journal, batches


def test_logs_of_a_call_end_with_it(shared: Rehearsal) -> None:
    lines = shared.script(
        """
call = modal.Function.from_name("basics", "nap").spawn(0.5)
began = time.time()
messages = [entry.message for entry in call.logs.stream()]
result = [messages, time.time() - began]
"""
    )
    assert lines[0] == ["napping\n"]
    assert lines[1] < 10


def test_tail_fetch_filters_and_search(shared: Rehearsal) -> None:
    result = shared.script(
        """
from datetime import datetime, timedelta, timezone
since = datetime.now(timezone.utc) - timedelta(seconds=1)
f = modal.Function.from_name("basics", "fail")
for text in ("one", "two"):
    try:
        f.remote(text)
    except ValueError:
        pass
modal.Function.from_name("basics", "add").remote(5, 5)
time.sleep(0.3)
app = modal.App.lookup("basics")
result = {
    "tail": [entry.message for entry in f.logs.tail(2, source="stderr")],
    "source": {entry.source for entry in f.logs.tail(100, source="stderr")} == {"stderr"},
    "search": [e.message for e in app.logs.fetch(since=since, search_text="adding 5 and 5")],
    "function": any("adding" in entry.message for entry in f.logs.tail(1000)),
    "context": [i[:2] for e in app.logs.fetch(since=since, search_text="adding 5 and 5") for i in e.context_ids],
}
"""
    )
    assert "ValueError: two" in "".join(result["tail"])
    assert result["source"]
    assert result["search"] == ["adding 5 and 5\n"]
    assert not result["function"]
    assert result["context"] == ["fu", "fc", "in", "ta"]


def test_logs_follow_until_the_app_stops(fresh: Rehearsal) -> None:
    fresh.modal("secret", "create", "greeting", "GREETING=hello")
    fresh.deploy("basics.py")
    process = fresh.start_modal("app", "logs", "basics", "-f")
    fresh.script('result = modal.Function.from_name("basics", "add").remote(8, 9)')
    time.sleep(0.3)
    assert "adding 8 and 9" in fresh.modal("app", "logs", "basics")
    assert "adding 8 and 9" in fresh.modal("app", "logs", "basics", "--since", "1h", "--source", "stdout")
    fresh.modal("app", "stop", "basics", "--yes")
    out, _ = process.communicate(timeout=20)
    assert "adding 8 and 9" in out


def test_a_line_in_pieces_arrives_in_time(fresh: Rehearsal) -> None:
    (fresh.folder / "bar.py").write_text(
        """
import sys, time, modal
app = modal.App("bar")

@app.function()
def bar():
    for part in ("10%", "50%"):
        sys.stderr.write("\\r" + part)
        sys.stderr.flush()
        time.sleep(0.4)
    print("x" * 200_000)
    print("caf\\u00e9")
"""
    )
    fresh.modal("deploy", "bar.py")
    fresh.script('result = modal.Function.from_name("bar", "bar").remote()')
    messages = fresh.script('result = [e.message for e in modal.App.lookup("bar").logs.tail(1000)]')
    assert "\r10%" in messages
    assert "\r50%" in messages
    assert sum(message.count("x") for message in messages if message.strip("x\n") == "") == 200_000
    assert "café\n" in messages


def test_a_journal_is_bounded_and_keeps_its_numbers() -> None:
    journal = Journal(limit=100)
    for number in range(1000):
        journal.write(STDOUT if number % 2 else STDERR, f"{number}", call="fc-1" if number % 10 == 0 else "")
    assert 100 <= len(journal) <= 110
    assert journal.last_number == 1000
    entries, position = journal.after(998, Filters())
    assert [entry.text for entry in entries] == ["998", "999"]
    assert position == 1000
    entries, position = journal.after(0, Filters(call="fc-1"))
    assert entries[-1].text == "990"
    assert position == 1000
    newest = list(journal.between(0, 1 << 63, Filters(source=STDERR)))
    assert [entry.text for entry in newest[:2]] == ["998", "996"]
    assert [batch.entry_id for batch in batches(entries)] == ["991-0"]


def test_a_journal_reads_on_in_slices() -> None:
    journal = Journal(limit=1000)
    for number in range(50):
        journal.write(STDOUT, f"{number}")
    entries, position = journal.after(0, Filters(), most=20)
    assert (len(entries), position) == (20, 20)
    entries, position = journal.after(45, Filters(), most=20)
    assert (len(entries), position) == (5, 50)
