"""When one question has failed, the others are gone before that is said."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from wizard.core.concurrency.gather import gather_or_cancel


async def after(seconds: float, answer: Any) -> Any:
    await asyncio.sleep(seconds)
    if isinstance(answer, Exception):
        raise answer
    return answer


async def test_answers_come_in_the_order_of_the_questions() -> None:
    assert list(await gather_or_cancel(after(0.02, "slow"), after(0, "quick"))) == ["slow", "quick"]
    assert list(await gather_or_cancel(*())) == []


async def obstinate(ended: list[str]) -> None:
    """What a library does that is cancelled in the middle of a request: it fails in words of its own."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        ended.append("obstinate")
        raise KeyError("a stream that is not there any more") from None


def test_what_runs_beside_a_failure_ends_with_it_and_is_not_heard_of_again() -> None:
    ended: list[str] = []
    unheard: list[dict[str, Any]] = []

    async def job() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
        with pytest.raises(ValueError, match="the first"):
            await gather_or_cancel(after(0, ValueError("the first")), obstinate(ended))
        assert ended == ["obstinate"] and len(asyncio.all_tasks()) == 1, "it is gone when the failure is said"

    asyncio.run(job())
    assert unheard == []


async def test_who_is_cancelled_takes_the_questions_along() -> None:
    ended: list[str] = []
    asking = asyncio.create_task(gather_or_cancel(obstinate(ended), obstinate(ended)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises((asyncio.CancelledError, KeyError)):
        await asking
    assert len(ended) == 2
