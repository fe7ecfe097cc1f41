"""Many prompts through one deployed function: in order, bounded in memory, each answer judged like a sample."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.events import LogLine, Progress
from wizard.core.explain.failures import diagnose
from wizard.core.images.image_file import image_refusal, reads_text_only
from wizard.core.inference.engine_registry import engines
from wizard.core.models.adapter import adapter_problem
from wizard.core.output.output_type import OutputType
from wizard.core.plan.cost import awake_of_another
from wizard.core.plan.draft import Draft
from wizard.core.plan.inference_engine.advice import batch_proposal
from wizard.core.plan.names import FUNCTION_NAME
from wizard.core.problem import Problem
from wizard.core.sizing.gpus import NO_GPU
from wizard.flow.deploy.function_calls import judge_answer, output_of
from wizard.flow.deploy.plan_record import PlanRecord, read_record
from wizard.flow.deploy.publish import LOG_TAIL
from wizard.flow.operate.batch.lines import BatchInput, BatchRow
from wizard.flow.operate.batch.pace import LONGEST_WINDOW, Meter, Window
from wizard.flow.operate.call.thinking import think_argument
from wizard.flow.ports.modal import CallOutcome, DeployedApp
from wizard.flow.ports.services import Ports

MANY_LINES = 500  # from here on it is worth saying that another engine answers more at once
PROGRESS_SECONDS = 0.5
CUT_SHORT = "the answer was cut short at the token limit"
COUNT_SECONDS = 10.0  # between two looks at how many containers run


async def run_batch(
    ports: Ports,
    app: DeployedApp,
    inputs: Iterator[BatchInput],
    total: int | None,
    options: Mapping[str, Any],
    output: OutputType | None = None,
) -> AsyncGenerator[BatchRow | Progress | LogLine, None]:
    """Ask the function of `app` once for every input. Rows come in the order of the inputs, one for each, and at once
    when all before them are there. Answers are judged by `output`; None: by what each says that it was made for. Raises
    Problem when the function or Modal fails as a whole."""
    record, rates = await gather_or_cancel(read_record(ports.modal, app), ports.modal.rates())
    gpu = record.draft.gpu if record else None
    meter = Meter(total, awake_of_another(gpu, rates))
    draft = record.draft if record else Draft()
    window = Window(draft.max_containers or 1, draft.deployed_engine)
    if record is not None and (proposal := large_batch_proposal(draft, app.name, total or 0, ports.missing_engines)):
        yield LogLine("system", proposal, time.time())
    waiting: deque[BatchInput] = deque()
    items: asyncio.Queue[Any] = asyncio.Queue(maxsize=LONGEST_WINDOW)
    blind = record.draft.model or "the model" if record is not None and record.sees is False else ""
    asked = _with_adapters(_with_thinking(inputs, app.name, record), app.name, record)
    mapped = ports.modal.map(app.name, FUNCTION_NAME, _feed(asked, window, waiting, items, blind), options)
    tasks = [
        asyncio.create_task(_pump(mapped, items)),
        asyncio.create_task(_count_containers(ports, app.name, meter)),
    ]
    tail: deque[str] = deque(maxlen=LOG_TAIL)
    judge, told = _Judge(ports, output), 0.0
    try:
        while (item := await items.get()) is not _END:
            if isinstance(item, Exception):
                raise item
            if isinstance(item, LogLine):
                tail.append(item.text)
                yield item
                continue
            rows = [] if item is _LOOK else [judge.row(waiting.popleft(), item)]
            for row in (*rows, *_bad_ones(waiting)):
                meter.count()
                window.leave(meter.rate)
                yield row
            if time.monotonic() - told >= PROGRESS_SECONDS:
                told = time.monotonic()
                yield meter.progress()
        yield meter.progress()
    except Problem as problem:
        model = (record.draft.model if record else None) or "the model"
        raise _explained(problem, tail, model, ports.hub.account_hub.endpoint, gpu or "") from problem
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _with_thinking(inputs: Iterator[BatchInput], app: str, record: PlanRecord | None) -> Iterator[BatchInput]:
    """Inputs with what their calls are given; a line that asks an app to reason which cannot has an error."""
    for each in inputs:
        try:
            yield replace(each, think=think_argument(app, record, each.think).get("think"))
        except Problem as problem:
            yield replace(each, error=f"line {each.line} asks for reasoning: {problem.message}")


def _with_adapters(inputs: Iterator[BatchInput], app: str, record: PlanRecord | None) -> Iterator[BatchInput]:
    """Inputs, with an error in each line that names an adapter which the app does not have."""
    for each in inputs:
        problem = None
        if each.adapter is not None and not each.error and record is not None:
            problem = adapter_problem(each.adapter, app, record.draft.adapter or ())
        yield replace(each, error=f"line {each.line} cannot be used: {problem.message}") if problem else each


def large_batch_proposal(draft: Draft, app: str, lines: int, missing: Collection[str]) -> str:
    """What would answer a large batch faster than what is deployed; empty where nothing would."""
    engine, on_cpu = draft.deployed_engine, draft.gpu == NO_GPU.name
    others = [each for each in engines() if each.continuous and each.name not in missing]
    if lines < MANY_LINES or engine.continuous or draft.engine_label != engine.label or on_cpu or not others:
        return ""
    return batch_proposal(engine, others[0], lines, app)


_LOOK, _END = object(), object()


async def _pump(mapped: AsyncGenerator[LogLine | CallOutcome, None], items: asyncio.Queue[Any]) -> None:
    """Put what the map yields into the queue, and last its end, or what ended it."""
    try:
        async with aclosing(mapped) as outcomes:
            async for outcome in outcomes:
                await items.put(outcome)
        await items.put(_END)
    except Exception as error:  # noqa: BLE001 - raised where the queue is read
        await items.put(error)


async def _feed(
    inputs: Iterator[BatchInput],
    window: Window,
    waiting: deque[BatchInput],
    items: asyncio.Queue[Any],
    blind: str,
) -> AsyncIterator[tuple[Any, ...]]:
    """Arguments of the lines that can be asked; those that cannot wait for their turn to be written. `blind` names the
    model where it takes no images."""
    for each in inputs:
        await window.enter()
        asked, arguments = each, ()
        if not each.error:
            try:
                if each.images and blind:
                    raise reads_text_only(blind)
                arguments = await asyncio.to_thread(each.arguments) if each.images else each.arguments()
            except Problem as problem:
                said = problem.message.removeprefix(f"line {each.line}: ")
                asked = replace(each, error=f"line {each.line} cannot be used: {said}")
        waiting.append(asked)
        if asked.error:
            await items.put(_LOOK)
        else:
            yield arguments


def _bad_ones(waiting: deque[BatchInput]) -> Iterator[BatchRow]:
    """Rows for the lines at the head that were never asked."""
    while waiting and waiting[0].error:
        yield BatchRow(asked := waiting.popleft(), error=asked.error)


class _Judge:
    """Answers as rows. Where no output type is given, each answer says its own; it is nearly always the same one."""

    def __init__(self, ports: Ports, output: OutputType | None) -> None:
        self._ports, self._given = ports, output
        self._key: Any = None
        self._output = OutputType("text")

    def row(self, asked: BatchInput, outcome: CallOutcome) -> BatchRow:
        answer = outcome.value
        if outcome.error or not isinstance(answer, dict):
            problem = image_refusal(outcome.message) or diagnose(
                outcome.error, outcome.message, (), model="the model", endpoint=""
            )
            return BatchRow(asked, error=problem.message)
        sample = judge_answer(
            self._ports, answer, asked.prompt, self._given or self._output_of(answer), answer["seconds"]["generate"]
        )
        error = None
        if sample.refused:
            error = f"the model could not answer: {sample.refused}"
        elif sample.truncated:
            error = CUT_SHORT
        elif not sample.valid:
            error = "; ".join(sample.errors[:3]) or "the answer doesn't match the output type"
        return BatchRow(asked, sample, error)

    def _output_of(self, answer: Mapping[str, Any]) -> OutputType:
        key = (answer.get("form"), answer.get("output"))
        if key != self._key:
            self._key, self._output = key, output_of(answer)
        return self._output


async def _count_containers(ports: Ports, app: str, meter: Meter) -> None:
    """Keep an eye on how many containers are paid for."""
    meter.containers = 1
    while True:
        with contextlib.suppress(Problem):  # an estimate goes on with what it knew
            running = (await ports.modal.containers(app)).get("Generator", 0)
            meter.pay()
            meter.containers = max(1, running)
        await asyncio.sleep(COUNT_SECONDS)


def _explained(problem: Problem, tail: deque[str], model: str, endpoint: str, gpu: str) -> Problem:
    """Where the map breaks off because containers die, their log knows why."""
    if problem.code != "container_crashed":
        return problem
    return diagnose("ContainerCrashed", problem.raw or problem.message, tail, model=model, endpoint=endpoint, gpu=gpu)
