"""A sample of the fault run: of every kind of fault and kill one; `make faults` plays them all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.fault_cases import KILLS, KINDS, Case, FaultRun, Tally, need_local
from tests.faults.run import lines_of, tallies

pytestmark = [pytest.mark.slow, pytest.mark.long]

SAMPLE = [
    Case("modal:SecretGetOrCreate", "one error"),
    Case("modal:AppPublish", "errors for good"),
    Case("hub:GET /api/whoami-v2", "5 s delay"),
    Case("modal:VolumeListFiles2", "disconnect"),
    Case("modal:AppGetOrCreate", "throttle"),
    Case("hub:GET /rehearsal-lab/tiny-character/resolve/*/model.safetensors", "errors for good"),
    Case("hub:HEAD /rehearsal-lab/tiny-character/resolve/*/tokenizer.json", "disconnect", "download"),
    Case("step secret", "TERM"),
    Case("step deploy", "KILL"),
    Case("step function", "terminal closed"),
]


@pytest.fixture(scope="module")
def run() -> Iterator[FaultRun]:
    """One rehearsal for all cases."""
    need_local()
    faults = FaultRun()
    yield faults
    faults.close()


def test_each_kind_of_fault_is_survived(run: FaultRun) -> None:
    results = [(case.kind, str(case), run.play(case)) for case in SAMPLE]
    results += [("left over", "the end", each) for each in run.left_over(patience=0)]
    table = tallies(results)
    assert not [lost for tally in table.values() for lost in tally.lost], "\n".join(lines_of(table))
    assert set(KINDS) | set(KILLS) == {kind for kind, tally in table.items() if tally.tried}


def test_what_is_lost_is_said() -> None:
    table = tallies([("KILL", "KILL at step deploy", "it hangs"), ("KILL", "KILL at step model", "went on")])
    assert (table["KILL"].tried, table["KILL"].went_on) == (2, 1)
    assert "LOST  KILL at step deploy: it hangs" in list(lines_of(table))
    assert table["TERM"] == Tally()
