"""What is deployed, for somebody who comes back: each function with its plan, its containers and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.next_command import ours
from wizard.core.plan.cost import awake_of_another, storage_per_month
from wizard.core.plan.draft import Draft
from wizard.core.plan.names import SECRET_NAME, VOLUME_NAME
from wizard.core.problem import Problem
from wizard.flow.deploy.plan_record import PlanRecord, read_record
from wizard.flow.ports.modal import DeployedApp, ModalPort
from wizard.flow.ports.services import Ports


@dataclass(frozen=True)
class DeployedFunction:
    """One deployed function. Prices are dollars an hour; `awake_per_hour` None: its GPU is not known.

    `containers` counts those of the function, not of its download. Apps of this program keep none without calls, so
    that idle costs nothing.
    """

    app: DeployedApp
    record: PlanRecord | None = None
    containers: int = 0
    awake_per_hour: float | None = None
    idle_per_hour: float = 0.0

    @property
    def name(self) -> str:
        """The app's name, which is the function's too."""
        return self.app.name

    @property
    def draft(self) -> Draft:
        """What it was deployed from, to be changed and deployed again; only the name where that was not kept."""
        return replace(self.record.draft, app=self.name) if self.record else Draft(app=self.name)

    @property
    def secret(self) -> str:
        """The Modal Secret that it names."""
        return self.draft.secret or SECRET_NAME


@dataclass(frozen=True)
class Overview:
    """Every function of this program in one environment, and what their weights take."""

    functions: tuple[DeployedFunction, ...]
    stored: int = 0  # bytes
    rates: Mapping[str, float] | None = None

    @property
    def storage_per_month(self) -> float:
        """Dollars."""
        return storage_per_month(self.stored, self.rates)


async def read_overview(modal: ModalPort) -> Overview:
    """Look at all that is deployed. Raises Problem."""
    apps, rates, stored = await gather_or_cancel(modal.apps(), modal.rates(), modal.volume_files(VOLUME_NAME, ""))
    functions = await gather_or_cancel(*(_look_at(modal, app, rates) for app in apps))
    return Overview(tuple(functions), sum((stored or {}).values()), rates)


async def _look_at(modal: ModalPort, app: DeployedApp, rates: Mapping[str, float] | None) -> DeployedFunction:
    record, containers = await gather_or_cancel(read_record(modal, app), modal.containers(app.name))
    awake = awake_of_another(record.draft.gpu, rates) if record else None
    return DeployedFunction(app, record, containers.get("Generator", 0), awake)


async def find_app(ports: Ports, app: str, environment: str) -> DeployedApp:
    """The deployed app of this name. Raises Problem where there is none."""
    found = await ports.modal.app(app)
    if found is None:
        raise app_missing(app, environment, lasting=ports.lasting)
    return found


def app_missing(app: str, environment: str, *, lasting: bool) -> Problem:
    """The problem of an app that is not there. Stand-ins that are not being served start empty each time."""
    hint = "See `outlines-wizard list`, or deploy it first."
    if not lasting:
        hint = (
            "Keep `outlines-wizard rehearse` running in another terminal: what you deploy with --rehearse then stays."
        )
    message = f"There is no deployed app {app!r} in environment {environment}."
    stays = ours("rehearse", "in another terminal: what you deploy with --rehearse then stays")
    there = ours("list", "to see the apps that are deployed") if lasting else stays
    return Problem("app_missing", message, hint, next=(there,))
