"""The inverse of a deploy: what would go, what stays and why, and doing it."""

from __future__ import annotations

from wizard.core.events import Change
from wizard.core.plan import VOLUME_NAME
from wizard.flow.ports import CloudPort


async def plan_undoing(cloud: CloudPort, app: str, secret: str, *, with_volume: bool) -> list[Change]:
    """What undoing `app` would delete and keep. A Modal Secret that somebody else made, or that another app of ours
    still uses, stays; so does the Volume unless it is asked for and nothing else uses it."""
    found = await cloud.app(app)
    others = [other.name for other in await cloud.apps() if other.name != app]
    used = f"still used by {', '.join(others)}" if others else ""
    changes = [Change("app", app, "delete", "stopped; its containers go")] if found else []
    state = await cloud.secret_state(secret, None)
    if state == "foreign":
        changes.append(Change("secret", secret, "keep", "was not made by outlines-wizard"))
    elif state != "missing":
        changes.append(Change("secret", secret, "keep" if used else "delete", used or "nothing uses it any more"))
    if await cloud.volume_files(VOLUME_NAME, "") is not None:
        if with_volume and not used:
            changes.append(Change("volume", VOLUME_NAME, "delete", "with all weights in it"))
        else:
            why = used or "pass --volume to delete the weights; they cost storage"
            changes.append(Change("volume", VOLUME_NAME, "keep", why))
    return changes


async def undo(cloud: CloudPort, changes: list[Change]) -> None:
    """Delete what the changes say. What is gone already is no error. Raises Problem when Modal refuses."""
    delete = {"app": cloud.stop_app, "secret": cloud.delete_secret, "volume": cloud.delete_volume}
    for change in changes:
        if change.action == "delete":
            await delete[change.resource](change.name)
