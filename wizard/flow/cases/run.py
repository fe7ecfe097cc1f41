"""Ask the cases of a deployed function, and judge each answer: what was answered before is not asked again."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from wizard.core.cases.answer import Answer, read_answer
from wizard.core.cases.case import Case
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.events import LogLine, Progress, SampleReady
from wizard.core.output.output_type import OutputType
from wizard.core.plan.cost import awake_of_another
from wizard.core.plan.names import FUNCTION_NAME
from wizard.flow.deploy.function_calls import (
    call_function,
    call_output,
    check_it_sees,
    judge_answer,
    map_arguments,
)
from wizard.flow.deploy.plan_record import PlanRecord, read_record
from wizard.flow.operate.batch.lines import BatchInput, BatchRow, image_values
from wizard.flow.operate.batch.run import CUT_SHORT, run_batch
from wizard.flow.operate.call.output import refuse_unenforced_call
from wizard.flow.operate.call.thinking import call_seconds, think_argument
from wizard.flow.ports.modal import DeployedApp
from wizard.flow.ports.services import Ports

CALL_SECONDS = 900.0
LONGEST_ANSWER = 512  # tokens, where neither the app nor its plan says


@dataclass(frozen=True)
class CallOptions:
    """How cases are asked. None: as deployed; temperature 0 gives the same answers again. `words` are the flags."""

    output: OutputType | None = None
    max_tokens: int | None = None
    think: int | str | None = None
    temperature: float = 0.0
    seed: int = 0
    words: str = ""


@dataclass(frozen=True)
class Answered:
    """The answer to the case in this place of the list. `kept`: it was there before."""

    place: int
    answer: Answer
    kept: bool = False


@dataclass(frozen=True)
class AppAsked:
    """What the function says that it runs on, before its first answer."""

    about: Mapping[str, Any]


@dataclass(frozen=True)
class Spent:
    """Dollars that no answer has been charged with."""

    dollars: float


@dataclass(frozen=True)
class CaseInput(BatchInput):
    """A case as a call of the function: everything is said, so that its place among the arguments is known."""

    messages: tuple[Any, ...] = ()
    form: str = "none"
    output: Any = ""
    temperature: float = 0.0
    seed: int = 0

    def arguments(self) -> tuple[Any, ...]:
        """Positional arguments, all in one where the app has to be told how far to reason."""
        output = {"form": self.form, "output": self.output}
        return map_arguments(
            self.content(),
            self.max_tokens,
            output,
            self.temperature,
            self.seed,
            think=self.think,
            messages=self.messages,
        )


@dataclass
class _Charges:
    """Makes the answers that are kept, each charged with what was spent since the one before it."""

    spent: float = 0.0  # dollars that no answer has been charged with yet

    def answer(self, case: Case, sample: SampleReady) -> Answer:
        """An answer of the function."""
        errors = (sample.refused,) if sample.refused else sample.errors
        if sample.truncated:
            errors = (CUT_SHORT,)
        return Answer(
            case.question,
            sample.text,
            sample.value,
            sample.valid,
            tuple(errors),
            sample.truncated,
            seconds=sample.seconds,
            tokens=sample.tokens,
            spent=self._charge(),
            reasoning=sample.reasoning,
            reasoning_tokens=sample.reasoning_tokens,
        )

    def failed(self, case: Case, error: str) -> Answer:
        """That there is no answer."""
        return Answer(case.question, failed=error, spent=self._charge())

    def _charge(self) -> float:
        spent, self.spent = self.spent, 0.0
        return spent


async def check_askable(ports: Ports, app: DeployedApp, cases: Sequence[Case], options: CallOptions) -> None:
    """Raise Problem (exit code 2) for what this app cannot be asked, before anything is paid for."""
    record = await read_record(ports.modal, app)
    if options.output is not None:
        await refuse_unenforced_call(ports, app.name, record, options.output)
    think_argument(app.name, record, options.think)
    if any(case.images for case in cases):
        check_it_sees(record, app.name)


async def ask_cases(
    ports: Ports,
    app: DeployedApp,
    cases: Sequence[Case],
    options: CallOptions,
    kept: Mapping[str, Sequence[Answer]],
) -> AsyncGenerator[LogLine | Progress | AppAsked | Answered | Spent, None]:
    """Ask each case once, by way of Modal's own map; what is in `kept`, by its question, is taken from there. Raises
    Problem when the function or Modal fails as a whole."""
    left, known = [], {question: list(answers) for question, answers in kept.items()}
    for place, case in enumerate(cases):
        if answers := known.get(case.question):
            yield Answered(place, answers.pop(0), kept=True)
        else:
            left.append(place)
    if not left:
        return
    record, rates = await gather_or_cancel(read_record(ports.modal, app), ports.modal.rates())
    charges = _Charges()
    think = think_argument(app.name, record, options.think).get("think")
    price = awake_of_another(record.draft.gpu if record else None, rates) or 0.0
    began, first, raw = time.monotonic(), cases[left[0]], {}
    options = replace(options, think=think)
    asking = _ask_first(ports, app, first, options, record)
    async with aclosing(asking) as events:
        async for event in events:
            if isinstance(event, LogLine):
                yield event
            else:
                raw = event
    charges.spent = price * (time.monotonic() - began) / 3600
    yield AppAsked(raw.get("about", {}))
    sample = judge_answer(ports, raw, first.prompt, options.output, raw["seconds"]["generate"])
    yield Answered(left[0], charges.answer(first, sample))
    inputs = _inputs(cases, left[1:], options, raw, record)
    async with aclosing(_ask_rest(ports, app, cases, left[1:], inputs, options.output, charges)) as rest:
        async for item in rest:
            yield item
    yield Spent(charges.spent)


async def _ask_first(
    ports: Ports, app: DeployedApp, case: Case, options: CallOptions, record: PlanRecord | None
) -> AsyncGenerator[LogLine | dict[str, Any], None]:
    """One case alone: its log lines while a container starts, and what the function says of itself."""
    arguments: dict[str, Any] = {"prompt": case.prompt, "temperature": options.temperature, "about": True}
    arguments |= {"seed": options.seed}
    most = case.max_tokens or options.max_tokens
    arguments |= {"max_tokens": most} if most else {}
    arguments |= {"messages": list(case.messages)} if case.messages else {}
    arguments |= {"images": image_values(case.images, f"line {case.line}")} if case.images else {}
    arguments |= {"think": options.think} if options.think is not None else {}
    arguments |= call_output(options.output) if options.output is not None else {}
    model = record.draft.model if record is not None else None
    gpu = record.draft.gpu if record is not None else None
    limit = call_seconds(CALL_SECONDS, record, options.think)
    calling = call_function(ports, app.name, FUNCTION_NAME, arguments, limit, model or "the model", gpu or "")
    async with aclosing(calling) as items:
        async for item in items:
            yield item if isinstance(item, LogLine) else item.value


def _inputs(
    cases: Sequence[Case],
    places: Sequence[int],
    options: CallOptions,
    raw: Mapping[str, Any],
    record: PlanRecord | None,
) -> Iterator[BatchInput]:
    """The other cases, with what the first answer says of the function's own defaults."""
    known = raw.get("about", {}).get("max_tokens") or (record.draft.max_tokens if record else None)
    for place in places:
        case = cases[place]
        yield CaseInput(
            case.line,
            case.question,
            case.prompt,
            case.max_tokens or options.max_tokens or known or LONGEST_ANSWER,
            think=options.think,
            images=case.images,
            messages=case.messages,
            form=raw["form"],
            output=raw["output"],
            temperature=options.temperature,
            seed=options.seed,
        )


