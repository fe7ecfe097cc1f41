"""The few HTML pages of the stand-in Modal. Every value is escaped; every page says that this is a rehearsal."""

from __future__ import annotations

import time
from html import escape

from aiohttp import web
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.state.journal import Filters
from wizard.rehearsal.modal.state.records import App, TokenFlow
from wizard.rehearsal.modal.state.state import ModalState
from wizard.rehearsal.stylesheet import STYLE

BANNER = "Demo: nothing leaves this computer, nothing is billed"
_LAST_LINES = 100
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
_STATES: dict[int, str] = {
    pb.APP_STATE_DEPLOYED: "deployed",
    pb.APP_STATE_EPHEMERAL: "running",
    pb.APP_STATE_INITIALIZING: "initializing",
    pb.APP_STATE_STOPPED: "stopped",
}
_FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Stand-in Modal</title><style>{style}</style></head>
<body><div class="banner" role="note">{banner}</div>
<header><a href="/">Stand-in Modal</a></header>
<main>
{body}
</main></body></html>
"""


def page(body: str, status: int = 200) -> web.Response:
    """A body in the common frame."""
    return web.Response(
        text=_FRAME.format(style=STYLE, banner=escape(BANNER), body=body),
        content_type="text/html",
        status=status,
        headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"},
    )


def notice(text: str) -> str:
    """One sentence."""
    return f"<p>{escape(text)}</p>"


def token_flow(state: ModalState, flow: TokenFlow) -> str:
    """Ask a person whether a program may have a Modal token."""
    return f"""<h1>Let a program use this workspace?</h1>
<p>A program on this machine asks for a Modal token of the workspace
<strong>{escape(state.settings.workspace)}</strong>. It shows this code:</p>
<p class="code">{escape(flow.code)}</p>
<form method="post"><input type="hidden" name="key" value="{escape(flow.form_key)}">
<button name="decision" value="approve" autofocus>Approve</button>
<button class="quiet" name="decision" value="deny">Deny</button></form>"""


def _state(app: App) -> str:
    return _STATES.get(app.state, "unknown")


def index(state: ModalState) -> str:
    """All apps."""
    rows = "".join(
        f'<tr><td><a href="/apps/{escape(app.id)}">{escape(app.description or app.name or app.id)}</a></td>'
        f"<td>{escape(app.environment)}</td><td>{escape(_state(app))}</td></tr>"
        for app in reversed(state.apps.values())
    )
    table = f"<table><tr><th>App</th><th>Environment</th><th>State</th></tr>{rows}</table>"
    return f"<h1>Apps of {escape(state.settings.workspace)}</h1>" + (table if rows else notice("None yet."))


def app(state: ModalState, shown: App) -> str:
    """One app: state, functions and the end of its log."""
    running = sum(each.function.app_id == shown.id for each in state.containers.values())
    functions = "".join(f"<li>{escape(name)}</li>" for name in shown.layout.function_ids)
    newest = state.journal(shown.id).between(0, time.time_ns() + 1, Filters())
    lines = [entry.text for entry, _ in zip(newest, range(_LAST_LINES), strict=False)]
    version = f", version {shown.history[-1].version}" if shown.history else ""
    return f"""<h1>{escape(shown.description or shown.name or shown.id)}</h1>
<p>{escape(_state(shown))}{escape(version)} in environment {escape(shown.environment)}; containers: {running}</p>
<ul>{functions}</ul><h2>Log</h2><pre>{escape("".join(reversed(lines)))}</pre>"""
