"""What an app was deployed from, kept beside its weights in the Volume, so that any machine can read it.

An app carries the hash of its plan as a tag; the Volume that it names keeps the plan under that hash. Earlier plans
stay, since an app can be rolled back to them.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields

from wizard.core.plan.draft import Draft
from wizard.core.plan.names import VOLUME_NAME
from wizard.core.plan.plan import Plan
from wizard.core.plan.plan_file import read_plan, write_plan
from wizard.core.problem import Problem
from wizard.flow.ports.modal import DeployedApp, ModalPort

FOLDER = "plans"
_SAID = ("needs_token", "sees", "closes_thinking")  # of the model, and no setting
_HASH = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class PlanRecord:
    """What is deployed, as a Draft that can be changed and deployed again. None: not said.

    `closes_thinking`: its model has to be kept from reasoning.
    """

    draft: Draft
    needs_token: bool | None = None
    sees: bool | None = None
    closes_thinking: bool | None = None

    @classmethod
    def of(cls, plan: Plan) -> PlanRecord:
        """What is kept of a plan."""
        decided = {field.name: getattr(plan, field.name) for field in fields(Draft)}
        return cls(Draft(**decided), plan.needs_token, plan.sees, plan.closes_thinking)

    @property
    def takes_messages(self) -> bool:
        """Whether the app takes messages and streams its answers: since there is a choice of engines, plans name
        theirs."""
        return self.draft.engine is not None

    @property
    def has_thinking(self) -> bool:
        """Whether the app knows how its model reasons."""
        return bool(self.closes_thinking) or self.draft.think_tokens(None) > 0


def record_name(plan_hash: str) -> str:
    """The file of a plan within `FOLDER`."""
    return f"{plan_hash}.toml"


async def keep_record(modal: ModalPort, plan: Plan, plan_hash: str) -> None:
    """Keep a plan for whoever looks at the app later. Raises Problem."""
    await modal.keep_text(plan.volume, f"{FOLDER}/{record_name(plan_hash)}", write_plan(plan))


async def read_record(modal: ModalPort, app: DeployedApp) -> PlanRecord | None:
    """The plan that an app was deployed from; None when it was not kept, or is not one of ours."""
    plan_hash = app.tags.get("plan", "")
    if not _HASH.fullmatch(plan_hash):
        return None
    text = await modal.read_text(app.tags.get("volume", VOLUME_NAME), f"{FOLDER}/{record_name(plan_hash)}")
    if text is None:
        return None
    try:
        draft = read_plan(text, "the plan in the Volume", Draft)
        model = tomllib.loads(text).get("model", {})
    except (Problem, tomllib.TOMLDecodeError):
        return None
    said = {name: model.get(name) for name in _SAID if isinstance(model.get(name), bool)}
    return PlanRecord(draft, **said)
