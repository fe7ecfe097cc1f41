"""Bringing in another access token: pasted, by browser login, or a better one that this machine already has."""

from __future__ import annotations

from textual import on
from textual.content import Content
from textual.widgets import Static

from wizard.core.access.verdicts import verdict_problem
from wizard.core.access.wire_rules import read_answer
from wizard.core.access_token import AccessToken
from wizard.core.problem import Problem
from wizard.flow.access.session_tokens import ask_whose, use_token
from wizard.flow.ports.credentials import Credential
from wizard.flow.ports.hub import Account, DeviceLogin, HubRefusal
from wizard.tui.background import run_exclusive
from wizard.tui.frame import StepScreen
from wizard.tui.screens.access.session_token import keyring_question
from wizard.tui.widgets.login_panel import LoginPanel
from wizard.tui.widgets.token_entry import TokenEntry


class TokenScreen(StepScreen):
    """A question at which another access token helps. It composes #entry, #login and #keyring, and `start`s again.

    `fresh` is the access token that came in here, and whose it is; `login` is a browser login that waits.
    """

    def __init__(self) -> None:
        super().__init__()
        self.better: Credential | None = None
        self.keepable: tuple[str, AccessToken] | None = None
        self.fresh: tuple[Account, AccessToken] | None = None
        self.login: DeviceLogin | None = None

    def start(self) -> None:
        """Look again from the beginning."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw everything again."""
        raise NotImplementedError

    def action_better(self) -> None:
        if self.better is not None:
            self._use(self.better)

    def _use(self, credential: Credential) -> None:
        job = self.wizard.session.job
        if job is not None:
            job.ports = use_token(job.ports, credential)
            self.wizard.ports = job.ports
            self.start()

    def action_paste(self) -> None:
        self.query_one("#entry", TokenEntry).ask()
        self.draw()

    @on(TokenEntry.PutAway)
    def _put_away(self) -> None:
        self.query_one("#entry", TokenEntry).put_away()
        self.query_one("#access-body").focus()
        self.draw()

    @on(TokenEntry.Entered)
    def _entered(self, event: TokenEntry.Entered) -> None:
        run_exclusive(self, "token", self._check_token, event.token, "your paste")

    async def _check_token(self, token: AccessToken, source: str) -> None:
        assert self.wizard.ports is not None
        entry = self.query_one("#entry", TokenEntry)
        try:
            account = await ask_whose(self.wizard.ports.hub, token, source)
        except Problem as problem:
            entry.say(problem.message, wrong=True)
            return
        self._put_away()
        self.fresh = (account, token) if account is not None else None
        self._use(Credential(token, source, "stdin"))

    async def offer_keyring(self, account: Account, token: AccessToken) -> None:
        assert self.wizard.ports is not None
        can, sentence = await keyring_question(self.wizard.ports.keyring)
        self.keepable = (account.user, token) if can else None
        self.query_one("#keyring", Static).update(Content(sentence))
        self.query_one("#keyring").set_class(can, "-asked")
        self.refresh_bindings()

    def action_keep(self) -> None:
        if self.keepable is not None:
            run_exclusive(self, "keep", self._keep, *self.keepable)

    async def _keep(self, user: str, token: AccessToken) -> None:
        assert self.wizard.ports is not None
        self.keepable = None
        said = self.query_one("#keyring", Static)
        try:
            await self.wizard.ports.keyring.save(self.wizard.ports.hub.account_hub.endpoint, user, token)
            said.update(Content(f"✓ Saved {user}'s access token in the OS keyring."))
        except Problem as problem:
            said.update(Content(f"Not saved: {problem.message}"))
        self.refresh_bindings()

    def action_login(self) -> None:
        run_exclusive(self, "token", self._log_in)

    async def _log_in(self) -> None:
        assert self.wizard.ports is not None
        hub, panel = self.wizard.ports.hub, self.query_one("#login", LoginPanel)
        try:
            self.login = await hub.start_login()
            panel.show(self.login)
            self.draw()
            token = await hub.finish_login(self.login)
        except HubRefusal as refusal:
            verdict = read_answer(refusal.answer, token_sent=False, token_known_good=False)
            problem = verdict_problem(verdict, model="the login", endpoint=hub.account_hub.endpoint)
            self.notify(problem.message, markup=False)
            return
        except Problem as problem:
            self.notify(f"{problem.message} {problem.hint}", severity="warning", markup=False)
            return
        finally:
            self.login = None
            panel.put_away()
            self.draw()
        await self._check_token(token, "the browser login")
