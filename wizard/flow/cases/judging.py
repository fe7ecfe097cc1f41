"""Answers beside what was expected of them, with the word of somebody's own class where one is named."""

from __future__ import annotations

from wizard.core.cases.answer import Answer, JudgedAnswer, judge
from wizard.core.cases.case import Case
from wizard.core.cases.rules import Rules
from wizard.flow.ports.validation import ClassChecker


async def judge_case(case: Case, answer: Answer, rules: Rules, checker: ClassChecker | None) -> JudgedAnswer:
    """Compare an answer. The class has its word on valid JSON only: free text has no fields that it could look at."""
    is_text = answer.value == answer.text
    if checker is None or not answer.valid or is_text:
        return judge(case, answer, rules)
    return judge(case, answer, rules, await checker.check(answer.text))
