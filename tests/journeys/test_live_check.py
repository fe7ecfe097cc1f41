"""`doctor --live` against the stand-ins: all that they imitate is seen, and what differs is found, and nothing else."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.person import Person, Run, Serving
from wizard.core.live.assumptions.table import TRIED
from wizard.core.live.scope import NAME_PREFIX
from wizard.rehearsal.deviations import DEVIATIONS, SECRET_KEYS_UNCHECKED

pytestmark = [pytest.mark.long, pytest.mark.slow]

CHECK = ("doctor", "--live", "--rehearse", "--engine", "transformers", "--json")
NOT_IN_A_DEMO = {  # a demo has no GPU, mounts no Volume, restores no snapshot, and has another access token in use
    *("hub-fine-grained", "modal-volume-read-only", "job-device", "job-snapshot", "job-vllm", "job-vllm-stream"),
}
SECONDS = 240.0


@pytest.fixture
def serving(person: Person) -> Serving:
    """Stand-ins of this test's own, since it changes what they do."""
    return person.serve()


def found(done: Run, status: str) -> set[str]:
    return {each["id"] for each in done.all("AssumptionTried") if each["status"] == status}


def assert_nothing_is_left(serving: Serving) -> None:
    live = [row for row in serving.modal_json("app", "list") if row["state"] != "stopped"]
    assert not [row for row in live if NAME_PREFIX in str(row)], live
    assert not [name for name in serving.secrets() if name.startswith(NAME_PREFIX)]
    assert not [row for row in serving.modal_json("volume", "list") if NAME_PREFIX in str(row)]
    assert not serving.modal_json("workspace", "proxy-tokens", "list")


def assert_no_secret(serving: Serving, *texts: str) -> None:
    values = [serving.variables[name] for name in ("HF_TOKEN", "MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET")]
    for text in texts:
        assert not [value for value in values if value in text]
        assert not re.search(r"hf_[A-Za-z]{16}|\b(?:ak|as|wk|ws)-[A-Za-z0-9]{16}", text)


def test_all_that_a_demo_can_show_is_seen_and_removed(serving: Serving) -> None:
    person = serving.person
    unasked = person.wizard(*CHECK)
    assert (unasked.code, unasked.last["code"]) == (2, "missing_yes")
    assert unasked.one("LivePlanned")["most_dollars"] < 0.5
    dear = person.wizard(*CHECK, "--yes", "--max-cost", "0.1")
    assert (dear.code, dear.last["code"]) == (5, "too_dear")
    assert serving.rpcs().get("AppCreate", 0) == 0, "nothing was made so far"
    done = person.wizard(*CHECK, "--yes", seconds=SECONDS)
    assert done.code == 0, done
    assert found(done, "differs") == set()
    assert found(done, "not_tried") == NOT_IN_A_DEMO
    report = (person.project / "live-check.md").read_text(encoding="utf-8")
    checked = done.one("LiveChecked")
    assert [each["id"] for each in checked["tried"]] == [each.id for each in TRIED]
    assert all(f"`{each.id}`" in report for each in TRIED)
    assert checked["left"] == [] and done.last["files"] == ["live-check.md"]
    assert_no_secret(serving, report, done.said)
    assert_nothing_is_left(serving)


def test_a_service_that_differs_in_ten_ways_is_found_out_in_each(serving: Serving) -> None:
    for fault in DEVIATIONS.values():
        serving.arm(**fault.to_mapping())
    done = serving.person.wizard(*CHECK, "--yes", "--report", "found.json", seconds=SECONDS)
    assert (done.code, done.last["code"]) == (1, "assumptions_differ"), done
    assert found(done, "differs") == set(DEVIATIONS)
    text = (serving.person.project / "found.json").read_text(encoding="utf-8")
    assert {each["id"] for each in json.loads(text)["tried"] if each["status"] == "differs"} == set(DEVIATIONS)
    assert all(each["came_back"] for each in json.loads(text)["tried"])
    assert_no_secret(serving, text, done.said)
    serving.behave()
    assert_nothing_is_left(serving)


@pytest.mark.nightly
def test_what_rests_on_something_that_differs_is_not_tried(serving: Serving) -> None:
    serving.arm(**SECRET_KEYS_UNCHECKED.to_mapping())
    done = serving.person.wizard(*CHECK, "--yes", seconds=SECONDS)
    assert found(done, "differs") == {"modal-secret-keys"}, done
    assert {"modal-secret-merge", "job-gated"} <= found(done, "not_tried")
    serving.behave()
    assert_nothing_is_left(serving)


def test_ctrl_c_removes_what_was_made_and_names_what_it_could_not_remove(serving: Serving) -> None:
    running = serving.person.start_wizard(*CHECK, "--yes")
    running.wait_for_event("AssumptionTried", id="modal-tags")
    serving.arm("modal:VolumeDelete", "status", status="PERMISSION_DENIED", message="not by you")
    running.interrupt(group=True)
    done = running.end(60)
    assert (done.code, done.last["code"]) == (130, "interrupted"), done
    assert done.one("LiveChecked")["left"]
    report = (serving.person.project / "live-check.md").read_text(encoding="utf-8")
    assert "the check was stopped before" in report and "`hub-range`" in report
    (left,) = re.findall(rf"^- the Volume ({NAME_PREFIX}-\w+): `modal volume delete \1`$", report, re.MULTILINE)
    serving.behave()
    serving.modal("volume", "delete", left, "--yes")
    assert_nothing_is_left(serving)
