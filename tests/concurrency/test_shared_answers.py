"""One running question serves everybody who asks it."""

from __future__ import annotations

import asyncio

import pytest

from wizard.core.concurrency.shared_answers import SharedAnswers


class Oracle:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.asked, self.cancelled, self.let = 0, 0, asyncio.Event()

    async def answer(self) -> int:
        self.asked += 1
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.asked


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_those_who_ask_at_once_and_later_share_one_answer() -> None:
    oracle, shared = Oracle(), SharedAnswers[str, int]()
    askers = [asyncio.create_task(shared.get("same", oracle.answer)) for _ in range(3)]
    await settled()
    oracle.let.set()
    assert await asyncio.gather(*askers) == [1, 1, 1]
    assert await shared.get("same", oracle.answer) == 1
    assert await shared.get("another", oracle.answer) == 2


async def test_a_cancelled_asker_spoils_nothing_for_the_others() -> None:
    oracle, shared = Oracle(), SharedAnswers[str, int]()
    first, second = (asyncio.create_task(shared.get("same", oracle.answer)) for _ in range(2))
    await settled()
    first.cancel()
    await settled()
    assert first.cancelled() and not oracle.cancelled
    oracle.let.set()
    assert await second == 1


async def test_a_question_ends_with_the_last_who_waits_for_it() -> None:
    oracle, shared = Oracle(), SharedAnswers[str, int]()
    asker = asyncio.create_task(shared.get("same", oracle.answer))
    await settled()
    asker.cancel()
    await asyncio.gather(asker, return_exceptions=True)
    assert oracle.cancelled == 1
    oracle.let.set()
    assert await shared.get("same", oracle.answer) == 2, "asked anew"


async def test_what_is_raised_or_not_worth_keeping_is_asked_again() -> None:
    async def fails() -> int:
        raise ValueError("no")

    shared = SharedAnswers[str, int](lambda answer: answer > 1, most=1)
    with pytest.raises(ValueError, match="no"):
        await shared.get("same", fails)
    oracle = Oracle()
    oracle.let.set()
    assert [await shared.get("same", oracle.answer) for _ in range(3)] == [1, 2, 2]
    assert [await shared.get(each, oracle.answer) for each in ("other", "same")] == [3, 4], "only the latest is kept"
