"""The questions about the model: which one, whether it can be read, and what to do where it cannot."""

from __future__ import annotations

from contextlib import aclosing

from wizard.cli.lines.dialog import Choice, Question
from wizard.cli.lines.session import LineSession
from wizard.cli.output.layout import Exact
from wizard.core.access.endpoint_trust import trustworthy_form
from wizard.core.access.token_format import what_is_wrong
from wizard.core.access.verdicts import VERDICTS, Verdict, verdict_problem
from wizard.core.access.wire_rules import read_answer
from wizard.core.access_token import AccessToken
from wizard.core.models.model_info import read_model_name
from wizard.core.problem import ExitCode, Problem
from wizard.flow.access.session_tokens import ask_whose, use_token
from wizard.flow.access.wait import open_alternatives, wait_for_gate
from wizard.flow.configuration.trusted_endpoints import keep_trusted
from wizard.flow.models.search import search
from wizard.flow.ports.credentials import Credential
from wizard.flow.ports.hub import HubRefusal, ModelSummary

MOST = 8  # models that are listed at once
EXPLAINED = (
    "Type the number of a model in the list, a full org/model name or the address of its page, or words to search for. "
    "Gated models work too: whether your access token can read them is checked next."
)


async def ask_model(session: LineSession) -> None:
    """Which model; words are searched for, and what is found is listed. Ends when it can be read."""
    words = (session.suggested or "").split("/")[0] if session.ports.rehearsal else ""
    while True:
        rows = await _found(session, words)
        name = await session.dialog.ask(_question(session, rows, words), str)
        if "/" not in name:
            words = name
            continue
        try:
            named = read_model_name(name)
        except Problem as problem:
            session.dialog.say_problem(problem)
            continue
        session.decide(model=named.repo_id, revision=named.revision)
        if await _is_readable(session):
            return


async def _found(session: LineSession, words: str) -> list[ModelSummary]:
    try:
        rows = (await search(session.ports.hub, words, None))[:MOST]
        if words and not rows:
            session.dialog.say(f"Nothing on the Hub matches “{words[:60]}”. You can also type a full org/model name.")
        return rows
    except Problem as problem:
        session.dialog.say(f"{problem.message} You can still type a full org/model name.")
        if not session.ports.rehearsal:
            session.dialog.say("To try it without the Hub: q, and then", Exact("  outlines-wizard demo --plain"))
        return []


def _question(session: LineSession, rows: list[ModelSummary], words: str) -> Question:
    gates = {"auto": "gated, automatic approval", "manual": "gated, manual approval", "open": "open"}
    choices = [Choice(row.repo_id, f"{row.repo_id} ({gates.get(row.gate, row.gate)})") for row in rows]
    names = [row.repo_id for row in rows]
    default = session.job.draft.model or session.suggested
    if default and default not in names:
        choices.insert(0, Choice(default, default))
    found = f" Found for “{words}”:" if words and not session.ports.rehearsal else ""
    return Question(f"Which model do you want to use?{found}", choices, default, free=True, explanation=EXPLAINED)


async def _is_readable(session: LineSession) -> bool:
    """Whether the model can be read in the end; False for another model."""
    while True:
        job = session.job
        job.report = None
        problem = await session.run("model", "access", "token")
        if problem is None:
            return True  # and what is worth knowing of it has been said
        if problem.exit_code is ExitCode.USAGE:
            return False
        if not await _way_on(session, problem):
            return False


async def _way_on(session: LineSession, problem: Problem) -> bool:
    """What to do about a model that cannot be read; False for another model."""
    report = session.job.report
    choices = [Choice("again", "Check again"), Choice("token", "Use another access token")]
    choices.append(Choice("login", "Log in with a code in a browser"))
    default = "token" if problem.exit_code is ExitCode.CREDENTIALS else "other"
    if report is not None and report.credential is not None and VERDICTS[report.verdict].may_open:
        choices.insert(0, Choice("wait", "Wait here until access is granted or refused"))
        default = "again"
    if report is not None and report.verdict is Verdict.ENDPOINT_NOT_TRUSTED and trustworthy_form(report.endpoint):
        choices.append(Choice("trust", f"Trust {report.endpoint} with your access token, now and later"))
    if problem.exit_code is ExitCode.GATE_CLOSED and report is not None and report.facts is not None:
        others = await open_alternatives(session.ports.hub, report.facts, report.credential)
        choices += [Choice(each.repo_id, f"Use {each.repo_id}, an open model of similar size") for each in others]
    choices.append(Choice("other", "Choose another model"))
    explanation = f"{problem.hint} {problem.url or ''}".strip()
    answer = await session.dialog.ask(Question("What now?", choices, default, explanation=explanation), str)
    match answer:
        case "other":
            return False
        case "token":
            await _other_token(session)
        case "login":
            await _log_in(session)
        case "wait":
            await _wait(session)
        case "trust":
            session.ports.hub.trust()
            if not session.ports.rehearsal:
                session.dialog.say(f"Saved in `{keep_trusted(session.ports.hub.endpoint)}`.")
        case "again":
            pass
        case model:
            session.decide(model=model, revision=None)
    return True


async def _other_token(session: LineSession) -> None:
    """An access token that is typed or piped in; it wins for this session and is not kept on this computer."""
    text = await session.dialog.ask_secret("Access token (not shown)")
    if wrong := what_is_wrong(text):
        session.dialog.say(f"That is not an access token. {wrong}")
        return
    await _use(session, AccessToken(text), "your input")


async def _log_in(session: LineSession) -> None:
    """An access token from a login in a browser."""
    hub = session.ports.hub
    try:
        login = await hub.start_login()
        session.dialog.say("Open this page and enter the code:", Exact(f"  {login.url_with_code}"))
        session.dialog.say(f"  {login.user_code}", "Waiting for the browser. Ctrl-C stops.")
        token = await hub.finish_login(login)
    except HubRefusal as refusal:
        verdict = read_answer(refusal.answer, token_sent=False, token_known_good=False)
        session.dialog.say(verdict_problem(verdict, model="the login", endpoint=hub.account_hub.endpoint).message)
        return
    except Problem as problem:
        session.dialog.say_problem(problem)
        return
    await _use(session, token, "the browser login")


async def _use(session: LineSession, token: AccessToken, source: str) -> None:
    """Let an access token win, once a Hub knows it."""
    try:
        account = await ask_whose(session.ports.hub, token, source)
    except Problem as problem:
        session.dialog.say(problem.message)
        return
    session.job.ports = use_token(session.ports, Credential(token, source, "stdin"))
    session.dialog.say(f"Using the access token of {account.user}." if account else "Using that access token.")


async def _wait(session: LineSession) -> None:
    report = session.job.report
    if report is None or report.credential is None:
        return
    session.dialog.say("Waiting for access. Ctrl-C stops waiting and changes nothing.")
    async with aclosing(wait_for_gate(session.ports.hub, report, report.credential)) as reports:
        async for fresh in reports:
            session.dialog.say(f"Now: {fresh.verdict.value.replace('_', ' ')}.")
