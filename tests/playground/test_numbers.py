"""What is typed into a number field of a question: its value, or a sentence with the limits."""

from __future__ import annotations

import pytest

from wizard.core.playground.numbers import NUMBERS

BY_NAME = {number.name: number for number in NUMBERS}


@pytest.mark.parametrize(
    ("name", "text", "value", "words"),
    [
        ("temperature", "", None, ""),
        ("temperature", " 0 ", 0.0, ""),
        ("temperature", "0,7", 0.7, ""),
        ("temperature", "2.1", None, '"Temperature" must be 0-2.'),
        ("temperature", "nan", None, '"Temperature" must be a number, 0-2.'),
        ("temperature", "warm", None, '"Temperature" must be a number, 0-2.'),
        ("top_p", "0", None, '"Top p" must be 0.01-1.'),
        ("top_p", "1", 1.0, ""),
        ("seed", "-1", None, '"Seed" must be 0-4,294,967,295.'),
        ("seed", "7.5", None, '"Seed" must be a whole number, 0-4,294,967,295.'),
        ("max_tokens", "131073", None, '"Longest answer" must be 1-131,072.'),
        ("max_tokens", "131072", 131072, ""),
    ],
)
def test_a_number_is_read_or_a_sentence_says_its_limits(name: str, text: str, value: float | None, words: str) -> None:
    assert BY_NAME[name].read(text) == (value, words)
