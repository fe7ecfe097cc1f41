"""The demo's prepared situations: for a person what each shows, beside the name to type; for scripts how each ends."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.cli.output.layout import Exact, Paragraph, Table
from wizard.cli.output.reporters import Reporter

SUCCESS = "ready"  # what a situation ends with that has a valid answer at its end


def list_scenarios(reporter: Reporter, scenarios: Sequence[tuple[str, str, str]], *, as_json: bool) -> None:
    """Show them, each with its name, what it is about, and the code that it ends with."""
    if as_json:
        reporter.table(("scenario", "what it is about", "ends with"), scenarios)
        return
    rows = [(name, f"{about[0].upper()}{about[1:]}") for name, about, _ in scenarios]
    *some, last = (name for name, _, code in scenarios if code == SUCCESS)
    working = f"{', '.join(some)} and {last}" if some else last
    blocks = (
        Table(rows, ("name to type", "what it shows")),
        Exact(""),
        Paragraph(f"With {working} you get a valid answer; the others show what went wrong and how to fix it."),
        Paragraph("Play one of them:"),
        Exact("  outlines-wizard demo --scenario NAME"),
    )
    reporter.result({}, blocks)
