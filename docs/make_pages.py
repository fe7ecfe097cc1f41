"""Writes docs/verdicts.md from the tables in the program: what each verdict means, and what to do.

python docs/make_pages.py            write it
python docs/make_pages.py --check    exit code 1 when the page and the tables differ
"""

from __future__ import annotations

import sys
from pathlib import Path

from wizard.core.access.unreachable import WORDS, UnreachableReason
from wizard.core.access.verdict_row import VerdictRow
from wizard.core.access.verdicts import PUBLIC_HUB, VERDICTS, Verdict
from wizard.core.explain.explanations import FAILURES
from wizard.rehearsal.scenarios import SCENARIOS

PAGE = Path(__file__).with_name("verdicts.md")
HEAD = """<!-- Written by docs/make_pages.py from the program's own tables: change those, then run `make docs`. -->

# Every verdict, and what to do

`outlines-wizard check MODEL` ends in one of these; `deploy` stops with the same word as its `code` before anything is
created. *Rehearse* says how to see it on your own machine.

"""
FAILURES_HEAD = """
# Every failure of a build, a container or a call

`deploy` and `call` read the log and end with one of these; `explain` finds the same in a log of yours.

"""
STANDS_FOR = {
    "model": "the model", "name": "name", "endpoint": PUBLIC_HUB, "public": PUBLIC_HUB, "user": "your account",
    "who": "The access token", "source": "this machine", "revision": "of that name", "wait": "a little",
    "detail": "the reason", "because": "", "remedy": WORDS[UnreachableReason.NOBODY][1],
    "engine": "transformers", "gpu": "the GPU", "larger": "a larger one", "line": "the log says how",
}  # fmt: skip
MIRROR = {"detail": "is gated", "endpoint": "https://hub.company.example"}  # a verdict about a Hub that is not trusted


def page() -> str:
    """The whole page."""
    scenarios = {
        scenario.expected_code: scenario.name for scenario in reversed(SCENARIOS) if scenario.expected_code != "ready"
    }
    parts = [HEAD]
    parts += [_entry(verdict.value, row, scenarios) for verdict, row in VERDICTS.items()]
    parts.append(FAILURES_HEAD)
    parts += [_entry(code, row, scenarios) for code, row in FAILURES.items()]
    return "".join(parts).rstrip() + "\n"


def _entry(code: str, row: VerdictRow, scenarios: dict[str, str]) -> str:
    values = STANDS_FOR | (MIRROR if code == Verdict.ENDPOINT_NOT_TRUSTED else {})
    lines = [f"## `{code}`", "", _fill(row.cause, values), ""]
    if row.hint:
        lines += [f"**Next:** {_fill(row.hint, values)}", ""]
    where = f"Page: `{row.url.format(**STANDS_FOR | {'model': 'MODEL', 'name': 'NAME'})}` · " if row.url else ""
    lines.append(f"{where}Exit code: {int(row.exit_code)}")
    if code in scenarios:
        lines[-1] += f" · Rehearse: `outlines-wizard deploy --scenario {scenarios[code]} --yes`"
    return "\n".join(lines) + "\n\n"


def _fill(text: str, values: dict[str, str]) -> str:
    filled = text.format(**values)
    return filled[:1].upper() + filled[1:]


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page() else "run `make docs`")
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
