"""The installed program in a real terminal: a tmux server of its own, a home of its own, keys in, screen out."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from wizard.rehearsal.stand_ins import FORK_SERVER

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, "-m", "wizard")
PATIENCE = 45.0  # seconds; far above what anything here needs on a busy machine
PAUSE = 0.1  # seconds between two looks at the screen
ENDED = re.compile(r"^\[exit code (\d+)\]", re.MULTILINE)
CONFIG = """
set -g status off
set -g default-terminal screen-256color
set -g set-clipboard on
set -g escape-time 0
set -g history-limit 2000
"""
KEPT = ("PATH", "SSL_CERT_FILE", "SYSTEMROOT", FORK_SERVER)

T = TypeVar("T")


def need_tmux() -> None:
    """Skip where there is no tmux, or nothing that runs the rehearsal's containers."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed: these tests drive the program in a real terminal")
    missing = [name for name in ("torch", "transformers", "outlines") if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"a rehearsal needs {', '.join(missing)}")


def poll(look: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Look until there is something to see, or time is over; returns what was seen last."""
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if seen or time.monotonic() > end:
            return seen
        time.sleep(PAUSE)


@dataclass
class Machine:
    """A person's machine: HOME, state, temporary and working folder, and nothing of anybody else's.

    It lies under a short path, since sockets of the rehearsal's containers are made below TMPDIR.
    """

    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="ow-"))
        folders = ("home", "state", "config", "tmp", "work")
        self.home, self.state, self.config, self.tmp, self.work = (self.root / name for name in folders)
        for folder in (self.home, self.state, self.config, self.tmp, self.work):
            folder.mkdir()
        self.env = {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.state),
            "XDG_CONFIG_HOME": str(self.config),
            "TMPDIR": str(self.tmp),
            "PYTHONPATH": str(CHECKOUT),
            "TERM": "screen-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            **self.env,
        }

    def processes(self) -> list[str]:
        """Command lines of what still runs with this machine's temporary folder in its environment."""
        mark = f"TMPDIR={self.tmp}\0".encode()
        found = []
        for process in Path("/proc").iterdir():
            try:
                if process.name.isdigit() and mark in (process / "environ").read_bytes():
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:  # it has ended, or is somebody else's
                continue
        return [line for line in found if line]

    def remove(self) -> None:
        """Take the folders away."""
        shutil.rmtree(self.root, ignore_errors=True)


class Pane:
    """A terminal window of a fixed size. `machine.env` is the whole environment of the program in it."""

    def __init__(self, machine: Machine, columns: int = 80, lines: int = 24) -> None:
        self.machine, self.columns, self.lines = machine, columns, lines
        self._socket = machine.root / "tmux.socket"
        self._config = machine.root / "tmux.conf"
        self._config.write_text(CONFIG, encoding="utf-8")
        self.started = False

    def start(self, *arguments: str) -> Pane:
        """Run the program with these arguments. When it ends, its exit code is written and the modes of the terminal
        stay as it left them."""
        pairs = (f"{name}={value}" for name, value in self.machine.env.items())
        command = shlex.join(["env", "-i", *pairs, *PROGRAM, *arguments])
        script = f"{command}; printf '\\n[exit code %s]\\n' $?; exec sleep 600"
        size = ("-x", str(self.columns), "-y", str(self.lines))
        self._tmux("new-session", "-d", *size, "-c", str(self.machine.work), "sh", "-c", script)
        self.started = True
        return self

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        command = ["tmux", "-u", "-S", str(self._socket), "-f", str(self._config), *arguments]
        env = {**os.environ, "LC_ALL": "C.UTF-8", "TMUX": ""}
        done = subprocess.run(command, env=env, capture_output=True, text=True, encoding="utf-8", timeout=20)
        assert not check or done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    # What is to be seen

    def screen(self) -> str:
        """The text on the screen, line by line."""
        return self._tmux("capture-pane", "-p")

    def styled(self) -> str:
        """The screen with its colours and styles as escape sequences."""
        return self._tmux("capture-pane", "-e", "-p")

    def sees(self, *texts: str, seconds: float = PATIENCE) -> str:
        """Wait until all of `texts` are on the screen at once; returns the screen.

        A text matches across the places where lines are broken, and beside the rail.
        """
        last = ""

        def look() -> bool:
            nonlocal last
            last = self.screen()
            assert not (ended := ENDED.search(last)) or any("exit code" in text for text in texts), (
                f"It has ended with {ended}, before {texts}\n{last}"
            )
            return all(text in last or text in flat(last) for text in texts)

        assert poll(look, seconds), f"It never came: {texts}\n{last}"
        return last

    def clipboard(self) -> str:
        """What the program has copied through the terminal (OSC 52)."""
        return poll(lambda: self._tmux("show-buffer", check=False), 5)

    @property
    def modes(self) -> dict[str, bool]:
        """Modes that a full-screen program changes, and has to put back."""
        names = ("alternate_on", "cursor_flag", "mouse_any_flag", "mouse_sgr_flag", "bracket_paste_flag")
        values = self._tmux("display", "-p", ",".join(f"#{{{name}}}" for name in names)).strip().split(",")
        return {name: value == "1" for name, value in zip(names, values, strict=True)}

    # What a person does

    def press(self, *keys: str) -> None:
        """Press keys by their names in tmux: `Enter`, `Escape`, `C-q`, `n`."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type text."""
        self._tmux("send-keys", "-l", text)

    def resize(self, columns: int, lines: int) -> None:
        """Drag the window to another size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(lines))
        self.columns, self.lines = columns, lines

    def exit_code(self, seconds: float = PATIENCE) -> int:
        """Wait for the program's end."""
        found = poll(lambda: ENDED.search(self.screen()), seconds)
        assert found, f"It did not end.\n{self.screen()}"
        return int(found[1])

    def quit(self) -> str:
        """Quit with the key for it; the exit code is 0, and everything is as it was. Returns what is left to read."""
        self.press("C-q")
        assert self.exit_code() == 0, self.screen()
        self.left_clean()
        return self.screen()

    def left_clean(self) -> None:
        """The terminal, the processes and the temporary folder are as they were before."""
        modes = self.modes
        assert not modes["alternate_on"], "the alternate screen is still there"
        assert modes["cursor_flag"], "the cursor is hidden"
        assert not modes["mouse_any_flag"] and not modes["mouse_sgr_flag"], "the mouse is still caught"
        machine = self.machine
        poll(lambda: not machine.processes(), 15)
        assert machine.processes() == []
        left = [path.name for path in machine.tmp.iterdir()]
        assert left == [], "temporary folders are left behind"

    def close(self) -> None:
        """End the tmux server and everything in it."""
        if self.started:
            self._tmux("kill-server", check=False)
            poll(lambda: not self.machine.processes(), 10)


def flat(screen: str) -> str:
    """The answer without the rail, borders and line breaks: one line with single spaces."""
    lines = []
    for line in screen.splitlines():
        line = re.sub(r"^ [▶○✓✗…–] .{16}|^ {3}(?:now|done|waiting|blocked|skipped) {5,}", " ", line)
        lines.append(re.sub(r"[│╭╮╰╯─▎▊▁▔▏▂▃▄▅▆▇▌]+", " ", line))
    return re.sub(r"\s+", " ", " ".join(lines))


Colour = tuple[int, int, int]
_SGR = re.compile(r"\x1b\[([\d;:]*)m|\x1b\([A-Z0-9]|([^\x1b]+)")


def runs(styled: str) -> Iterator[tuple[str, Colour | None, Colour | None]]:
    """Pieces of a styled screen with foreground and background; None is the terminal's own. Reversal is applied."""
    front: Colour | None = None
    back: Colour | None = None
    reverse = False
    for match in _SGR.finditer(styled):
        codes, text = match[1], match[2]
        if text:
            yield (text, back, front) if reverse else (text, front, back)
        elif codes is not None:
            numbers = [int(code or 0) for code in re.split("[;:]", codes)]
            while numbers:
                number = numbers.pop(0)
                if number == 0:
                    front, back, reverse = None, None, False
                elif number == 7:
                    reverse = True
                elif number == 27:
                    reverse = False
                elif number in (38, 48):
                    assert numbers.pop(0) == 2, f"not a 24-bit colour: {codes}"
                    red, green, blue, *numbers = numbers
                    if number == 38:
                        front = (red, green, blue)
                    else:
                        back = (red, green, blue)
                elif number == 39:
                    front = None
                elif number == 49:
                    back = None
                else:
                    assert number < 30, f"a colour of the palette: {codes}"


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2.2: 1 is invisible, 21 is black on white."""

    def light(colour: Colour) -> float:
        parts = [part / 255 for part in colour]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)
