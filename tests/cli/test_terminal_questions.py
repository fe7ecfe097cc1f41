"""Questions on a real terminal: nothing is drawn over them, a no is no failure, and the echo comes back."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
NOBODY = "http://127.0.0.1:9"
ASKED = "Access token (not shown): "


class Screen:
    """A command on a terminal that is its controlling one, as in a person's shell."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        env = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(PROJECT), "TERM": "xterm"}
        env |= {"HF_ENDPOINT": NOBODY, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        self._mine, self.theirs = pty.openpty()
        self.child = subprocess.Popen(
            ["setsid", "--ctty", sys.executable, "-m", "wizard", *arguments],
            cwd=folder, env=env, stdin=self.theirs, stdout=self.theirs, stderr=self.theirs,
        )  # fmt: skip
        self.shown = ""

    def read(self, until: str = "", seconds: float = 30.0) -> str:
        """What comes until a text is shown, or time is over."""
        end = time.monotonic() + seconds
        before = len(self.shown)
        while not (until and until in self.shown) and time.monotonic() < end:
            if select.select([self._mine], [], [], 0.05)[0]:
                self.shown += os.read(self._mine, 65536).decode()
            elif self.child.poll() is not None:
                break
        return self.shown[before:]

    def type(self, text: str) -> None:
        os.write(self._mine, text.encode())

    def end(self) -> int:
        self.read()
        code = self.child.wait(10)
        return code

    def close(self) -> None:
        self.child.kill()
        self.child.wait()
        os.close(self._mine)
        os.close(self.theirs)


def test_nothing_is_drawn_while_an_access_token_is_asked_for(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "deploy", "--model", "acme/one", "--text", "--yes", "--token-from", "stdin")
    try:
        screen.read(ASKED)
        assert screen.read(seconds=0.8) == "", "a question was written over"
        screen.type("not a token\n")
        assert screen.end() == 4
        assert "is not an access token" in screen.shown
    finally:
        screen.close()


def test_ctrl_c_at_that_question_leaves_the_terminal_with_its_echo(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "check", "acme/one", "--token-from", "stdin")
    try:
        screen.read(ASKED)
        screen.read(seconds=0.2)
        screen.type("\x03")
        assert screen.end() == 130
        assert termios.tcgetattr(screen.theirs)[3] & termios.ECHO
    finally:
        screen.close()


@pytest.mark.parametrize("answer", ["n", ""])
def test_a_no_is_no_failure(answer: str, tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(
        'import modal\n\nstub = modal.Stub("x")\n\n\n@stub.function()\ndef f():\n    ...\n'
    )
    screen = Screen(tmp_path, "doctor", "old.py", "--offline", "--fix")
    try:
        screen.read("[y/N]")
        screen.type(f"{answer}\n")
        assert screen.end() == 5
        assert "Cancelled. Nothing changed." in screen.shown
        assert "failed" not in screen.shown.split("[y/N]")[1]
    finally:
        screen.close()
