"""How many answers a verdict waits for, one after the other: counted by making each answer take a while."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.support.terminal import LAB
from wizard.flow.access.check import check_access
from wizard.rehearsal.faults import Fault
from wizard.rehearsal.hub.server import StandInHub
from wizard.services.hub.client import Hub

DELAY = 0.15
AT_MOST = {  # repository -> rounds for access token `read`; the Hub keeps large files at another origin, as -cdn does
    LAB: 4,
    f"{LAB}-open": 4,
    f"{LAB}-cdn": 4,
    "robin/private-character": 4,
    f"{LAB}-manual": 4,
    f"{LAB}-pending": 3,
}


async def seconds_of(hub: Hub, repo_id: str, held: object) -> float:
    began = time.monotonic()
    await check_access(hub, repo_id, None, held("read"))  # type: ignore[operator]
    return time.monotonic() - began


@pytest.mark.parametrize("repo_id", AT_MOST)
async def test_a_verdict_waits_for_four_answers_at_most(
    repo_id: str, stand_in: StandInHub, hub: Hub, held: object
) -> None:
    await seconds_of(hub, repo_id, held)  # connections, imports and the stand-in's own first reads
    free = await seconds_of(hub, repo_id, held)
    stand_in.faults.arm(Fault("hub:*", "delay", seconds=DELAY))
    slow = min([await seconds_of(hub, repo_id, held) for _ in range(2)])
    rounds = (slow - free) / DELAY
    assert rounds < AT_MOST[repo_id] + 0.8, f"{rounds:.1f} rounds"
    assert rounds > 1, "the delay was felt"


async def test_questions_that_do_not_depend_on_each_other_are_asked_together(
    stand_in: StandInHub, hub: Hub, held: object
) -> None:
    """By the order in which requests arrive: the second pair comes before the first pair would be answered singly."""
    arrivals: list[tuple[float, str]] = []
    take = stand_in.faults.take

    def note(where: str) -> Fault | None:
        arrivals.append((time.monotonic(), where))
        return take(where)

    stand_in.faults.take = note  # type: ignore[method-assign]
    stand_in.faults.arm(Fault("hub:*", "delay", seconds=DELAY))
    report, _ = await asyncio.gather(
        check_access(hub, LAB, None, held("read")),  # type: ignore[operator]
        asyncio.sleep(0),
    )
    assert report.verdict == "ready"
    starts = [arrivals[0][0]]
    for moment, _ in arrivals:
        if moment - starts[-1] > DELAY / 2:
            starts.append(moment)
    assert len(starts) <= 4, arrivals
    assert len(arrivals) == 5, "whoami, model, gate, HEAD and one byte: nothing is asked twice"


@pytest.mark.parametrize("broken", [False, True])
async def test_the_shape_is_read_in_the_same_rounds_and_missed_without_harm(
    broken: bool, stand_in: StandInHub, hub: Hub, held: object
) -> None:
    if broken:
        stand_in.faults.arm(Fault("hub:GET */config.json", "status", 404))
    stand_in.faults.arm(Fault("hub:*", "delay", seconds=DELAY))
    began = time.monotonic()
    report = await check_access(hub, LAB, None, held("read"), with_shape=True)  # type: ignore[operator]
    rounds = (time.monotonic() - began) / DELAY
    assert report.verdict == "ready" and report.facts is not None
    assert (report.facts.shape is None) is broken
    assert rounds < AT_MOST[LAB] + 0.9, "one more question, and no more rounds"
