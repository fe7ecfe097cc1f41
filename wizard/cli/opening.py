"""Opening the wizard: on screen, or as lines where somebody asks for them or the terminal can do no more."""

from __future__ import annotations

import os
import sys

from wizard.cli.session import SessionOptions, Wiring
from wizard.core.problem import ExitCode

NEEDS_A_TERMINAL = (
    "The full-screen wizard needs a terminal. Without one, use --plain, or: outlines-wizard deploy --help\n"
)


def open_wizard(wiring: Wiring, options: SessionOptions, *, plain: bool = False) -> int:
    """Run the wizard; returns its exit code. Raises Problem for what keeps it from opening."""
    on_terminal = bool(sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty())
    if not on_terminal or os.environ.get("TERM") == "dumb":
        sys.stderr.write(NEEDS_A_TERMINAL)
        return int(ExitCode.USAGE)
    return wiring.screen(options)
