"""What stands beside the question about access: the gate in words, the access token, and who gets to see it."""

from __future__ import annotations

from wizard.flow.access.report import AccessReport
from wizard.tui.widgets.side_note import NoteSection

GATES = {
    "open": ("open", "Everyone can download it, without an access token."),
    "auto": ("gated, automatic", "Whoever accepts the authors' terms on the model's page can download it at once."),
    "manual": ("gated, by request", "You ask on the model's page, and the authors decide. That can take days."),
}
USED_FOR = (
    "It goes into a Modal Secret of your own. Only the download step reads it, without a GPU; the function that "
    "answers never sees it. It is never written to a file or to the app."
)
GATED = {True: "yes", False: "no"}


def access_note(report: AccessReport | None) -> list[NoteSection]:
    """The sections; none before the first verdict."""
    if report is None:
        return []
    sections = []
    for each in report.gates or (report,):
        if each.facts is None or each.facts.is_folder:
            continue
        word, meaning = GATES.get(each.facts.gate, ("not known", ""))
        lines = [("Model", each.model), ("Gate", word), ("Page", (each.problem and each.problem.url) or "")]
        sections.append(NoteSection("The gate", lines, meaning))
    credential, account = report.credential, report.account
    if credential is None:
        return [*sections, NoteSection("Your access token", words="There is none on this computer.")]
    lines = [("Token", credential.token.masked), ("Found in", credential.source)]
    if account is not None:
        can = GATED.get(account.can_read_gated, "") if account.can_read_gated is not None else ""
        lines += [("Belongs to", account.user), ("Role", account.role or "")]
        lines += [("Expires", account.expires_at or ""), ("Reads gated models", can)]
    lines += [("Sent to", ", ".join(report.token_sent_to) or "nobody yet")]
    return [*sections, NoteSection("Your access token", lines, USED_FOR)]
