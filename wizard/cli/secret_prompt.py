"""Asking for an access token on a terminal: what is typed is not shown, and the terminal is left as it was."""

from __future__ import annotations

import atexit
import sys
from getpass import getpass


def read_secret(question: str) -> str:
    """What is typed behind `question`, without echo.

    The answer is waited for on a thread of its own, which ends with the process and not with Ctrl-C: the echo is put
    back when the process ends.
    """
    _keep_echo()
    return getpass(question)


def _keep_echo() -> None:
    try:
        import termios
    except ImportError:  # Windows: the console's modes are not changed
        return
    try:
        terminal = sys.stdin.fileno()
        modes = termios.tcgetattr(terminal)
    except (OSError, ValueError, termios.error):
        return
    atexit.register(termios.tcsetattr, terminal, termios.TCSADRAIN, modes)
