"""An earlier version of an app, deployed again; and the mark that says which plan it is from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wizard.core.events import Change
from wizard.core.next_command import ours
from wizard.core.problem import Problem, usage
from wizard.flow.ports.modal import AppVersion, DeployedApp, ModalPort, is_ours

UNKNOWN_PLAN = "rolled-back"  # the mark of a version whose plan is not known; the next deploy counts as a change


@dataclass(frozen=True)
class RollbackPlan:
    """Where an app stands, and the version that it goes back to."""

    app: DeployedApp
    target: AppVersion

    @property
    def changes(self) -> list[Change]:
        why = f"replaces version {self.app.version} with version {self.target.number} of {self.target.deployed_at}"
        return [Change("app", self.app.name, "update", why)]


async def plan_rollback(modal: ModalPort, name: str, version: int | None) -> RollbackPlan | None:
    """Find the version to go back to, the one before the last if none is named. None when the app is not there."""
    app = await modal.app(name)
    if app is None:
        return None
    if not is_ours(app):
        hint = f"Use `modal app rollback {name}`."
        listed = ours("list", "to see the apps that this program has deployed")
        raise Problem("app_foreign", f"The app {name} was not created by outlines-wizard.", hint, next=(listed,))
    history = await modal.versions(name)
    newest = history[0].number if history else app.version or 1
    number = newest - 1 if version is None else version
    target = next((each for each in history if each.number == number), None)
    if len(history) > 1 and number == newest:
        others = ", ".join(str(each.number) for each in history[1:11])
        raise usage("version_current", f"{name} is at version {newest} already.", f"Available: {others}.")
    if number == newest or (target is None and version is None):
        raise usage("version_current", f"{name} has no version other than {newest}.")
    if target is None:
        known = ", ".join(str(each.number) for each in history[:10])
        raise usage("version_missing", f"{name} has no version {number}.", f"Available: {known}.")
    return RollbackPlan(app, target)


async def roll_back(modal: ModalPort, plan: RollbackPlan) -> DeployedApp:
    """Do it, and see that it was done. Raises Problem."""
    name = plan.app.name
    await modal.roll_back(name, plan.target.number)
    mark = re.match(r"[0-9a-f]{12}(?=\.)", plan.target.tag)
    await modal.tag_app(name, {**plan.app.tags, "plan": mark.group() if mark else UNKNOWN_PLAN})
    after = await modal.app(name)
    if after is None or (after.version or 0) <= (plan.app.version or 0):
        raise Problem("rollback_unseen", f"Modal accepted the rollback but still shows version {plan.app.version}.")
    return after
