"""The two variables that decide a check, as the field has set them: an address with a space, a token not filled in."""

from __future__ import annotations

import pytest

from tests.support.terminal import LAB, Terminal
from wizard.rehearsal.hub.server import StandInHub


@pytest.mark.parametrize("around", ["{} ", " {}/", '"{}"'])
async def test_an_address_with_something_around_it_is_that_address(
    around: str, stand_in: StandInHub, terminal: Terminal
) -> None:
    value = stand_in.fixtures.token("read").value
    done = await terminal.wizard("check", LAB, "--json", HF_TOKEN=value, HF_ENDPOINT=around.format(stand_in.url))
    assert (done.data["verdict"], done.code) == ("ready", 0)


@pytest.mark.parametrize("value", ["${HF_TOKEN}", "<your token>", "hf_xxx"])
async def test_a_token_that_nobody_filled_in_is_sent_nowhere(
    value: str, stand_in: StandInHub, terminal: Terminal
) -> None:
    done = await terminal.wizard("check", LAB, "--json", HF_TOKEN=value)
    assert (done.data["verdict"], done.code) == ("invalid_token", 4)
    assert "It is a placeholder" in done.data["cause"]
    assert stand_in.seen == []
