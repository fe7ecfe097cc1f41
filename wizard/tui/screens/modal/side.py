"""What stands beside the question about Modal: whose account it is, what a deploy makes there, and what that costs."""

from __future__ import annotations

from wizard.core.plan.draft import Draft
from wizard.core.plan.names import VOLUME_NAME, app_name
from wizard.flow.ports.modal import Workspace
from wizard.tui.widgets.side_note import NoteSection

SIGN_IN = (
    "You sign in on Modal's own page in your browser. Modal's library then keeps its token in its configuration file "
    "on this computer (.modal.toml in your home folder); outlines-wizard keeps no copy."
)
MADE = (
    "Nothing is created until you approve the plan. `outlines-wizard teardown` removes it again; the Volume with its "
    "weights stays unless you say --volume."
)
COSTS = "A container is billed while it runs and stops by itself. Without calls only the stored weights cost anything."


def modal_note(workspace: Workspace | None, draft: Draft, secret: str, *, needs_secret: bool) -> list[NoteSection]:
    """The sections; `secret` is the name of the Modal Secret, which a closed model needs."""
    sections = []
    if workspace is not None:
        lines = [
            ("Workspace", workspace.name),
            ("Environment", workspace.environment),
            ("Signed in by", workspace.source),
        ]
        sections.append(NoteSection("Your account", lines))
    else:
        sections.append(NoteSection("Signing in", words=SIGN_IN))
    if draft.model:
        made = [
            ("App", draft.app or app_name(draft.model)),
            ("Volume", f"{draft.volume or VOLUME_NAME}, for the weights"),
            ("Secret", f"{secret}, for your access token" if needs_secret else ""),
        ]
        sections.append(NoteSection("What a deploy makes there", made, MADE))
    return [*sections, NoteSection("What it costs", words=COSTS)]
