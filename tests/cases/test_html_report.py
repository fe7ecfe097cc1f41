"""The HTML report: whole, without anything that runs or is fetched, and all that came from outside is text."""

from __future__ import annotations

from html.parser import HTMLParser

from wizard.core.cases.answer import Answer, JudgedAnswer, judge
from wizard.core.cases.case import Case
from wizard.core.cases.html_report import MOST_WRONG, write_html
from wizard.core.cases.report import Asked, CasesReport, Side
from wizard.core.cases.rules import Rules, read_rule

HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\"'&"
RULES = Rules({"summary": read_rule("text")})


def report(number: int = 3, *, text: str = HOSTILE, against: bool = True) -> CasesReport:
    """A report in which every answer is wrong, and says `text`."""
    answers: list[JudgedAnswer] = []
    for line in range(1, number + 1):
        case = Case(line, f"prompt {text}", {"summary": text, text: 1}, id=text)
        answer = Answer(
            "q", text, {"summary": "else", text: [text]}, valid=False, errors=(text,), seconds=0.5, tokens=3
        )
        answers.append(judge(case, answer, RULES))
    about = {"model": text, "revision": text, "device": text, "dtype": text}
    side = Side(Asked(text, version=1, at=text, about=about, options=text, file=text), tuple(answers), 0.01)
    return CasesReport(text, "main", True, {}, side, side if against else None, 0.9)


class Tags(HTMLParser):
    """Every tag with its attributes, and whether each is closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "!doctype"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(page: str) -> Tags:
    parsed = Tags()
    parsed.feed(page)
    parsed.close()
    return parsed


def test_what_came_from_outside_is_text() -> None:
    page = write_html(report(), lambda each: HOSTILE)
    parsed = tags(page)
    assert parsed.open == [], "every tag is closed"
    names = {name for name, _ in parsed.found}
    assert not names & {"script", "img", "link", "iframe", "a"} and "\x1b" not in page
    attributes = {name for _, given in parsed.found for name in given}
    assert not {name for name in attributes if name.startswith("on") or name in ("src", "href")}
    assert "default-src 'none'" in page


def test_it_says_what_is_wrong_and_what_was_compared() -> None:
    page = write_html(report(text="plain"), lambda each: f"outlines-wizard call app --prompt {each.case.line}")
    for said in ("0% right", "Required: 90%. It is not reached.", "Compared with plain v1", "Wrong answers (3)"):
        assert said in page
    assert 'id="line-3"' in page and "outlines-wizard call app --prompt 3" in page and "No difference" in page


def test_a_page_of_very_many_wrong_answers_stays_usable() -> None:
    page = write_html(report(MOST_WRONG + 5, text="x", against=False), lambda each: "again")
    assert page.count("<details") == MOST_WRONG
    assert "5 more are in the JSON report" in page


def test_without_wrong_answers_it_says_so() -> None:
    case = Case(1, "p", {"a": 1})
    side = Side(Asked("app"), (judge(case, Answer("q", "", {"a": 1}, valid=True), RULES),))
    page = write_html(CasesReport("c", "main", False, {}, side), lambda each: "again")
    assert "No wrong answers" in page and "100% right" in page and "Required" not in page
