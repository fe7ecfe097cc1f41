"""A question as the arguments of a call; what an app does not take is refused here, before the call is paid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wizard.core.cases.case import with_system
from wizard.core.models.adapter import adapter_problem
from wizard.core.playground.exchange import Question
from wizard.core.problem import usage
from wizard.flow.deploy.function_calls import call_output, check_it_sees
from wizard.flow.deploy.plan_record import PlanRecord
from wizard.flow.operate.call.output import refuse_unenforced_call
from wizard.flow.operate.call.thinking import think_argument
from wizard.flow.ports.services import Ports


def call_arguments(question: Question, images: Sequence[bytes] = ()) -> dict[str, Any]:
    """What ``Generator.generate`` is given, by name; what is left to the function is not there."""
    named = {name: getattr(question, name) for name in ("max_tokens", "temperature", "top_p", "seed", "adapter")}
    arguments: dict[str, Any] = {"prompt": question.prompt}
    arguments |= {name: value for name, value in named.items() if value is not None}
    if question.system:
        arguments["messages"] = list(with_system(question.system, question.prompt))
    if question.output is not None:
        arguments |= call_output(question.output)
    if question.think is not None:
        arguments["think"] = question.think
    if images:
        arguments["images"] = list(images)
    return arguments


async def checked_arguments(
    ports: Ports, app: str, record: PlanRecord | None, question: Question, images: Sequence[bytes] = ()
) -> dict[str, Any]:
    """The same for an app that was deployed from `record`; None: its plan was not kept, and its container says what it
    does not take. Raises Problem (exit code 2)."""
    question.check()
    if question.output is not None:
        await refuse_unenforced_call(ports, app, record, question.output)
    if images:
        check_it_sees(record, app)
    if question.system and record is not None and not record.takes_messages:
        raise usage(
            "system_not_taken",
            f"{app} was deployed by an earlier version, and takes no system text.",
            "Deploy it again, or leave the system text out.",
        )
    if question.adapter is not None and record is not None:
        problem = adapter_problem(question.adapter, app, record.draft.adapter or ())
        if problem is not None:
            raise problem
    think = think_argument(app, record, question.think)
    return call_arguments(replace(question, think=None), images) | think
