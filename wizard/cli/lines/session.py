"""What the questions of the line mode share: the engine's memory, the conversation, and how events are shown."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import Any

from wizard.cli.lines.dialog import Dialog
from wizard.cli.output.reporters import Reporter
from wizard.core.events import Failed
from wizard.core.problem import Problem
from wizard.flow.deploy.job import run_stage
from wizard.flow.deploy.job_state import JobState
from wizard.flow.ports.services import Ports


class LineSession:
    """One run of the line mode."""

    def __init__(self, job: JobState, dialog: Dialog, reporter: Reporter, suggested: str | None) -> None:
        self.job = job
        self.dialog = dialog
        self.reporter = reporter
        self.suggested = suggested
        self.failed: Problem | None = None  # what has been started and has failed

    @property
    def ports(self) -> Ports:
        """The services."""
        return self.job.ports

    def decide(self, **answers: Any) -> None:
        """Change answers of the Draft."""
        self.job.draft = replace(self.job.draft, **answers)

    async def run(self, *steps: str) -> Problem | None:
        """Run steps of the engine, and show what they say; the problem that ended them, if any."""
        for step in steps:
            async with aclosing(run_stage(step, self.job)) as events:
                async for event in events:
                    self.reporter.event(event)
                    if isinstance(event, Failed):
                        return event.problem
        return None
