"""Prices are the workspace's own wherever it tells them; a plan of a later version has none and is no trouble."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.support.person import MODEL, need_local
from wizard.cli.session import SessionOptions
from wizard.codegen.app_file import plan_hash
from wizard.core.events import PlanReady
from wizard.core.output.output_type import OutputType
from wizard.core.plan.draft import Draft
from wizard.core.plan.names import VOLUME_NAME
from wizard.core.plan.plan import Plan
from wizard.flow.deploy.discovery import count_words, size_words
from wizard.flow.deploy.job import run_job
from wizard.flow.deploy.job_state import JobOptions
from wizard.flow.deploy.plan_record import keep_record
from wizard.flow.operate.app_status import read_app_status
from wizard.flow.operate.batch.run import run_batch
from wizard.flow.operate.deployed_apps import read_overview
from wizard.flow.operate.teardown import plan_teardown
from wizard.flow.ports.modal import DeployedApp
from wizard.flow.ports.services import Ports
from wizard.rehearsal.modal.account import identity, prices
from wizard.rehearsal.stand_ins import StandIns, StandInSettings
from wizard.wiring import _services

GIB = 1024**3
OWN = {"gpu_hour_cost_t4": "9.00000", "volume_storage_gib_month_cost": "900000.00000"}
PLAN = Plan(MODEL, "c" * 40, "priced", OutputType("text"), "Hi.", "L4", needs_token=False)


@pytest.fixture
async def ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_accounts: None) -> AsyncIterator[Ports]:
    """The real services in this process, and stand-ins of a workspace with prices of its own."""
    need_local()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(identity, "RATES", MappingProxyType({**prices.RATES, **OWN}))
    async with StandIns(StandInSettings()) as stage:
        for name, value in stage.env.items():
            monkeypatch.setenv(name, value)
        async with _services(SessionOptions("main", "all"), rehearsal=True) as found:
            found.hub.endpoint = stage.hub.url
            yield found


async def deploy(ports: Ports, folder: Path, plan: Plan) -> DeployedApp:
    """An app with the mark of that plan, and the plan beside it."""
    file = folder / "priced.py"
    tags = {"made-by": "outlines-wizard", "plan": plan_hash(plan), "volume": VOLUME_NAME}
    text = f"import modal\napp = modal.App({plan.app!r}, tags={tags!r})\n"
    file.write_text(f"{text}@app.cls()\nclass Generator:\n    @modal.method()\n    def generate(self, prompt): pass\n")
    outcomes = [item async for item in ports.modal.deploy(file, plan.app)]
    await keep_record(ports.modal, plan, plan_hash(plan))
    app = await ports.modal.app(plan.app)
    assert app is not None, outcomes
    return app


@pytest.mark.slow
async def test_the_gpu_is_chosen_by_the_prices_of_the_workspace(ports: Ports) -> None:
    async def agree(plan: PlanReady) -> bool:
        raise AssertionError("nothing is to be agreed to")

    draft = Draft(model=MODEL, output=OutputType("text"))
    events = [event async for event in run_job(draft, JobOptions(dry_run=True), ports, agree)]
    plan = next(event for event in events if isinstance(event, PlanReady))
    assert isinstance(plan.plan, Plan) and plan.plan.gpu == "L4", "at list prices it would be the T4"
    assert plan.cost is not None and plan.cost.gpu_per_hour == 0.8


@pytest.mark.long
@pytest.mark.slow
async def test_storage_costs_what_the_workspace_pays_and_a_later_gpu_is_no_trouble(
    ports: Ports, tmp_path: Path
) -> None:
    plan = replace(PLAN, gpu="Q7000")
    app = await deploy(ports, tmp_path, plan)
    await ports.modal.keep_text(VOLUME_NAME, f"{MODEL.replace('/', '--')}/{plan.revision}/model", "x" * 10**6)
    report = await read_app_status(ports, plan.app)
    assert report is not None and report.weights is not None
    assert report.weights.size == 10**6
    assert report.cost.storage_per_month == pytest.approx(report.weights.size / GIB * 900_000, abs=0.01)
    assert (report.cost.awake_per_hour, report.cost.now_per_hour) == (None, None)
    stored = (await read_overview(ports.modal)).storage_per_month
    assert stored >= report.cost.storage_per_month
    volume = next(
        c for c in await plan_teardown(ports.modal, plan.app, None, with_volume=True) if c.name == VOLUME_NAME
    )
    assert f"about ${stored:.2f} a month" in volume.why
    assert [event async for event in run_batch(ports, app, iter(()), 0, {})] != [], "nothing to ask, and nothing fails"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (999_499, "999k"),
        (999_500, "1M"),
        (999_999, "1M"),
        (135_000_000, "135M"),
        (999_885_952, "1B"),
        (7_248_023_552, "7.25B"),
        (1_026_470_731_056, "1.03T"),
    ],
)
def test_a_count_is_said_in_the_unit_that_it_rounds_to(number: int, words: str) -> None:
    assert count_words(number) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (999_999, "1.0 MB"),
        (999_999_999, "1.0 GB"),
        (14_500_000_000, "14.5 GB"),
        (1_200_000_000_000, "1200 GB"),
    ],
)
def test_a_size_is_said_in_the_unit_that_it_rounds_to(size: int, words: str) -> None:
    assert size_words(size) == words
