"""Two gates, an adapter's and that of its base model: each with its verdict, whatever the two are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wizard.core.models.adapter import AdapterName
from wizard.core.problem import Problem
from wizard.flow.access.check import check_access
from wizard.flow.access.wait import wait_for_gate
from wizard.rehearsal.faults import Fault
from wizard.services.hub.client import Hub

LAB = "rehearsal-lab/tiny-character"
CONFIG = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": LAB, "r": 8}


def serve(stand_in: Any, name: str, gated: str | None = None, **config: Any) -> str:
    """Serve an adapter with this configuration."""
    repo_id = f"acme/{name}"
    files = {"adapter_config.json": json.dumps(CONFIG | config), "adapter_model.safetensors": 4096}
    stand_in.fixtures.change({"repositories": {repo_id: {"files": files, "gated": gated}}})
    return repo_id


@pytest.mark.parametrize(
    ("adapter", "base", "verdict", "gates"),
    [
        (None, None, "not_requested", ["ready", "not_requested"]),
        (None, "pending", "pending_review", ["ready", "pending_review"]),
        (None, "accepted", "ready", ["ready", "ready"]),
        ("pending", "accepted", "pending_review", ["pending_review", "ready"]),
        ("pending", None, "not_requested", ["pending_review", "not_requested"]),
        ("rejected", None, "rejected", ["rejected", "not_requested"]),
        ("accepted", "rejected", "rejected", ["ready", "rejected"]),
    ],
)
async def test_each_gate_has_its_own_verdict(
    adapter: str | None, base: str | None, verdict: str, gates: list[str], stand_in: Any, hub: Hub, held: Any
) -> None:
    repo_id = serve(stand_in, "two", "manual" if adapter else None)
    if adapter:  # a closed configuration names no base model: the card does
        stand_in.fixtures.change({"repositories": {repo_id: {"card": {"base_model": LAB}}}})
    stand_in.fixtures.change({"requests": {repo_id: {"robin": adapter}, LAB: {"robin": base}}})
    report = await check_access(hub, repo_id, None, held("read"))
    data = report.to_mapping()
    assert (data["verdict"], [gate["verdict"] for gate in data["gates"]]) == (verdict, gates)
    assert [gate["role"] for gate in data["gates"]] == ["adapter", "base"]
    assert data["model"] == repo_id and data["gates"][1]["model"] == LAB
    for gate in data["gates"]:
        assert gate["verdict"] == "ready" or (gate["url"] and gate["hint"] and gate["model"] in gate["cause"])
        assert gate["verdict"] == "ready" or gate["cause"] in report.cause
    assert (report.problem is None) is (verdict == "ready")


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"base_model_name_or_path": "/home/kim/base"}, "by a folder of another machine, /home/kim/base"),
        ({"base_model_name_or_path": None}, "does not name its base model"),
        ({"base_model_name_or_path": f"{LAB}-lora"}, f"{LAB}-lora, is an adapter itself"),
        ({"peft_type": "PREFIX_TUNING"}, "of the kind PREFIX_TUNING"),
    ],
)
async def test_an_adapter_without_a_model_to_apply_it_to_is_one_sentence(
    config: dict[str, Any], says: str, stand_in: Any, hub: Hub, held: Any
) -> None:
    report = await check_access(hub, serve(stand_in, "lost", **config), None, held("read"))
    assert report.verdict == "weights_missing"
    assert report.problem is not None and says in report.problem.message
    assert "--adapter acme/lost" in report.problem.hint or "adapter merged in" in report.problem.hint


async def test_a_base_model_that_is_missing_is_told(stand_in: Any, hub: Hub, held: Any) -> None:
    repo_id = serve(stand_in, "gone", base_model_name_or_path="acme/never-was")
    report = await check_access(hub, repo_id, None, held("read"))
    assert report.verdict == "missing_or_private" and report.facts is None
    assert report.problem is not None and f"base model of {repo_id}" in report.problem.message


async def test_an_adapter_can_be_named_beside_its_base_model(stand_in: Any, hub: Hub, held: Any) -> None:
    lost = serve(stand_in, "lost", base_model_name_or_path="/home/kim/base")
    other = serve(stand_in, "other", base_model_name_or_path="unsloth/tiny-character-bnb-4bit")
    named = [AdapterName("a", lost), AdapterName("b", other)]
    report = await check_access(hub, LAB, None, held("read"), adapters=named)
    assert report.verdict == "ready" and report.facts is not None
    assert [str(each) for each in report.facts.adapters] == [
        f"a={lost}@{stand_in.commit(lost)}",
        f"b={other}@{stand_in.commit(other)}",
    ]
    assert [note for note in report.notes if "unsloth/tiny-character-bnb-4bit; it is applied to" in note]
    with pytest.raises(Problem, match="is not a LoRA adapter") as raised:
        await check_access(hub, LAB, None, held("read"), adapters=[AdapterName("c", f"{LAB}-open")])
    assert raised.value.code == "not_an_adapter"


async def test_waiting_watches_both_gates(stand_in: Any, hub: Hub, held: Any) -> None:
    repo_id = serve(stand_in, "both", "manual")
    stand_in.fixtures.change({"repositories": {repo_id: {"card": {"base_model": LAB}}}})
    stand_in.fixtures.change({"requests": {repo_id: {"robin": "pending"}, LAB: {"robin": "pending"}}})
    report = await check_access(hub, repo_id, None, held("read"))
    waiting = wait_for_gate(hub, report, held("read"), 0.01)
    stand_in.fixtures.change({"requests": {LAB: {"robin": "accepted"}}})
    first = await anext(waiting)
    assert (first.verdict, [gate.verdict for gate in first.gates]) == ("pending_review", ["pending_review", "ready"])
    stand_in.fixtures.change({"requests": {repo_id: {"robin": "accepted"}}})
    assert (await anext(waiting)).verdict == "ready"
    assert [report async for report in waiting] == []


@pytest.mark.parametrize(
    ("fault", "verdict"), [({"status": 503}, "hub_unreachable"), ({"status": 429}, "rate_limited")]
)
async def test_a_hub_that_is_out_of_order_says_nothing_about_an_adapter(
    fault: dict[str, int], verdict: str, stand_in: Any, hub: Hub, held: Any
) -> None:
    repo_id = serve(stand_in, "two")
    place = f"hub:GET /{repo_id}/resolve/{'*'}/adapter_config.json"
    stand_in.faults.arm(Fault(place, "status", **fault))
    report = await check_access(hub, repo_id, None, held("read"))
    assert report.verdict == verdict, report.cause
