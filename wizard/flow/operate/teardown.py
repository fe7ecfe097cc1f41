"""The inverse of a deploy: what would go, what stays and why, and doing it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.events import Change
from wizard.core.listing import first_few
from wizard.core.plan.cost import storage_per_month
from wizard.core.plan.names import SECRET_NAME, VOLUME_NAME
from wizard.flow.deploy.discovery import size_words
from wizard.flow.deploy.plan_record import FOLDER, PlanRecord, read_record
from wizard.flow.ports.credentials import KeyringPort
from wizard.flow.ports.modal import DeployedApp, ModalPort, is_ours

_NAMED = 3  # apps that are named one by one


@dataclass(frozen=True)
class Keyring:
    """The OS keyring's entries for one Hub, and whether they are to go."""

    port: KeyringPort
    endpoint: str
    delete: bool = False


async def plan_teardown(
    modal: ModalPort, app: str, secret: str | None, *, with_volume: bool, keyring: Keyring | None = None
) -> list[Change]:
    """What undoing `app` would delete and keep. What somebody else made, or another app of ours still uses, stays; so
    does the Volume unless it is asked for. `secret` None: the one that the app was deployed with."""
    deployed, apps = await gather_or_cancel(modal.app(app), modal.apps())
    others = [other for other in apps if other.name != app]
    record, *records = await gather_or_cancel(*(_record(modal, each) for each in (deployed, *others)))
    changes = []
    if deployed is not None:
        ours = is_ours(deployed)
        why = "will be stopped, with its containers" if ours else "was not created by outlines-wizard"
        changes.append(Change("app", app, "delete" if ours else "keep", why))
    name = secret or (record.draft.secret if record else None) or SECRET_NAME
    used = [o.name for o, r in zip(others, records, strict=True) if _secret_of(r) in (name, None)]
    changes += await _secret_change(modal, name, used)
    volume = _volume_of(deployed, record)
    used = [o.name for o, r in zip(others, records, strict=True) if _volume_of(o, r) == volume]
    changes += await _volume_change(modal, volume, used, delete=with_volume)
    if keyring is not None:
        changes += await _keyring_changes(keyring)
    return changes


async def _record(modal: ModalPort, app: DeployedApp | None) -> PlanRecord | None:
    return None if app is None else await read_record(modal, app)


def _secret_of(record: PlanRecord | None) -> str | None:
    """The Modal Secret that an app uses: "" for none, None when that is not known."""
    if record is None:
        return None
    return "" if record.needs_token is False else record.draft.secret or SECRET_NAME


def _volume_of(app: DeployedApp | None, record: PlanRecord | None) -> str:
    tagged = app.tags.get("volume") if app else None
    return tagged or (record.draft.volume if record else None) or VOLUME_NAME


async def _secret_change(modal: ModalPort, name: str, used: list[str]) -> list[Change]:
    state = await modal.secret_state(name, None)
    if state == "missing":
        return []
    if state == "foreign":
        return [Change("secret", name, "keep", "was not created by outlines-wizard")]
    if used:
        return [Change("secret", name, "keep", f"still used by {first_few(used, _NAMED)}; it costs nothing")]
    return [Change("secret", name, "delete", "no longer used")]


async def _volume_change(modal: ModalPort, name: str, used: list[str], *, delete: bool) -> list[Change]:
    files, rates = await gather_or_cancel(modal.volume_files(name, ""), modal.rates())
    if files is None:
        return []
    size = sum(files.values())
    cost = f"{size_words(size)}, about ${storage_per_month(size, rates):.2f} a month"
    if used:
        return [Change("volume", name, "keep", f"still used by {first_few(used, _NAMED)}; {cost}")]
    if files and name != VOLUME_NAME and not any(path.startswith(f"{FOLDER}/") for path in files):
        return [Change("volume", name, "keep", f"was not created by outlines-wizard; {cost}")]
    if delete:
        return [Change("volume", name, "delete", f"with all weights in it: {cost}")]
    return [Change("volume", name, "keep", f"pass --volume to delete the weights: {cost}")]


async def _keyring_changes(keyring: Keyring) -> list[Change]:
    entries = await keyring.port.entries(keyring.endpoint)
    if keyring.delete:
        return [Change("keyring", user, "delete", "the access token; it stays valid on the Hub") for user, _ in entries]
    return [Change("keyring", user, "keep", "pass --keyring to forget the access token") for user, _ in entries]


async def undo(modal: ModalPort, changes: list[Change], keyring: Keyring | None = None) -> None:
    """Delete what the changes say, the app last: whoever is stopped on the way finds the rest by it. What is gone
    already is no error. Raises Problem when a service refuses."""
    delete: dict[str, Callable[[str], Awaitable[bool]]] = {
        "app": modal.stop_app,
        "secret": modal.delete_secret,
        "volume": modal.delete_volume,
    }
    if keyring is not None:
        delete["keyring"] = lambda user: keyring.port.forget(keyring.endpoint, user)
    for change in reversed(changes):
        if change.action == "delete":
            await delete[change.resource](change.name)