async def _ask_rest(
    ports: Ports,
    app: DeployedApp,
    cases: Sequence[Case],
    places: Sequence[int],
    inputs: Iterator[BatchInput],
    output: OutputType | None,
    charges: _Charges,
) -> AsyncGenerator[LogLine | Progress | Answered, None]:
    if not places:
        return
    left, cost = iter(places), 0.0
    async with aclosing(run_batch(ports, app, inputs, len(places), {}, output)) as events:
        async for event in events:
            if isinstance(event, BatchRow):
                place = next(left)
                yield Answered(place, _answered(charges, cases[place], event))
                continue
            if isinstance(event, Progress):
                charges.spent += max(0.0, (event.cost or 0.0) - cost)
                cost = event.cost or cost
                event = replace(event, unit="cases")
            yield event


def _answered(charges: _Charges, case: Case, row: BatchRow) -> Answer:
    if row.sample is None:
        return charges.failed(case, row.error or "the call failed")
    return charges.answer(case, row.sample)


def kept_answers(rows: Iterator[Mapping[str, Any]]) -> dict[str, list[Answer]]:
    """Answers of an earlier run by question; what had failed is asked again."""
    found: dict[str, list[Answer]] = {}
    for row in rows:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            answer = read_answer(row)
            if not answer.failed:
                found.setdefault(answer.question, []).append(answer)
    return found


def options_key(app: DeployedApp, options: CallOptions) -> dict[str, Any]:
    """What answers have to have in common to be of one run."""
    output = json.dumps(call_output(options.output), sort_keys=True) if options.output is not None else None
    plain = {"max_tokens": options.max_tokens, "think": options.think, "temperature": options.temperature}
    return {
        "app": app.name,
        "app_id": app.app_id,
        "version": app.version,
        "output": output,
        **plain,
        "seed": options.seed,
    }
