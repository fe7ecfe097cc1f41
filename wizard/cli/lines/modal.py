"""The questions about Modal: signing in, and a Modal Secret that somebody else has made."""

from __future__ import annotations

from dataclasses import replace

from wizard.cli.lines.dialog import Choice, Question, WentBack
from wizard.cli.lines.session import LineSession
from wizard.core.plan.names import SECRET_NAME, check_name
from wizard.flow.deploy.discovery import MODAL_SIGN_IN_HELPS


async def ask_modal(session: LineSession) -> None:
    """Prove the sign-in; what is asked is only what stands in the way. Raises WentBack where nothing can be done."""
    while (problem := await session.run("modal")) is not None:
        choices = [Choice("again", "Check again"), Choice("back", "Go back")]
        if problem.code in MODAL_SIGN_IN_HELPS:
            choices.insert(0, Choice("sign-in", "Sign in with a browser"))
        explanation = "Modal runs your function. Signing in opens a page of Modal, where you approve this computer."
        question = Question("Modal is not ready. What now?", choices, choices[0].value, explanation=explanation)
        answer = await session.dialog.ask(question, str)
        if answer == "back":
            raise WentBack
        session.job.options = replace(session.job.options, may_sign_in=answer == "sign-in")
    await _ask_secret(session)


async def _ask_secret(session: LineSession) -> None:
    """What becomes of a Modal Secret of that name that this program did not create."""
    job = session.job
    if job.facts is None or not job.facts.needs_token:
        return
    credential = job.report.credential if job.report is not None else None
    fingerprint = credential.token.fingerprint if credential is not None else None
    while await session.ports.modal.secret_state(job.draft.secret or SECRET_NAME, fingerprint) == "foreign":
        name = job.draft.secret or SECRET_NAME
        choices = [
            Choice("use", "Use it as is"),
            Choice("replace", "Replace its access token"),
            Choice("name", "Create another one"),
        ]
        text = f"A Modal Secret called {name} exists, and outlines-wizard didn't create it. What do you want to do?"
        explanation = "The download step reads your access token from a Modal Secret. Nothing is written yet."
        match await session.dialog.ask(Question(text, choices, "use", explanation=explanation), str):
            case "name":
                question = Question("Name of the new Modal Secret", default=f"{SECRET_NAME}-2")
                session.decide(secret=await session.dialog.ask(question, _name))
            case answer:
                job.options = replace(job.options, replace_secret=answer == "replace")
                return


def _name(text: str) -> str:
    check_name("The Modal Secret", text)
    return text
