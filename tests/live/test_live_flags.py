"""The flags of `doctor --live`: what is refused before anything is asked, and what is asked before anything is made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.person import Person

REFUSED = {
    ("--live", "app.py"): "flags_exclusive",
    ("--live", "--offline"): "flags_exclusive",
    ("--keep",): "flag_needs_live",
    ("--gated-model", "org/name"): "flag_needs_live",
    ("--live", "--gpu", "T5"): "gpu_unknown",
    ("--live", "--max-cost", "nan"): "number_invalid",
}


@pytest.fixture(scope="module")
def somebody() -> Iterator[Person]:
    person = Person()
    yield person
    person.leave()


@pytest.mark.parametrize("flags", REFUSED)
def test_flags_that_do_not_go_together(somebody: Person, flags: tuple[str, ...]) -> None:
    done = somebody.wizard("doctor", "--json", *flags)
    assert (done.code, done.last["code"]) == (2, REFUSED[flags]), done
