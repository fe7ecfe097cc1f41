"""What a person may want to do after a deploy, as commands and programs to be copied."""

from __future__ import annotations

import shlex

from wizard.core.events import Finished
from wizard.core.plan.call_snippets import MAKE_PROXY_TOKEN, snippets
from wizard.flow.ports.services import Ports


def next_steps(event: Finished, ports: Ports, prompt: str, *, sees: bool) -> dict[str, str]:
    """What a person may want to do now, as commands."""
    if event.dry_run:
        return {}
    if not ports.lasting:
        return {"keep": "outlines-wizard rehearse    (in another terminal; what you deploy then stays)"}
    app = shlex.quote(event.app) + (" --rehearse" if event.rehearsal else "")
    place = None if event.environment == "main" else event.environment
    calls = snippets(event.app, prompt, endpoint=event.endpoint, environment=place, sees=sees)
    return {
        "again": f"outlines-wizard call {app} --prompt '…'" + (" --image FILE" if sees else ""),
        **({"token": MAKE_PROXY_TOKEN} if event.endpoint else {}),
        **{each.key: each.text for each in calls},
        "logs": f"outlines-wizard logs {app} -f",
        "undo": f"outlines-wizard teardown {app}",
    }
