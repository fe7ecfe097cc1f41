"""A model in a folder of this machine: deployed without a Hub, resumed after a kill, sent again once it changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.person import Person, Run
from wizard.rehearsal.fixtures import model_folder

pytestmark = [pytest.mark.long, pytest.mark.slow]
WEIGHTS = (model_folder() / "model.safetensors").stat().st_size


def uploads(run: Run) -> list[float]:
    return [event["done"] for event in run.all("Progress") if event["step"] == "deploy"]


def test_a_folder_is_uploaded_once_and_a_killed_upload_goes_on(person: Person) -> None:
    folder = Path(shutil.copytree(model_folder(), person.project / "my-model"))
    serving = person.serve()
    serving.arm("modal:VolumePutFiles*", "delay", seconds=1.5)
    flags = ("deploy", "--rehearse", "--yes", "--json", "--model", "./my-model", "--no-sample", "--save-plan", "m.toml")
    running = person.start_wizard(*flags)
    running.wait_for_event("Progress", step="deploy", done=WEIGHTS)
    running.kill()
    serving.behave()

    finished = person.wizard(*flags)
    assert finished.code == 0 and uploads(finished)[0] >= WEIGHTS, "what was there is not sent again"
    assert {event["step"] for event in finished.all("StepSkipped")} >= {"access", "token", "secret"}
    assert finished.one("PlanReady")["hub"]["downloaded_from"] == ""
    assert "./my-model" in (person.project / "outlines_my_model.py").read_text()
    assert str(person.folder) not in (person.project / "outlines_my_model.py").read_text()

    again = person.wizard(*flags[:4], "--plan", "m.toml")
    assert {change["action"] for change in again.one("PlanReady")["changes"]} == {"keep"} and not uploads(again)
    assert again.one("SampleReady")["valid"]

    (folder / "generation_config.json").write_text("{}")
    changed = person.wizard(*flags[:4], "--plan", "m.toml", "--no-sample")
    assert changed.outcomes()["deploy"] == "updated" and uploads(changed)[0] == 0
    hashes = [run.one("PlanReady")["plan"]["model"]["revision"] for run in (finished, again, changed)]
    assert hashes[0] == hashes[1] != hashes[2]
