"""Is this machine ready for a deploy?"""

from __future__ import annotations

from collections.abc import Sequence

from wizard.core.access.endpoint import read_endpoint
from wizard.core.access.keyring_state import SENTENCES
from wizard.core.access.unreachable import WORDS
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.doctor.health import MODAL_SIGN_IN, Check, Report
from wizard.core.problem import Problem
from wizard.flow.access.token_inventory import TokenRecord, hidden_better, list_tokens
from wizard.flow.ports.hub import HubPort
from wizard.flow.ports.machine import MachinePort
from wizard.flow.ports.services import Ports

MOST_SKEW = 120.0  # seconds; certificates and signed requests stop working with clocks that are far off
OLDEST_PYTHON = (3, 11)
SMALLEST_SCREEN = (60, 20)


async def check_machine(ports: Ports, machine: MachinePort, *, offline: bool = False) -> Report:
    """Everything that a deploy needs of this machine; what is asked of the network is asked at once, and `offline` not
    at all."""
    if offline:
        hub, modal, update = [Check("network", "ok", "not checked (--offline)")], list[Check](), list[Check]()
        tokens, keyring = await gather_or_cancel(_tokens_here(ports), _keyring(ports))
    else:
        everything = gather_or_cancel(_hub(ports.hub, machine), _tokens(ports), _keyring(ports), _modal(ports, machine))
        (hub, tokens, keyring, modal), update = await gather_or_cancel(everything, _update(ports, machine))
    return Report(
        (
            _python(machine),
            *update,
            *_libraries(machine),
            *_variables(machine),
            *hub,
            *_trust(ports.hub),
            *tokens,
            keyring,
            *modal,
            _terminal(machine),
        )
    )


def _python(machine: MachinePort) -> Check:
    version = ".".join(map(str, machine.python))
    if machine.python[:2] < OLDEST_PYTHON:
        return Check("python", "failed", f"Python {version} is too old.", "Use Python 3.11 or newer.")
    return Check("python", "ok", f"Python {version}")


async def _update(ports: Ports, machine: MachinePort) -> list[Check]:
    """A newer version of this program, where there is one; nothing is asked in a demo."""
    newer = None if ports.rehearsal else await machine.newer_version()
    if newer is None:
        return []
    message = f"Version {newer} of outlines-wizard is available."
    return [Check("update", "warning", message, "pip install --upgrade outlines-wizard")]


def _libraries(machine: MachinePort) -> list[Check]:
    checks = []
    libraries = machine.libraries()
    for library in libraries:
        if library.only_rehearsal:
            continue
        name = f"library {library.name}"
        if library.version is None:
            checks.append(
                Check(name, "failed", "It is not installed.", f"pip install '{library.name}{library.required}'")
            )
        elif not library.fits:
            message = f"Version {library.version} is installed; {library.required} is needed."
            checks.append(Check(name, "failed", message, f"pip install --upgrade '{library.name}{library.required}'"))
        else:
            checks.append(Check(name, "ok", f"version {library.version}"))
    missing = [library.name for library in libraries if library.only_rehearsal and library.version is None]
    if missing:
        message = f"{', '.join(missing)} not installed: needed for the demo, not to deploy."
        checks.append(Check("rehearsal", "warning", message, "pip install 'outlines-wizard[local]'"))
    else:
        checks.append(Check("rehearsal", "ok", "everything it needs is installed"))
    return checks


def _variables(machine: MachinePort) -> list[Check]:
    hint = "Correct it or unset it: other programs on this computer will fail on it."
    return [
        Check(f"variable {each.name}", "warning", f"It cannot be used: {each.why}.", hint)
        for each in machine.ignored_variables
    ]


async def _hub(hub: HubPort, machine: MachinePort) -> list[Check]:
    if (wrong := read_endpoint(hub.endpoint).wrong) is not None:
        why, remedy = WORDS[wrong]
        return [Check("network to the Hub", "failed", f"{hub.endpoint} cannot be reached: {why}.", remedy)]
    reach = await machine.check_reachability(hub.endpoint, by_http=True)
    if reach.unreachable is not None:
        why, remedy = WORDS[reach.unreachable]
        return [Check("network to the Hub", "failed", f"{hub.endpoint} cannot be reached: {why}.", remedy)]
    checks = [Check("network to the Hub", "ok", f"{hub.endpoint} answers")]
    if reach.status is not None and reach.status >= 500:
        message = f"{hub.endpoint} returned status {reach.status}: it is down."
        hint = "Check https://status.huggingface.co and try again later."
        checks = [Check("network to the Hub", "failed", message, hint)]
    if reach.offset is None:
        return checks
    if abs(reach.offset) > MOST_SKEW:
        way = "ahead of" if reach.offset > 0 else "behind"
        message = f"The clock is {abs(reach.offset):.0f} s {way} the Hub's."
        return [*checks, Check("clock", "failed", message, "Set the clock: certificates and logins depend on it.")]
    return [*checks, Check("clock", "ok", "in sync with the Hub")]


def _trust(hub: HubPort) -> list[Check]:
    if hub.is_trusted or read_endpoint(hub.endpoint).wrong is not None:  # nothing is asked there at all
        return []
    message = f"Your access token is not sent to {hub.endpoint}: you haven't marked it as trusted."
    hint = f"If you trust it with your access token: --trust-endpoint {hub.endpoint}, or config.toml ([hub] trusted)."
    return [Check("access token, Hub", "warning", message, hint)]


