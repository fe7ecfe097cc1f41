"""What the structured-output backends make of the output type: a few lines under the editor, all of it on a key."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from wizard.core.access_token import clean_line
from wizard.core.lint.report import LintReport, Proposal, by_place
from wizard.core.output.output_type import OutputType
from wizard.core.problem import Problem
from wizard.core.schema.finding import Finding
from wizard.core.schema.nodes import parse_pointer
from wizard.tui.widgets.output.panel import OutputPanel
from wizard.tui.widgets.schema_area import line_of

SIGNS = {"error": ("✗", "$error"), "warning": ("!", "$warning"), "note": ("·", "$quiet")}
ORDER = ("error", "warning", "note")
LONGEST = 220  # characters of one finding
LINT_SECONDS = 0.6  # after the last check, before the structured-output backends are asked


def ordered(report: LintReport) -> list[Finding]:
    """Findings about the chosen backend, or about all where none enforces everything; the gravest first."""
    findings = report.about(report.chosen) if report.is_enforced else report.findings
    return sorted(by_place(findings), key=lambda finding: ORDER.index(finding.severity))


def line_of_finding(finding: Finding, typed: str) -> int | None:
    """The line of the schema that a finding is about, counted from one; None when it cannot be told."""
    keys = parse_pointer(finding.path)
    path = [int(key) if key.isdigit() else key for key in keys]
    if finding.keyword and not (keys and keys[-1] == finding.keyword):
        at = line_of(typed, [*path, finding.keyword])
        if at is not None:
            return at
    return line_of(typed, path) if path else None


def _said(finding: Finding, typed: str) -> Content:
    glyph, colour = SIGNS[finding.severity]
    line = line_of_finding(finding, typed)
    where = f"line {line}: " if line else ""
    return Content.assemble((f"{glyph} ", colour), clean_line(where + finding.message, LONGEST))


def in_one_line(report: LintReport) -> tuple[str, str, str]:
    """The whole report in a glyph, a sentence and a colour."""
    summary = report.output.summary
    if report.output.form == "none":
        return "·", f"{summary}: nothing is enforced", "$quiet"
    if report.is_enforced and report.says_nothing:
        return "!", f"{summary}: the schema allows any answer, so nothing is enforced", "$warning"
    if report.is_enforced and report.misspelled_keywords:
        words = " and ".join(dict.fromkeys(report.misspelled_keywords))
        return "!", f"{summary}: {report.chosen} accepts it, but does not enforce {words}", "$warning"
    if report.is_enforced:
        tokens = f", up to {report.max_tokens} tokens" if report.max_tokens else ""
        return "✓", f"{summary}: every rule is enforced ({report.chosen}{tokens})", "$success"
    who = f"{report.chosen} doesn't" if report.chosen else "no structured-output backend can"
    return "✗", f"{summary}: {who} enforce every rule", "$error"


class LintView(Static):
    """Empty until there is a report. `report` is what it shows."""

    def __init__(self) -> None:
        super().__init__(id="lint", markup=False)
        self.report: LintReport | None = None
        self._typed = ""

    def show(self, report: LintReport | None, typed: str = "") -> None:
        """Show a report about what is `typed`; None while a new one is made."""
        self.report, self._typed = report, typed
        self.draw()

    def draw(self) -> None:
        """Draw as many findings as there is room for."""
        report = self.report
        if report is None:
            self.update("")
            return
        grave = [each for each in ordered(report) if each.severity != "note"]
        most = 8 if self.screen.has_class("-wide") else 1 if self.screen.has_class("-short") else 2
        parts = [_said(each, self._typed) for each in grave[:most]]
        parts += [Content.assemble(("! ", "$warning"), clean_line(note, LONGEST)) for note in report.prompt_notes[:1]]
        hidden = len(ordered(report)) - min(most, len(grave)) + max(0, len(report.prompt_notes) - 1)
        if report.proposals:
            parts.append(Content.styled("→ Press f3 to see a fix", "$primary"))
        elif hidden:
            parts.append(Content.styled(f"  {hidden} more: press f3", "$quiet"))
        self.update(Content("\n").join(parts))

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)


async def show_report(panel: OutputPanel, view: LintView, output: OutputType, linting: Awaitable[LintReport]) -> bool:
    """Show what the schema check says of `output`, which `panel` edits. False where nothing came of it, or where the
    person has typed on meanwhile."""
    typed = panel.typed
    try:
        report = await linting
    except Problem as problem:
        panel.say("✗", f"{problem.message} {problem.hint}".strip(), "$error")
        return False
    if panel.output != output:
        return False
    view.show(report, typed)
    panel.say(*in_one_line(report))
    panel.show_findings(ordered(report))
    grave = next((each for each in ordered(report) if each.severity == "error"), None)
    panel.mark(line_of_finding(grave, typed) if grave is not None else None)
    return True


class LintScreen(ModalScreen[Proposal | None]):
    """The whole report. A number takes the change that it stands for, Escape leaves everything as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f3,q", "dismiss(None)", "Close", id="lint.close", tooltip="Close; nothing is changed"),
        *(Binding(str(n), f"take({n - 1})", show=False, id=f"lint.take.{n}") for n in range(1, 10)),
    ]
    CSS = """
    LintScreen { align: center middle; background: $background 60%; }
    LintScreen > Vertical { width: 90%; max-width: 110; height: 85%; border: round $primary; padding: 0 1; }
    LintScreen > Vertical { background: $surface; border-title-align: left; }
    LintScreen VerticalScroll { height: 1fr; }
    LintScreen .keys { height: 1; color: $primary; text-style: bold; }
    """

    def __init__(self, report: LintReport, typed: str) -> None:
        super().__init__()
        self.report, self._typed = report, typed

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Schema check"
            with VerticalScroll() as body:
                body.tooltip = "Everything the check found. Arrow keys scroll."
                yield Static(self._whole(), markup=False)
            many = len(self.report.proposals)
            takes = "" if not many else "1: apply the fix · " if many == 1 else f"1-{min(many, 9)}: apply a fix · "
            yield Static(f"{takes}Esc: close", classes="keys", markup=False)

    def _whole(self) -> Content:
        report = self.report
        glyph, sentence, colour = in_one_line(report)
        parts = [Content.assemble((f"{glyph} ", colour), clean_line(sentence))]
        parts.append(Content.styled(f"tokenizer: {clean_line(report.tokenizer)}", "$quiet"))
        for finding in ordered(report):
            parts.append(_said(finding, self._typed))
            if finding.counter_example is not None:
                example = clean_line(finding.counter_example, LONGEST)
                parts.append(Content.styled(f"    {example}", "$quiet"))
        for number, proposal in enumerate(report.proposals[:9], 1):
            parts.append(Content(""))
            parts.append(Content.styled(f"{number}  {clean_line(proposal.title)}", "bold $primary"))
            parts.append(Content.styled(f"   {clean_line(proposal.why)}", "$quiet"))
            parts += [_diff_line(line) for line in proposal.diff.splitlines()[2:]]
        if report.max_tokens_why:
            parts += [Content(""), Content(f"Tokens: {clean_line(report.max_tokens_why, 600)}")]
        parts += [Content.assemble(("! ", "$warning"), clean_line(note, 400)) for note in report.prompt_notes]
        parts += [Content.styled(f"· {clean_line(note, 400)}", "$quiet") for note in report.notes]
        return Content("\n").join(parts)

    def action_take(self, index: int) -> None:
        if index < len(self.report.proposals):
            self.dismiss(self.report.proposals[index])


def _diff_line(line: str) -> Content:
    colour = {"+": "$success", "-": "$error", "@": "$quiet"}.get(line[:1], "")
    return Content.styled("   " + line.rstrip("\n"), colour) if colour else Content("   " + line)
