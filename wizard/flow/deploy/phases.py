"""Which phase of a deploy or a call begins and ends, and what it usually takes: events from what is seen of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from wizard.core.events import AnswerText, Event, LogLine, PhaseFinished, PhaseSkipped, PhaseStarted, SampleReady
from wizard.core.phases import CALLING, UsualTime, estimated_times, phase_of_line
from wizard.core.plan.plan import Plan
from wizard.flow.deploy.phase_times import remember_phase, run_key, usual_times
from wizard.flow.deploy.plan_record import PlanRecord

PhaseEvent = PhaseStarted | PhaseFinished | PhaseSkipped


def expected_times(plan: Plan, *, rehearsal: bool) -> dict[str, UsualTime]:
    """What each phase of a plan usually takes: by earlier runs, else by its estimate. A demo is no such machine as the
    estimate is of."""
    if rehearsal:
        return {}
    return estimated_times(plan) | usual_times(run_key(plan.model, plan.gpu, rehearsal=False))


class PhaseTracker:
    """Follows one deploy or call. `key` is what its times are remembered under; empty: they are not."""

    def __init__(self, key: str, usual: Mapping[str, UsualTime]) -> None:
        self._key, self._usual = key, usual
        self._phase, self._began = "", 0.0
        self._text_at = 0.0
        self._began_at: float | None = None  # by the clock of the container that said so

    @classmethod
    def of_call(cls, model: str, gpu: str, *, rehearsal: bool) -> PhaseTracker:
        """For a function of which no more is known."""
        key = run_key(model, gpu, rehearsal=rehearsal)
        return cls(key, usual_times(key))

    @classmethod
    def of_record(cls, record: PlanRecord | None, *, rehearsal: bool) -> PhaseTracker:
        """For a deployed function, with the plan that was kept of it."""
        draft = record.draft if record is not None else None
        model, gpu = (draft.model, draft.gpu) if draft is not None else (None, None)
        return cls.of_call(model or "", (model and gpu) or "", rehearsal=rehearsal)

    @classmethod
    def of_plan(cls, plan: Plan, *, rehearsal: bool) -> PhaseTracker:
        """For a plan."""
        return cls(run_key(plan.model, plan.gpu, rehearsal=rehearsal), expected_times(plan, rehearsal=rehearsal))

    def begin(self, phase: str) -> PhaseStarted:
        """A phase begins now."""
        self._phase, self._began, self._began_at = phase, time.monotonic(), None
        usual = self._usual.get(phase)
        return PhaseStarted(phase, *_told(usual))

    def end(self, seconds: float | None = None) -> PhaseFinished:
        """The phase that runs is over."""
        took = time.monotonic() - self._began if seconds is None else seconds
        phase, self._phase = self._phase, ""
        remember_phase(self._key, phase, took)
        return PhaseFinished(phase, round(took, 2), *_told(self._usual.get(phase)))

    def see(self, item: Event) -> Iterator[PhaseEvent]:
        """What a call yields: log lines of its container, its text, its answer."""
        if isinstance(item, LogLine):
            yield from self._see_line(item)
        elif isinstance(item, AnswerText) and not self._text_at:
            self._text_at = time.monotonic()
            if self._phase == "first_token":
                yield self.end()
        elif isinstance(item, SampleReady):
            yield from self._see_answer(item)

    def _see_line(self, line: LogLine) -> Iterator[PhaseEvent]:
        phase = phase_of_line(line.text) if line.source == "stdout" else None
        if phase is None or not self._phase or CALLING.index(phase) <= CALLING.index(self._phase):
            return
        same_clock = self._began_at is not None and line.at >= self._began_at
        yield self.end(line.at - self._began_at if same_clock and self._began_at is not None else None)
        yield self.begin(phase)
        self._began_at = line.at

    def _see_answer(self, sample: SampleReady) -> Iterator[PhaseEvent]:
        """The last phase, where its end was not seen."""
        first_token = sample.timings.get("first_token", 0.0)
        if self._phase == "first_token":
            yield self.end(first_token)
        elif self._phase and sample.cold:  # restored from a snapshot, or of an app that does not say what it does
            yield self.end(max(0.0, (self._text_at or time.monotonic()) - self._began - first_token))
            yield self.begin("first_token")
            yield self.end(first_token)
        elif self._phase:
            yield PhaseSkipped(self._phase)
            self._phase = ""


def _told(usual: UsualTime | None) -> tuple[float | None, str]:
    if usual is None:
        return None, ""
    return round(usual.seconds, 2), "estimate" if usual.estimated else "earlier runs"
