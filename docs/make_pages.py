"""Writes pages from the tables in the program: docs/verdicts.md, what each verdict means and what to do,
docs/unseen.md, what this program assumes of the services, and docs/llms.txt, where a language model finds what.

python docs/make_pages.py            write them
python docs/make_pages.py --check    exit code 1 when a page and the tables differ
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from wizard.cli.command_list import list_commands
from wizard.core.access.unreachable import WORDS, UnreachableReason
from wizard.core.access.verdict_row import VerdictRow
from wizard.core.access.verdicts import PUBLIC_HUB, VERDICTS, Verdict
from wizard.core.explain.explanations import FAILURES
from wizard.core.live.assumption import SUBJECTS
from wizard.core.live.assumptions.table import BY_HAND, TRIED
from wizard.core.problem import EXIT_CODES
from wizard.rehearsal.scenarios import SCENARIOS

FOLDER = Path(__file__).parent
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


LLMS_HEAD = """# outlines-wizard

> Deploys a function with structured output to Modal, with any Hugging Face model, gated ones included.

`outlines-wizard skill` prints all that a coding agent needs on one page: commands, JSON and its keys, exit codes, what
needs a person, and how several commands share one demo. Every command takes `--json`, and `--rehearse` to run on this
computer without an account. In a checkout, `pipx install .`, `uv tool install .` or `pip install .` installs it.
"""


def llms() -> str:
    """The index for language models, as llmstxt.org describes it."""
    pages = sorted(FOLDER.glob("*.md"))
    parts = [LLMS_HEAD, "## Docs\n", *map(_listed, pages), "\n## Commands\n"]
    parts += [f"- `outlines-wizard {entry.name}`: {entry.summary}" for entry in list_commands()]
    parts += ["\n## Exit codes\n", *(f"- {int(code)}: {words}" for code, words in EXIT_CODES.items())]
    return "\n".join(parts) + "\n"


def _listed(path: Path) -> str:
    """A page with its title. The titles of its parts would make this file stale with every edit of a page."""
    made = {"verdicts.md": verdicts, "unseen.md": unseen}.get(path.name)
    text = made() if made else path.read_text(encoding="utf-8")
    (title,) = re.findall(r"^# (.+)$", text, re.MULTILINE)[:1]
    return f"- [{title}]({path.name})"


WRITTEN = "<!-- Written by docs/make_pages.py from the program's own tables: change those, then run `make docs`. -->"
UNSEEN_HEAD = f"""{WRITTEN}

# What has not been seen yet

Everything here was built and tested against stand-ins of the Hub and of Modal, and on CPUs. What only the real services
or a GPU can show is listed here. Whoever has accounts can help: an issue with what came out is enough.

## What `outlines-wizard doctor --live` tries

One command tries all of these on your accounts, for less than $0.50, and writes a report:
[the live check](live-check.md).

"""
BY_HAND_HEAD = """
## What takes a GPU, or a person

| what is assumed | where it matters | how to see it |
|---|---|---|
"""


def unseen() -> str:
    """The page of what is assumed."""
    parts = [UNSEEN_HEAD]
    for subject, title in SUBJECTS.items():
        rows = [each for each in TRIED if each.subject == subject]
        if rows:
            parts.append(f"### {title}\n\n| what is assumed | where it matters | why it is assumed |\n|---|---|---|\n")
            parts += [f"| `{each.id}`: {each.statement} | `{each.used}` | {each.source} |\n" for each in rows]
            parts.append("\n")
    parts = [*parts[:-1], BY_HAND_HEAD]
    parts += [f"| {each.statement} | `{each.used}` | {each.tried} |\n" for each in BY_HAND]
    return "".join(parts)


def verdicts() -> str:
    """The page of verdicts."""
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


PAGES: dict[str, Callable[[], str]] = {"verdicts.md": verdicts, "unseen.md": unseen, "llms.txt": llms}


if __name__ == "__main__":
    for name, make in PAGES.items():
        page = FOLDER / name
        if "--check" not in sys.argv:
            page.write_text(make(), encoding="utf-8", newline="\n")
        elif not page.exists() or page.read_text(encoding="utf-8") != make():
            sys.exit(f"{name}: run `make docs`")
