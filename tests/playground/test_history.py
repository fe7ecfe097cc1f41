"""What is kept of a session: bounded by number and by length, and questions come back as in a shell."""

from __future__ import annotations

import pytest

from wizard.core.events import SampleReady
from wizard.core.playground.exchange import Exchange, Question
from wizard.core.playground.history import MOST, MOST_CHARACTERS, AnswerHistory, QuestionHistory, characters


def exchange(number: int, length: int = 10) -> Exchange:
    text = "x" * length
    return Exchange(Question(f"p{number}"), SampleReady(f"p{number}", text, text, True, (), False, False, 0.5))


def test_the_newest_answers_are_kept_and_the_others_counted() -> None:
    history = AnswerHistory()
    assert not history and history.dropped_words == ""
    for number in range(MOST + 1):
        history.append(exchange(number))
    assert (len(history), history[0].question.prompt, history[-1].question.prompt) == (MOST, "p1", f"p{MOST}")
    assert history.dropped_words == "1 older answer was dropped to save memory"
    for number in range(1_999):
        history.append(exchange(number))
    assert len(history) == MOST and history.dropped_words.startswith("2,000 older answers were")
    assert [each.question.prompt for each in history[:2]] == ["p1899", "p1900"]
    history.clear()
    assert (len(history), history.dropped) == (0, 0)


@pytest.mark.parametrize("length", [100_000, 500_000, MOST_CHARACTERS])
def test_long_answers_leave_room_for_fewer(length: int) -> None:
    history = AnswerHistory()
    for number in range(MOST):
        history.append(exchange(number, length))
        assert history[-1].question.prompt == f"p{number}", "the newest is there, however long it is"
    kept = sum(map(characters, history))
    assert kept <= MOST_CHARACTERS or len(history) == 1
    assert len(history) + history.dropped == MOST and len(history) >= min(MOST_CHARACTERS // (3 * length), MOST)


def test_questions_come_back_as_in_a_shell() -> None:
    one, two, typed = Question("one"), Question("two", temperature=0.5), Question("half a")
    history = QuestionHistory(most=2)
    assert history.older(typed) is None and history.newer() is None
    for each in (Question("gone"), one, two, two):
        history.add(each)
    assert [history.older(typed) for _ in range(3)] == [two, one, None]
    assert [history.newer() for _ in range(3)] == [two, typed, None]
    assert history.older(typed) == two
    history.add(one)
    assert history.older(Question("")) == one, "what was asked anew is the newest"
    history.clear()
    assert history.older(typed) is None