async def _tokens(ports: Ports) -> list[Check]:
    findings = await list_tokens(ports)
    winner = next((finding for finding in findings if finding.wins), None)
    if winner is None:
        return [_no_token(), *_unused(findings)]
    source = winner.candidate.source
    if winner.state == "ready" and winner.account is not None:
        message = f"{source} wins: {winner.account.user}, {winner.account.role or winner.account.kind}"
        checks = [Check("access token", "ok", message)]
        if winner.account.role == "fineGrained" and winner.account.can_read_gated is False:
            message = f"The access token from {source} can't read gated models."
            checks.append(Check("access token, gated", "warning", message, "Enable that permission in its settings."))
        if winner.lasting is False:
            message = f"The access token from {source} expires on its own: don't put it in a Modal Secret."
            checks.append(
                Check("access token, lasting", "warning", message, "Create a personal access token for deploys.")
            )
    elif winner.state in ("hub_unreachable", "rate_limited"):
        message = f"{source} wins, but the Hub could not be reached to check it."
        checks = [Check("access token", "warning", message, "Run this again later.")]
    else:
        wrong = winner.candidate.wrong or f"the Hub reports: {winner.state.replace('_', ' ')}"
        hint = "Replace it or unset it: with an invalid access token even public models fail."
        checks = [Check("access token", "failed", f"The access token from {source} wins, and {wrong}.", hint)]
    return checks + _unused(findings)


async def _tokens_here(ports: Ports) -> list[Check]:
    """What this machine alone can tell of its access tokens: whether one is there, and has the right form."""
    findings = await list_tokens(ports, offline=True)
    winner = next((finding.candidate for finding in findings if finding.wins), None)
    if winner is None:
        return [_no_token(), *_unused(findings)]
    if winner.wrong:
        hint = "Replace it or unset it: with an invalid access token even public models fail."
        return [
            Check(
                "access token", "failed", f"The access token from {winner.source} cannot be used. {winner.wrong}", hint
            )
        ]
    return [Check("access token", "ok", f"{winner.source} wins; not checked with the Hub"), *_unused(findings)]


def _no_token() -> Check:
    hint = "Gated and private models need one: `hf auth login`, or `outlines-wizard token set`."
    return Check("access token", "warning", "There is none on this computer.", hint)


def _unused(findings: Sequence[TokenRecord]) -> list[Check]:
    """Access tokens that are there and win nowhere; and one that works while the winner does not."""
    checks = []
    better = hidden_better(findings)
    if better is not None:
        message = f"One that works is hidden by one that doesn't: {better.candidate.source}."
        checks.append(Check("access token, hidden", "warning", message, "Unset the one that wins."))
    for finding in findings:
        if not finding.wins and finding is not better and finding.candidate.note:
            message = f"{finding.candidate.source}: {finding.candidate.note}."
            checks.append(Check("access token, unused", "ok", message))
    return checks


async def _keyring(ports: Ports) -> Check:
    probe = await ports.keyring.probe()
    if probe.state == "ready":
        return Check("keyring", "ok", f"{probe.backend} stores secrets")
    if ports.rehearsal:
        return Check("keyring", "ok", "not used in the demo")
    message, hint = SENTENCES[probe.state]
    return Check("keyring", "warning", message, hint)


async def _modal(ports: Ports, machine: MachinePort) -> list[Check]:
    try:
        workspace = await ports.modal.connect()
    except Problem as problem:
        reach = await machine.check_reachability(machine.modal_address, by_http=False)
        network = Check("network to Modal", "ok", f"{machine.modal_address} answers")
        if reach.unreachable is not None:
            message = f"{machine.modal_address} cannot be reached: {WORDS[reach.unreachable][0]}."
            network = Check("network to Modal", "failed", message, "Check the connection, and any firewall or proxy.")
        return [network, Check(MODAL_SIGN_IN, "failed", problem.message, problem.hint)]
    message = f"workspace {workspace.name}, environment {workspace.environment}"
    return [Check("network to Modal", "ok", f"{machine.modal_address} answers"), Check(MODAL_SIGN_IN, "ok", message)]


def _terminal(machine: MachinePort) -> Check:
    terminal = machine.terminal()
    if not terminal.is_one or terminal.kind == "dumb":
        message = "No terminal for the full-screen wizard; every command works without one."
        return Check("terminal", "warning", message, "Use `outlines-wizard deploy --help`, or another terminal.")
    size = f"{terminal.columns}×{terminal.lines}"
    if terminal.columns < SMALLEST_SCREEN[0] or terminal.lines < SMALLEST_SCREEN[1]:
        return Check(
            "terminal", "warning", f"{size} is small for the wizard.", "Make the window larger: 80×24 is good."
        )
    if not terminal.encoding.startswith("utf"):
        message = f"Its encoding is {terminal.encoding or 'unknown'}, not UTF-8."
        return Check("terminal", "warning", message, "Set LANG=C.UTF-8 or similar.")
    return Check("terminal", "ok", f"{size}, {terminal.kind or 'unknown kind'}")
