"""Which Hub is asked for what, in words and as the public object of a plan."""

from __future__ import annotations

from wizard.core.plan.cost import proof_dollars
from wizard.core.plan.hub_route import HubRoute

PUBLIC, MIRROR = "https://huggingface.co", "https://hf-mirror.com"


def test_one_hub_for_everything_is_one_short_sentence() -> None:
    route = HubRoute(PUBLIC, (PUBLIC,), PUBLIC, "here")
    assert route.sentences == (f"Checked at and downloaded from {PUBLIC}, with your access token.",)
    assert "without an access token" in HubRoute(PUBLIC, (), PUBLIC, "not needed").sentences[0]


def test_a_mirror_that_is_not_trusted_and_the_public_hub_beside_it() -> None:
    route = HubRoute(MIRROR, (PUBLIC,), PUBLIC, "here")
    assert route.sentences[:2] == (
        f"Checked at {MIRROR}, without an access token.",
        f"Access was checked at {PUBLIC}.",
    )


def test_a_proof_at_modal_is_said_with_its_cost() -> None:
    route = HubRoute(MIRROR, (), PUBLIC, "download", proof_dollars())
    assert "reads one byte first, on a CPU (about $0.0" in route.sentences[-1]
    assert route.sentences[-1].endswith("before any GPU starts.")
    assert route.to_mapping() == {
        "checked_at": MIRROR,
        "token_sent_to": [],
        "downloaded_from": PUBLIC,
        "proof": "download",
        "proof_dollars": proof_dollars(),
    }


def test_the_proof_is_a_small_part_of_what_a_download_costs() -> None:
    assert 0 < proof_dollars() < 0.002
    assert proof_dollars({"cpu_hour_cost": 3.6, "mem_gib_hour_cost": 0.0}) == 0.012
