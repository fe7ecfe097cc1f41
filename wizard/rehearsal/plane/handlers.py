"""The table of every RPC that this stand-in answers, put together from the rooms."""

from __future__ import annotations

from wizard.rehearsal.plane import (
    apps,
    calls,
    deployments,
    environments,
    functions,
    identity,
    images,
    logs,
    mounts,
    tasks,
    vault,
    volume_files,
    volumes,
    web,
    worker,
)
from wizard.rehearsal.plane.routes import Routes

_ROOMS = (
    identity,
    environments,
    vault,
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
    for room in _ROOMS:
        routes.include(room.routes)
    return routes
