"""Opening the wizard: on screen, or as lines where somebody asks for them or the terminal can do no more."""

from __future__ import annotations

import os
import sys

from wizard.cli.session import SessionOptions, Wiring
from wizard.core.problem import ExitCode

NEEDS_A_TERMINAL = (
    "The full-screen wizard needs a terminal. Without one, use --plain, or: outlines-wizard deploy --help\n"
)


def wants_lines(*, plain: bool) -> bool:
    """Whether somebody wants lines and nothing that is drawn: by the flag, or by the variable that is usual for it."""
    return plain or os.environ.get("ACCESSIBLE", "0") not in ("", "0")


def open_wizard(wiring: Wiring, options: SessionOptions, *, plain: bool = False) -> int:
    """Run the wizard; returns its exit code. Raises Problem for what keeps it from opening."""
    on_terminal = bool(sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty())
    if wants_lines(plain=plain) or (on_terminal and os.environ.get("TERM") == "dumb"):
        from wizard.cli.lines.wizard import run_lines

        return run_lines(wiring, options)
    if not on_terminal:
        sys.stderr.write(NEEDS_A_TERMINAL)
        return int(ExitCode.USAGE)
    return wiring.screen(options)
