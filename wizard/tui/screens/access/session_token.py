"""The access token of this session: what is done when one was pasted, logged in with, or found to be better."""

from __future__ import annotations

from wizard.core.access.keyring_state import SENTENCES
from wizard.core.problem import ExitCode, Problem
from wizard.flow.access.report import AccessReport
from wizard.flow.access.token_inventory import hidden_better, list_tokens
from wizard.flow.access.wait import open_alternatives
from wizard.flow.ports.credentials import Credential, KeyringPort
from wizard.flow.ports.hub import ModelSummary
from wizard.flow.ports.services import Ports


async def find_help(
    ports: Ports, problem: Problem, report: AccessReport
) -> tuple[list[ModelSummary], Credential | None]:
    """Open models to use meanwhile, and an access token on this machine that works where the one in use does not."""
    others: list[ModelSummary] = []
    if problem.exit_code is ExitCode.GATE_CLOSED and report.facts is not None:
        others = await open_alternatives(ports.hub, report.facts, report.credential)
    if problem.exit_code is ExitCode.CREDENTIALS and report.credential is not None and report.token_sent_to:
        better = hidden_better(await list_tokens(ports))
        if better is not None and better.candidate.token is not None:
            place = better.candidate
            return others, Credential(better.candidate.token, place.source, place.origin or "hf", place.refreshes)
    return others, None


async def keyring_question(keyring: KeyringPort) -> tuple[bool, str]:
    """Whether keeping can be offered, and the sentence for either case. Asked only after a round trip."""
    probe = await keyring.probe()
    if probe.state == "ready":
        return True, f"Press k to keep it in the OS keyring ({probe.backend}). Otherwise it is forgotten when you quit."
    return False, f"Kept for this session only: {probe.detail or SENTENCES[probe.state][0]}"
