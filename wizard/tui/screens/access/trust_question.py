"""Whether a Hub that is not the public one may see the access token: asked where it matters, kept when it is yes."""

from __future__ import annotations

from wizard.core.access.endpoint_trust import trustworthy_form
from wizard.core.access.verdicts import Verdict
from wizard.core.problem import Problem
from wizard.flow.access.report import AccessReport
from wizard.flow.configuration.trusted_endpoints import keep_trusted
from wizard.flow.ports.services import Ports

GO_ON = (
    "Press t to trust this address with your access token, now and later. Or press Enter to continue without it: the "
    "download step on Modal checks access before any GPU starts."
)


def is_asked(report: AccessReport | None) -> bool:
    """Whether the answer would change what can be told, and may be yes."""
    if report is None or report.verdict is not Verdict.ENDPOINT_NOT_TRUSTED:
        return False
    return bool(trustworthy_form(report.endpoint))


def remember(ports: Ports) -> str:
    """Trust the Hub that is asked, from now on and in later sessions; returns a sentence about where that is kept.

    Raises Problem for an address that cannot be trusted.
    """
    address = ports.hub.endpoint
    ports.hub.trust()
    if ports.rehearsal:
        return f"{address} is trusted until this session ends."
    try:
        file = keep_trusted(address)
    except Problem as problem:
        return f"{address} is trusted until this session ends. {problem.message} {problem.hint}"
    return f"{address} is trusted from now on. To undo that, remove it from {file}."
