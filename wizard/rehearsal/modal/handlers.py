"""The table of every RPC that this stand-in answers, put together from the modules that answer them."""

from __future__ import annotations

from wizard.rehearsal.modal.account import environments, identity, secrets
from wizard.rehearsal.modal.apps import apps, deployments, usage
from wizard.rehearsal.modal.calls import calls
from wizard.rehearsal.modal.containers import tasks, worker
from wizard.rehearsal.modal.functions import functions
from wizard.rehearsal.modal.functions import web_addresses as web
from wizard.rehearsal.modal.images import images
from wizard.rehearsal.modal.logs import logs
from wizard.rehearsal.modal.rpc.routes import Routes
from wizard.rehearsal.modal.storage import mounts, volume_files, volumes

_MODULES = (
    identity,
    environments,
    secrets,
    usage,
    volumes,
    volume_files,
    mounts,
    images,
    apps,
    deployments,
    functions,
    calls,
    logs,
    tasks,
    web,
    worker,
)


def every_route() -> Routes:
    """All handlers in one table."""
    routes = Routes()
    for module in _MODULES:
        routes.include(module.routes)
    return routes
