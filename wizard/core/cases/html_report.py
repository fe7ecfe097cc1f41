"""The report of cases as one HTML file: nothing in it runs or is fetched, and all that came from outside is text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from html import escape

from wizard.core.access_token import clean
from wizard.core.cases.accuracy import Difference, Share, percent
from wizard.core.cases.answer import JudgedAnswer
from wizard.core.cases.comparison import FieldResult, Missing
from wizard.core.cases.report import CasesReport, Side, difference_words

MOST_WRONG = 1000  # answers that are written out; a page with more of them is slow to open
Again = Callable[[JudgedAnswer], str]

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #2a8a4a; --bad: #c0392b; --soft: #8882; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
body { overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p.quiet, .quiet { opacity: .75; } .big { font-size: 2.4rem; font-weight: 600; margin: .5rem 0 0; }
table { border-collapse: collapse; width: 100%; } .wide { overflow-x: auto; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code, pre { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; margin: 0; }
.bar { position: relative; height: .8rem; min-width: 9rem; background: var(--soft); border-radius: .2rem; }
.bar i { position: absolute; inset: 0 auto 0 0; background: var(--good); border-radius: .2rem; }
.bar b { position: absolute; top: -.15rem; bottom: -.15rem; border: solid; border-width: 0 2px; opacity: .6; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; overflow-wrap: anywhere; } details > * + * { margin-top: .5rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .verdict { border-left: 4px solid; padding-left: .8rem; }
@media (prefers-color-scheme: dark) { :root { --good: #5fbf7f; --bad: #ff7b6b; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_html(report: CasesReport, again: Again) -> str:
    """The page. `again` gives the command that asks a case once more."""
    now = report.now
    title = f"{now.asked.title}: {percent(now.accuracy.value)} right"
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{_text(title)}</title>',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>',
        *_head(report),
        *_fields(report),
        *(_comparison(report) if report.before is not None else ()),
        *_runs(report),
        *_wrong(report, again),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _text(text: object) -> str:
    """Text from outside: no markup, no control characters, no secrets."""
    return escape(clean(str(text)))


def _value(value: object) -> str:
    if isinstance(value, Missing):
        return '<span class="quiet">missing</span>'
    return f"<code>{_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))}</code>"


def _head(report: CasesReport) -> Iterator[str]:
    now, share = report.now, report.now.accuracy
    demo = " Demo: nothing left this computer." if report.rehearsal else ""
    yield f"<h1>{_text(now.asked.title)}</h1>"
    file, at = _text(report.cases_file), _text(now.asked.at)
    yield f'<p class="quiet">{share.count} cases of <code>{file}</code>, {at}.{demo}</p>'
    low, high = share.interval
    yield f'<p class="big">{percent(share.value)} right</p>'
    words = f"{share.right} of {share.count} answers are valid and right in every field"
    yield f"<p>{words}; 95% confidence interval {percent(low)} to {percent(high)}. {now.valid} are valid.</p>"
    if report.min_accuracy is not None:
        passed = share.value >= report.min_accuracy
        verdict = "reached" if passed else "not reached"
        sign = "good" if passed else "bad"
        yield f'<p class="verdict {sign}">Required: {percent(report.min_accuracy)}. It is {verdict}.</p>'


def _bar(share: Share) -> str:
    low, high = share.interval
    return (
        f'<div class="bar" role="img" aria-label="{percent(share.value)}">'
        f'<i style="width:{100 * share.value:.2f}%"></i>'
        f'<b style="left:{100 * low:.2f}%;width:{100 * (high - low):.2f}%"></b></div>'
    )


def _table(header: list[tuple[str, bool]], rows: Iterator[list[str]]) -> Iterator[str]:
    def cell(tag: str, text: str, number: bool) -> str:
        return f"<{tag}{' class=number' if number else ''}>{text}</{tag}>"

    yield '<div class="wide"><table><tr>' + "".join(cell("th", name, number) for name, number in header) + "</tr>"
    for row in rows:
        cells = (cell("td", text, number) for text, (_, number) in zip(row, header, strict=True))
        yield "<tr>" + "".join(cells) + "</tr>"
    yield "</table></div>"


def _fields(report: CasesReport) -> Iterator[str]:
    rules = {each.field: str(each.rule) for judged in report.now.answers for each in judged.fields}

    def rows() -> Iterator[list[str]]:
        for name, share in report.now.fields.items():
            low, high = share.interval
            interval = f"{percent(low)} to {percent(high)}"
            numbers = [percent(share.value), f"{share.right} of {share.count}", interval]
            yield [f"<code>{_text(name)}</code>", _text(rules.get(name, "")), *numbers, _bar(share)]

    yield "<h2>Fields</h2>"
    header = [("field", False), ("rule", False), ("right", True), ("cases", True), ("95% interval", True), ("", False)]
    yield from _table(header, rows())


def _comparison(report: CasesReport) -> Iterator[str]:
    before, found = report.before, report.comparison
    if before is None or found is None:
        return
    now = report.now
    changed = found.whole.more_than_chance
    sign = ("good" if found.whole.value > 0 else "bad") if changed else "quiet"
    yield f"<h2>Compared with {_text(before.asked.title)}</h2>"
    words = difference_words(found.whole, before.asked.title)
    yield f'<p class="verdict {sign}">{_text(words)}</p>'

    def row(name: str, one: Share, other: Share, change: Difference) -> list[str]:
        low, high = change.interval
        points = f"{100 * change.value:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
        counts = [str(change.gained), str(change.lost), f"{change.chance:.2g}"]
        return [name, percent(one.value), percent(other.value), points, *counts]

    def rows() -> Iterator[list[str]]:
        yield row("whole answer", now.accuracy, before.accuracy, found.whole)
        for name, change in found.fields.items():
            yield row(f"<code>{_text(name)}</code>", now.fields[name], before.fields[name], change)

    header = [("field", False), ("this run", True), ("the other", True), ("points (95%)", True)]
    yield from _table([*header, ("gained", True), ("lost", True), ("p", True)], rows())
    yield (
        '<p class="quiet">Paired on the same cases: McNemar’s exact test; of fields corrected by Holm’s method. '
        "A p below 0.05 is more than chance.</p>"
    )


def _runs(report: CasesReport) -> Iterator[str]:
    sides = [each for each in (report.now, report.before) if each is not None]

    def rows() -> Iterator[list[str]]:
        facts: list[tuple[str, Callable[[Side], str]]] = [
            (
                "model",
                lambda side: f"{side.asked.about.get('model', '?')}@{str(side.asked.about.get('revision', '?'))[:7]}",
            ),
            ("runs on", lambda side: f"{side.asked.about.get('device', '?')}, {side.asked.about.get('dtype', '?')}"),
            ("valid", lambda side: f"{side.valid} of {len(side.answers)}"),
            ("one answer, among many at once (median)", lambda side: _number(side.latency.median, "s")),
            ("95 in 100 answers within", lambda side: _number(side.latency.most, "s")),
            ("tokens in all answers", lambda side: f"{side.tokens:,}"),
            ("tokens of reasoning", lambda side: f"{side.reasoning_tokens:,}"),
            ("cost", lambda side: "?" if side.cost is None else f"${side.cost:.4f}"),
        ]
        for name, words in facts:
            if name == "tokens of reasoning" and not any(side.reasoning_tokens for side in sides):
                continue
            yield [name, *(_text(words(side)) for side in sides)]

    yield "<h2>Cost and latency</h2>"
    yield from _table([("", False), *((_text(side.asked.title), True) for side in sides)], rows())


def _number(value: float | None, unit: str) -> str:
    return "?" if value is None else f"{value:.2f} {unit}"


def _wrong(report: CasesReport, again: Again) -> Iterator[str]:
    wrong = report.now.wrong
    yield f"<h2>Wrong answers ({len(wrong)})</h2>" if wrong else "<h2>No wrong answers</h2>"
    for each in wrong[:MOST_WRONG]:
        yield from _one(each, again(each))
    if len(wrong) > MOST_WRONG:
        yield f'<p class="quiet">{len(wrong) - MOST_WRONG} more are in the JSON report.</p>'


def _one(judged: JudgedAnswer, again: str) -> Iterator[str]:
    case, answer = judged.case, judged.answer
    names = dict.fromkeys(each.field for each in judged.wrong)
    what = ", ".join(names) or "not valid"
    prompt = case.prompt or json.dumps(list(case.messages), ensure_ascii=False, indent=1)
    yield f'<details id="line-{case.line}"><summary><b>{_text(case.name)}</b> <span class="bad">{_text(what)}</span>'
    yield f'<span class="quiet"> {_text(" ".join(prompt.split())[:160])}</span></summary>'
    yield f"<pre>{_text(prompt)}</pre>"
    header = [("field", False), ("expected", False), ("answer", False), ("rule", False)]
    if judged.wrong:
        yield from _table(header, (_row(each) for each in judged.wrong))
    for error in (*judged.errors, *filter(None, [answer.failed])):
        yield f'<p class="bad">{_text(error)}</p>'
    if answer.reasoning:
        yield f'<p class="quiet">Reasoning:</p><pre>{_text(answer.reasoning)}</pre>'
    yield f'<p class="quiet">The answer:</p><pre>{_text(answer.text)}</pre>'
    yield f'<p class="quiet">Ask it again:</p><pre>{_text(again)}</pre></details>'


def _row(result: FieldResult) -> list[str]:
    score = f" ({result.score:.2f})" if result.score is not None else ""
    return [
        f"<code>{_text(result.field)}</code>",
        _value(result.expected),
        _value(result.found),
        f"{result.rule}{score}",
    ]
