"""Shell completion, in the shells themselves where they are installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def on_path(tmp_path: Path) -> str:
    """A PATH on which `outlines-wizard` is this program."""
    program = tmp_path / "bin" / "outlines-wizard"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "from wizard.__main__ import main\nmain()\n"
    )
    program.chmod(0o755)
    return f"{program.parent}:/usr/local/bin:/usr/bin:/bin"


# What each shell is told to do: load the completion, then say what follows `outlines-wizard te`.
ASKS = {
    "bash": """
        eval "$(outlines-wizard completion bash)"
        COMP_WORDS=(outlines-wizard te); COMP_CWORD=1
        _outlines_wizard_completion outlines-wizard
        printf '%s\\n' "${COMPREPLY[@]}"
    """,
    "zsh": """
        autoload -Uz compinit && compinit -u -D
        eval "$(outlines-wizard completion zsh)"
        compadd() { print -l -- $* }
        _describe() { print -l -- ${(P)3} }
        words=(outlines-wizard te); CURRENT=2
        _outlines_wizard_completion
    """,
    "fish": """
        outlines-wizard completion fish | source
        complete -C 'outlines-wizard te'
    """,
}


@pytest.mark.parametrize("shell", ASKS)
def test_a_shell_completes_commands(shell: str, on_path: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    asked = [shell, "-f", "-c", ASKS[shell]] if shell == "zsh" else [shell, "-c", ASKS[shell]]
    environment = {"PATH": on_path, "HOME": str(tmp_path), "TERM": "xterm"}
    said = subprocess.run(asked, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "teardown" in said.stdout, said.stderr
    assert "rehearse" not in said.stdout


def test_flags_are_completed_too(on_path: str, tmp_path: Path) -> None:
    ask = ASKS["bash"].replace("(outlines-wizard te)", "(outlines-wizard deploy --max-c)").replace("CWORD=1", "CWORD=2")
    environment = {"PATH": on_path, "HOME": str(tmp_path), "TERM": "xterm"}
    said = subprocess.run(["bash", "-c", ask], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert set(said.stdout.split()) >= {"--max-cost", "--max-containers"}, said.stderr


def test_an_unknown_shell_is_one_sentence(wizard: Run) -> None:
    ran = wizard("completion", "tcsh")
    assert ran.code == 2
    assert "'bash', 'zsh', 'fish'" in ran.stderr
