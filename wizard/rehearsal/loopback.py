"""Who may ask the stand-ins' pages: programs and browsers of this machine, by one of its own names."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

NAMES = ("127.0.0.1", "localhost", "[::1]")


@web.middleware
async def refuse_other_names(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 403 to a request under another name: a page elsewhere may have its name point at this machine."""
    name, colon, port = request.host.rpartition(":")
    if (name if colon and port.isdigit() else request.host) not in NAMES:
        raise web.HTTPForbidden(text="The stand-ins are for this machine alone.")
    return await handler(request)
