"""What `verify --cases` says to a person: accuracy, the wrong answers, the other run, and what to type next."""

from __future__ import annotations

import shlex

from wizard.cli.output.layout import Block, Exact, Facts, Paragraph, Style, Table
from wizard.core.cases.accuracy import percent
from wizard.core.cases.answer import JudgedAnswer
from wizard.core.cases.comparison import shown
from wizard.core.cases.report import CasesReport, difference_words, worst_fields
from wizard.core.next_command import again as repeat
from wizard.core.problem import ExitCode, Problem

LISTED = 10  # wrong answers on the terminal


def call_again(report: CasesReport, judged: JudgedAnswer) -> str:
    """The command that asks a case once more, by itself."""
    case = judged.case
    words: list[str] = ["outlines-wizard", "call", report.now.asked.app]
    words += ["--rehearse"] if report.rehearsal else []
    told = [message for message in case.messages if isinstance(message.get("content"), str)]
    system = next((str(m["content"]) for m in told if m.get("role") == "system"), "")
    prompt = case.prompt or next((str(m["content"]) for m in reversed(told) if m.get("role") == "user"), "")
    words += ["--system", system] if system else []
    words += [word for image in case.images for word in ("--image", image)]
    words += ["--max-tokens", str(case.max_tokens)] if case.max_tokens else []
    return shlex.join([*words, "--prompt", prompt])


def report_blocks(report: CasesReport, where: str) -> list[Block]:
    """The report on a terminal; `where` has all of the wrong answers, empty where nothing was written."""
    now, latency = report.now, report.now.latency
    took = f"{latency.median:.2f} s at the median, {latency.most:.2f} s for 95 in 100" if latency.median else ""
    facts = [
        ("right", now.accuracy.words),
        ("valid", f"{now.valid} of {len(now.answers)}"),
        ("one answer", f"{took}" if latency.most else ""),
        ("cost", f"about ${now.cost:.4f}" if now.cost else ""),
    ]
    blocks: list[Block] = [Facts(tuple(row for row in facts if row[1]))]
    rows = []
    for name, share in now.fields.items():
        low, high = share.interval
        rows.append(
            [name, percent(share.value), f"{share.right} of {share.count}", f"{percent(low)} to {percent(high)}"]
        )
    blocks.append(Table(rows, ("field", "right", "cases", "95% CI"), numbers=(1, 2)))
    blocks += [_wrong_block(each) for each in now.wrong[:LISTED]]
    if len(now.wrong) > LISTED:
        rest = f"all of them are in {where}" if where else "--html FILE lists them all"
        blocks.append(Paragraph(f"{len(now.wrong) - LISTED} more answers are wrong; {rest}."))
    if now.wrong:
        blocks += [
            Paragraph("To ask the first of them again:"),
            Exact("  " + call_again(report, now.wrong[0]), "command"),
        ]
    if (found := report.comparison) is not None and report.before is not None:
        style: Style = "" if not found.whole.more_than_chance else "good" if found.whole.value > 0 else "bad"
        blocks.append(Paragraph(difference_words(found.whole, report.before.asked.title), text_style=style))
        for name, change in found.fields.items():
            if change.more_than_chance:
                blocks.append(Paragraph(f"{name}: {100 * change.value:+.1f} points, more than chance.", hang=2))
    return blocks


def _wrong_block(judged: JudgedAnswer) -> Block:
    parts = [f"{each.field} is {shown(each.found)}, expected {shown(each.expected)}" for each in judged.wrong[:5]]
    parts += [each for each in (judged.answer.failed, *judged.errors) if each][:2]
    return Paragraph("; ".join(parts), f"✗ {judged.case.name}  ", "bad", hang=2)


def check_accuracy(report: CasesReport, html: str, *, resumes: bool) -> None:
    """Raise Problem (exit code 7) below what is required. `html`: the page that lists the wrong ones; `resumes`: the
    answers are kept."""
    least, share = report.min_accuracy, report.now.accuracy
    if least is None or share.value >= least:
        return
    worst = worst_fields(report.now)
    why = f" Lowest: {', '.join(worst)}." if worst else ""
    raise Problem(
        "accuracy_too_low",
        f"{share.right} of {share.count} answers are right, {percent(share.value)}; {percent(least)} is required.{why}",
        f"The wrong ones are in {html}." if html else "--html FILE lists the wrong ones.",
        exit_code=ExitCode.INVALID_SAMPLE,
        next=() if html else (repeat("to read the wrong ones", f"--html report.html{' --resume' * resumes}"),),
    )
