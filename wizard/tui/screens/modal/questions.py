"""What may be decided about Modal: the environment, and what is done with a Modal Secret that somebody else made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual import on
from textual.widget import Widget

from wizard.core.plan.names import SECRET_NAME, check_name
from wizard.core.problem import Problem, usage
from wizard.flow.ports.modal import SecretState
from wizard.tui.background import run_exclusive
from wizard.tui.frame import StepScreen
from wizard.tui.widgets.choice_panel import Choice, ChoicePanel

NAMES = "Letters, digits, dashes, periods and underscores; at most 63."
FOREIGN = (
    Choice("use", "Use it as it is; nothing is written to it"),
    Choice("replace", "Replace the access token in it"),
    Choice("name", "Use a Modal Secret with another name", asks_name=True),
)
NEW = Choice("", "New environment…", asks_name=True)


class ModalQuestions(StepScreen):
    """Asks, and keeps the answers. `secret` is None until it has been looked at, or when none is needed."""

    def __init__(self) -> None:
        super().__init__()
        self.secret: SecretState | None = None
        self._settled: set[tuple[str, str]] = set()  # Modal Secrets that the person has decided about
        self._environments: list[str] = []

    def start(self) -> None:
        """Look again from the beginning."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw everything again."""
        raise NotImplementedError

    def questions(self) -> Iterable[Widget]:
        """The panels, hidden until they are asked."""
        yield ChoicePanel(
            id="about-secret",
            title="What should happen to this Modal Secret? Press Enter to choose.",
            tooltip="What should happen to this Modal Secret. Enter chooses.",
            placeholder="name of the Modal Secret",
            name_id="secret-name",
            name_help=f"Press Enter to check whether it exists. {NAMES}",
        )
        yield ChoicePanel(
            id="about-environment",
            title="Which environment? Each has its own apps, Secrets and Volumes. Press Enter to choose.",
            tooltip="The environment to deploy to. Enter chooses.",
            placeholder="name of the new environment",
            name_id="environment-name",
            name_help=f"Press Enter to create it now; it costs nothing. {NAMES}",
        )

    @property
    def secret_name(self) -> str:
        """The Modal Secret that the function is going to read."""
        return self.wizard.session.draft.secret or SECRET_NAME

    @property
    def environment(self) -> str:
        """The environment in use; empty until Modal has said which."""
        return self.wizard.session.environment or ""

    @property
    def must_decide(self) -> bool:
        """Whether the Modal Secret is somebody else's, and nothing has been said about it."""
        return self.secret == "foreign" and (self.environment, self.secret_name) not in self._settled

    def _panel(self, about: str) -> ChoicePanel:
        return self.query_one(f"#about-{about}", ChoicePanel)

    def put_away(self) -> None:
        """Hide the questions; nothing is changed by that."""
        for panel in self.query(ChoicePanel):
            panel.put_away()
        self.query_one("#modal-body").focus()
        self.draw()

    @on(ChoicePanel.PutAway)
    async def _left(self, event: ChoicePanel.PutAway) -> None:
        if event.panel.id == "about-secret" and self.must_decide:
            await self.wizard.action_back()
            return
        self.put_away()
        if self.must_decide:
            self.ask_about_secret()

    # --- a Modal Secret of somebody else --------------------------------------------------------------------------

    def ask_about_secret(self) -> None:
        """What is done with it, or which other one is used."""
        replaces = self.secret == "foreign" and self.wizard.session.options.replace_secret
        self._panel("environment").put_away()
        self._panel("secret").ask(FOREIGN if self.secret == "foreign" else FOREIGN[2:], 1 if replaces else 0)
        self.draw()

    @on(ChoicePanel.Chosen, "#about-secret")
    def _secret_chosen(self, event: ChoicePanel.Chosen) -> None:
        if type(event) is not ChoicePanel.Chosen:
            return
        self._wish(replace_secret=event.choice == "replace")
        self._settled.add((self.environment, self.secret_name))
        self.put_away()

    @on(ChoicePanel.Named, "#about-secret")
    def _secret_named(self, event: ChoicePanel.Named) -> None:
        if not _is_good("The Modal Secret", event):
            return
        self.wizard.session.decide("secret", secret=event.choice)
        self._wish(replace_secret=False)
        self.put_away()
        self.start()

    def _wish(self, *, replace_secret: bool) -> None:
        session = self.wizard.session
        session.options = replace(session.options, replace_secret=replace_secret)
        if session.job is not None:
            session.job.options = session.options

    # --- the environment ------------------------------------------------------------------------------------------

    def action_environment(self) -> None:
        run_exclusive(self, "environments", self._ask_about_environment)

    async def _ask_about_environment(self) -> None:
        assert self.wizard.ports is not None
        try:
            self._environments = names = await self.wizard.ports.modal.environments()
        except Problem as problem:
            self.notify(f"{problem.message} {problem.hint}".strip(), severity="warning", markup=False)
            return
        self._panel("secret").put_away()
        here = self.environment
        choices = [Choice(name, f"{name} · in use" if name == here else name) for name in names]
        self._panel("environment").ask([*choices, NEW], names.index(here) if here in names else 0)
        self.draw()

    @on(ChoicePanel.Chosen, "#about-environment")
    def _environment_chosen(self, event: ChoicePanel.Chosen) -> None:
        if type(event) is ChoicePanel.Chosen:
            self._use(event.choice)

    @on(ChoicePanel.Named, "#about-environment")
    def _environment_named(self, event: ChoicePanel.Named) -> None:
        if _is_good("The environment", event):
            self._use(event.choice)

    def _use(self, name: str) -> None:
        if name == self.environment:
            self.put_away()
        else:
            run_exclusive(self, "environment", self._use_environment, name)

    async def _use_environment(self, name: str) -> None:
        assert self.wizard.ports is not None
        panel, make = self._panel("environment"), name not in self._environments
        panel.say("Creating it…" if make else "Asking Modal…")
        try:
            await self.wizard.ports.modal.use_environment(name, create=make)
        except Problem as problem:
            panel.add_class("-naming")
            panel.say(f"{problem.message} {problem.hint}".strip(), wrong=True)
            return
        self.wizard.session.forget("modal")
        self.put_away()
        self.start()


def _is_good(what: str, event: ChoicePanel.Named) -> bool:
    """Whether the name can be one; what is wrong with it is said under the field."""
    try:
        if not event.choice:
            raise usage("name_invalid", "Nothing typed yet.", NAMES)
        check_name(what, event.choice)
    except Problem as problem:
        event.panel.say(f"{problem.message} {problem.hint}", wrong=True)
        return False
    return True
