"""`token show`, `token set` and `token forget`: the access tokens on this machine, and the one in the OS keyring."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.output.layout import Block, Exact, Paragraph
from wizard.core.access.keyring_state import keyring_problem
from wizard.core.access.verdicts import new_token_page, verdict_problem
from wizard.core.access.wire_rules import read_answer
from wizard.core.access_token import AccessToken
from wizard.core.events import SignInWaiting
from wizard.core.models.model_info import read_model_name
from wizard.core.problem import ExitCode, Problem
from wizard.flow.access.token_inventory import TokenRecord, hidden_better, list_tokens
from wizard.flow.ports.credentials import KeyringProbe
from wizard.flow.ports.hub import Account, HubRefusal
from wizard.flow.ports.services import Ports

SUMMARY = "Access tokens on this machine; the one in the OS keyring."
ORDER = 30

MACOS = (
    "macOS will ask whether Python may use the entry “outlines-wizard” of your keychain, and for your login password: "
    "“Always Allow” keeps it from asking again."
)


@click.group("token")
def token() -> None:
    """Access tokens on this machine, and the one in the OS keyring.

    \b
    outlines-wizard token show --model mistralai/Mistral-7B-Instruct-v0.2
    outlines-wizard token set < token.txt
    """


@command("show", short_help="Every access token on this machine, masked; which one wins, and why.")
@click.option("--model", metavar="ORG/NAME", help="Say which of them can read this model.")
async def show(context: CommandContext, model: str | None) -> int:
    """List every access token that is already on this machine, in the order in which they win."""
    name = read_model_name(model) if model else None
    async with context.services() as ports:
        findings = await list_tokens(ports, name.repo_id if name else None, name.revision if name else None)
        keyring = await ports.keyring.probe()
        endpoint = ports.hub.account_hub.endpoint
    better = hidden_better(findings)
    data = {
        "endpoint": endpoint,
        "tokens": [finding.to_mapping() for finding in findings],
        "winner": next((f.candidate.source for f in findings if f.wins), None),
        "keyring": vars(keyring),
        "hint": _better_hint(better) if better else "",
    }
    context.reporter.result(data, _blocks(findings, name.repo_id if name else None, endpoint, keyring))
    return 0


def _blocks(findings: list[TokenRecord], model: str | None, endpoint: str, keyring: KeyringProbe) -> Iterator[Block]:
    for finding in findings:
        yield from _token(finding, model)
    if not findings:
        yield Paragraph("There is no access token on this computer. Create one:")
        yield Exact(f"    {new_token_page(endpoint)}", "command")
    if better := hidden_better(findings):
        yield Paragraph(_better_hint(better), "  → ", "command")
    state = f"{keyring.state}{f': {keyring.detail}' if keyring.detail else ''}"
    yield Paragraph(f"OS keyring: {keyring.backend}, {state}")


def _better_hint(better: TokenRecord) -> str:
    return (
        f"The access token that wins doesn't work and hides one that does: {better.candidate.source}. Unset or "
        "replace the first one."
    )


def _token(finding: TokenRecord, model: str | None) -> Iterator[Block]:
    candidate, account = finding.candidate, finding.account
    masked = candidate.token.masked if candidate.token else "—"
    who = f"{account.user}, {account.role or account.kind}" if account else finding.state.replace("_", " ")
    head = f"{'●' if finding.wins else '○'} {candidate.source}  "
    yield Paragraph(
        f"{masked}  {who}{'  ← wins' if finding.wins else ''}", head, "good" if finding.wins else "quiet", 4
    )
    for text in (candidate.wrong, candidate.note):
        if text:
            yield Paragraph(text, "    ")
    if finding.lasting is False:
        yield Paragraph("expires within 30 days: not for a Modal Secret", "    ", text_style="warning")
    if model and finding.model:
        yield Paragraph(f"{model}: {finding.model.value.replace('_', ' ')}", "    ")


@command("set", short_help="Keep an access token in the OS keyring.")
@click.option("--browser", is_flag=True, help="Log in with a code in a browser instead of pasting an access token.")
async def set_token(context: CommandContext, browser: bool) -> int:
    """Read an access token from standard input (on a terminal without echo), check it, keep it in the OS keyring."""
    async with context.services() as ports:
        if sys.platform == "darwin":
            context.reporter.note(MACOS)
        await _require_keyring(ports)
        value = await _log_in(context, ports) if browser else await _from_input(ports)
        account = await _check(ports, value)
        await ports.keyring.save(ports.hub.account_hub.endpoint, account.user, value)
        notes = _advice(account, ports.hub.account_hub.endpoint)
        data = {
            "user": account.user,
            "role": account.role,
            "kind": account.kind,
            "masked": value.masked,
            "notes": notes,
        }
        line = Paragraph(f"The access token {value.masked} of {account.user} is in the OS keyring.", "✓ ", "good")
        context.reporter.result({"event": "TokenSaved"} | data, [line, *(Paragraph(note, "  ") for note in notes)])
        context.finished(rehearsal=ports.rehearsal)
    return 0


async def _require_keyring(ports: Ports) -> None:
    """Prove that the keyring works, before anybody pastes anything. Raises Problem."""
    probe = await ports.keyring.probe()
    if probe.state != "ready":
        raise keyring_problem(probe.state)


async def _from_input(ports: Ports) -> AccessToken:
    found = await ports.tokens.find("stdin")
    assert found is not None  # reading standard input raises when there is none
    return found.token


async def _log_in(context: CommandContext, ports: Ports) -> AccessToken:
    try:
        login = await ports.hub.start_login()
    except HubRefusal as refusal:
        verdict = read_answer(refusal.answer, token_sent=False, token_known_good=False)
        raise verdict_problem(verdict, model="the login", endpoint=ports.hub.account_hub.endpoint) from refusal
    if context.as_json:
        context.reporter.event(SignInWaiting("token", login.url_with_code, login.user_code))
    minutes = f"{login.expires_in / 60:.0f} minutes"
    context.reporter.note(
        "Open this page and enter the code:",
        Exact(f"    {login.url_with_code}", "command"),
        Exact(f"    {login.user_code}   (valid for {minutes})", "title"),
    )
    return await ports.hub.finish_login(login)


async def _check(ports: Ports, value: AccessToken) -> Account:
    try:
        return await ports.hub.whoami(value)
    except HubRefusal as refusal:
        verdict = read_answer(refusal.answer, token_sent=True, token_known_good=False)
        problem = verdict_problem(
            verdict, model="the Hub", endpoint=ports.hub.account_hub.endpoint, source="standard input"
        )
        raise problem from refusal


def _advice(account: Account, endpoint: str) -> list[str]:
    notes = []
    if account.kind != "access_token":
        notes.append(
            f"It expires within 30 days: a Modal Secret needs one that doesn't, from {new_token_page(endpoint)}"
        )
    if account.role == "write":
        notes.append(
            f"It can also write: a fine-grained one that only reads is enough, from {new_token_page(endpoint)}"
        )
    if account.role == "fineGrained" and account.can_read_gated is False:
        notes.append("It can't read gated models: enable that permission in its settings to use it for them.")
    return notes


@command("forget", short_help="Delete an access token from the OS keyring.")
@click.option("--user", metavar="NAME", help="Whose (default: the latest).")
async def forget(context: CommandContext, user: str | None) -> int:
    """Delete an access token from the OS keyring; other places on this machine keep theirs."""
    async with context.services() as ports:
        await _require_keyring(ports)  # one that does not open may hold it anyway
        endpoint = ports.hub.account_hub.endpoint
        users = [name for name, _ in await ports.keyring.entries(endpoint)]
        chosen = user or (users[0] if users else None)
        if chosen is None or not await ports.keyring.forget(endpoint, chosen):
            raise Problem(
                "no_keyring_entry",
                f"The OS keyring has no access token {f'of {user} ' if user else ''}for {endpoint}.",
                f"It has those of {', '.join(users)}." if users else "There is nothing to forget.",
                exit_code=ExitCode.USAGE,
            )
    blocks = [
        Paragraph(f"The access token of {chosen} was removed from the OS keyring.", "✓ ", "good"),
        Paragraph(f"It is still valid: revoke it at {endpoint}/settings/tokens", "  "),
    ]
    context.reporter.result({"event": "TokenForgotten", "user": chosen, "endpoint": endpoint}, blocks)
    context.finished()
    return 0


for _command in (show, set_token, forget):
    token.add_command(_command)
