"""`completion`: the lines that teach a shell this program's commands and flags."""

from __future__ import annotations

import sys

import click
from click.shell_completion import get_completion_class

SUMMARY = "Shell completion for bash, zsh and fish."
ORDER = 170

PROGRAM = "outlines-wizard"


@click.command("completion", short_help=SUMMARY)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion of commands and flags for SHELL.

    \b
      eval "$(outlines-wizard completion bash)"    # ~/.bashrc
      eval "$(outlines-wizard completion zsh)"     # ~/.zshrc, after compinit
      outlines-wizard completion fish | source     # config.fish
    """
    found = get_completion_class(shell)
    assert found is not None  # click brings these three
    script = found(ctx.find_root().command, {}, PROGRAM, "_OUTLINES_WIZARD_COMPLETE")
    sys.stdout.write(script.source() + "\n")
