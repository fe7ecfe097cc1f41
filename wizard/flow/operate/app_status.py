"""One deployed app and all that belongs to it: versions, containers, Modal Secret, weights, and what it costs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.models.adapter import read_adapters
from wizard.core.models.model_info import is_folder_name
from wizard.core.plan.cost import awake_of_another, storage_per_month
from wizard.core.plan.names import SECRET_NAME, VOLUME_NAME
from wizard.core.problem import Problem
from wizard.core.sizing.gpus import AS_OF
from wizard.flow.access.check import find_token
from wizard.flow.deploy.make_plan import missing_weights, weights_folder
from wizard.flow.deploy.plan_record import PlanRecord, read_record
from wizard.flow.ports.hub import HubRefusal
from wizard.flow.ports.modal import AppVersion, DeployedApp, is_ours
from wizard.flow.ports.services import Ports

SecretWord = Literal["current", "outdated", "foreign", "missing", "not needed", "unknown"]
SECRET_WORDS: dict[SecretWord, str] = {
    "current": "holds the same access token as this computer",
    "outdated": "holds a different access token than this computer; `rotate` replaces it",
    "foreign": "not created by outlines-wizard; used as is",
    "missing": "is missing: the download step can't start",
    "not needed": "the model is open: no access token is attached",
    "unknown": "there is no access token on this computer to compare it with",
}


@dataclass(frozen=True)
class Weights:
    """The model's weights in the Volume. `complete` None: the Hub did not say what belongs to them."""

    model: str
    revision: str
    volume: str
    size: int
    complete: bool | None


@dataclass(frozen=True)
class RunningCost:
    """Dollars. `idle_per_hour` is what the app costs while nobody calls it; storage is apart, and goes on."""

    idle_per_hour: float
    awake_per_hour: float | None
    now_per_hour: float | None
    storage_per_month: float
    as_of: str


@dataclass(frozen=True)
class AppStatus:
    """What `status` says of one app."""

    app: DeployedApp
    record: PlanRecord | None
    versions: tuple[AppVersion, ...]
    containers: dict[str, int]
    secret: str
    secret_state: SecretWord
    weights: Weights | None
    cost: RunningCost

    def to_mapping(self) -> dict[str, Any]:
        """The public object of `status`, but for the environment."""
        draft = self.record.draft if self.record else None
        return asdict(self.app) | {
            "tags": dict(self.app.tags),
            "functions": list(self.app.functions),
            "ours": is_ours(self.app),
            "model": draft.model if draft else None,
            "revision": draft.revision if draft else None,
            "adapters": list((draft.adapter if draft else None) or ()),
            "gpu": draft.gpu if draft else None,
            "engine": (draft.engine or draft.deployed_engine.name) if draft else None,
            "output": draft.output.summary if draft and draft.output else None,
            "versions": [asdict(version) for version in self.versions],
            "containers": self.containers,
            "secret": {"name": self.secret, "state": self.secret_state},
            "weights": asdict(self.weights) if self.weights else None,
            "cost": asdict(self.cost) | {"currency": "USD"},
        }


async def read_app_status(ports: Ports, name: str) -> AppStatus | None:
    """Look at an app and all that belongs to it; None when it is not there. Raises Problem."""
    app = await ports.modal.app(name)
    if app is None:
        return None
    record, versions, containers, rates = await gather_or_cancel(
        read_record(ports.modal, app), ports.modal.versions(name), ports.modal.containers(name), ports.modal.rates()
    )
    (secret, state), weights = await gather_or_cancel(_secret(ports, record), _weights(ports, app, record))
    awake = awake_of_another(record.draft.gpu, rates) if record else None
    cost = RunningCost(
        idle_per_hour=0.0,  # apps of this program keep no container without calls
        awake_per_hour=awake,
        now_per_hour=None if awake is None else round(awake * containers.get("Generator", 0), 4),
        storage_per_month=round(storage_per_month(weights.size if weights else 0, rates), 4),
        as_of="this workspace's rates" if rates else AS_OF,
    )
    return AppStatus(app, record, tuple(versions), dict(containers), secret, state, weights, cost)


async def _secret(ports: Ports, record: PlanRecord | None) -> tuple[str, SecretWord]:
    name = (record.draft.secret if record else None) or SECRET_NAME
    if record is not None and record.needs_token is False:
        return name, "not needed"
    try:
        credential = await find_token(ports, "auto")
    except Problem:  # one that cannot be an access token; `token show` says what is wrong with it
        credential = None
    state = await ports.modal.secret_state(name, credential.token.fingerprint if credential else None)
    return name, "unknown" if credential is None and state == "outdated" else state


async def _weights(ports: Ports, app: DeployedApp, record: PlanRecord | None) -> Weights | None:
    if record is None or not record.draft.model or not record.draft.revision:
        return None
    model, revision = record.draft.model, record.draft.revision
    volume = record.draft.volume or app.tags.get("volume", VOLUME_NAME)
    repositories = [(model, revision)]
    repositories += [
        (each.repo_id, each.revision or "") for each in read_adapters("adapter", record.draft.adapter or ())
    ]
    found = await gather_or_cancel(*(_stored(ports, volume, *each) for each in repositories))
    states = [complete for _, complete in found]
    complete = False if False in states else None if None in states else True
    return Weights(model, revision, volume, sum(size for size, _ in found), complete)


async def _stored(ports: Ports, volume: str, repo_id: str, revision: str) -> tuple[int, bool | None]:
    """How much of a repository is in the Volume, in bytes, and whether that is all; None: the Hub does not tell."""
    stored, facts = await gather_or_cancel(
        ports.modal.volume_files(volume, weights_folder(repo_id, revision)), _ask_the_hub(ports, repo_id, revision)
    )
    size = sum((stored or {}).values())
    if facts is None:
        return size, None if stored else False
    return size, missing_weights(facts, stored) == 0


async def _ask_the_hub(ports: Ports, model: str, revision: str) -> Any:
    """What belongs to the model; None where the Hub does not tell, which it need not for an app that runs."""
    if is_folder_name(model):
        return None
    try:
        credential = await find_token(ports, "auto")
        facts = await ports.hub.model(model, revision, credential.token if credential else None)
    except (HubRefusal, Problem):
        return None
    return facts if facts.weights or facts.is_adapter else None
