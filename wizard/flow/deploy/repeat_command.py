"""The command that repeats what was clicked: the flags of a Draft, quoted for a shell."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from wizard.core.output.output_type import OutputType
from wizard.core.plan.draft import Draft
from wizard.core.plan.names import app_name
from wizard.core.plan.plan import Plan
from wizard.core.plan.plan_file import write_plan_document
from wizard.flow.deploy.job_state import JobOptions

PROGRAM = "outlines-wizard"


@dataclass(frozen=True)
class Repeat:
    """A command, and the files that it reads: they have to be written before it is run."""

    words: tuple[str, ...]
    files: Mapping[Path, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The command as a shell takes it."""
        return shlex.join(self.words)


def deploy_command(
    draft: Draft,
    *,
    plan: Plan | None = None,
    options: JobOptions | None = None,
    environment: str | None = None,
    rehearsal: bool = False,
    trusted: Sequence[str] = (),
) -> Repeat:
    """`outlines-wizard deploy` with the flags of `draft`, and with a plan file where flags are not enough.

    `plan` is what the Draft has become; a plan file is only written when it is known. `environment` is named when the
    command would otherwise use another one, `trusted` are Hubs that have to be named as trusted where it is run.
    """
    options = options or JobOptions()
    words = [PROGRAM, "deploy"] + (["--rehearse"] if rehearsal else [])
    words += [f"--trust-endpoint={address}" for address in trusted]
    files: dict[Path, str] = {}
    folder = options.output_dir
    stem = draft.app or (app_name(draft.model) if draft.model else "outlines")
    output = _output_flags(draft.output, folder, stem)
    if output is None or draft.volume or (draft.prompt or "").startswith("-"):
        if plan is not None:
            path = folder / f"{stem}.toml"
            why = "" if draft.names_engine else f"{plan.inference_engine.label}: what this plan needs."
            files[path] = write_plan_document(plan, why)
            words += ["--plan", str(path)]
            return Repeat((*words, *_option_flags(options), *_environment(environment)), files)
        output = output or ((), {})
    words += _setting_flags(draft)
    flags, more = output
    words += [*flags, *_option_flags(options), *_environment(environment)]
    return Repeat(tuple(words), {**files, **more})


def call_command(app: str, prompt: str, *, rehearsal: bool = False, environment: str | None = None) -> str:
    """`outlines-wizard call` for one prompt."""
    return shlex.join([PROGRAM, "call", app, *_rehearse(rehearsal), *_environment(environment), f"--prompt={prompt}"])


def status_command(app: str, *, rehearsal: bool = False, environment: str | None = None) -> str:
    """`outlines-wizard status`."""
    return shlex.join([PROGRAM, "status", app, *_rehearse(rehearsal), *_environment(environment)])


def logs_command(app: str, *, rehearsal: bool = False, environment: str | None = None) -> str:
    """`outlines-wizard logs`, following."""
    return shlex.join([PROGRAM, "logs", app, "-f", *_rehearse(rehearsal), *_environment(environment)])


def teardown_command(app: str, *, rehearsal: bool = False, environment: str | None = None) -> str:
    """`outlines-wizard teardown`."""
    return shlex.join([PROGRAM, "teardown", app, *_rehearse(rehearsal), *_environment(environment)])


def _rehearse(rehearsal: bool) -> list[str]:
    return ["--rehearse"] if rehearsal else []


def _environment(environment: str | None) -> list[str]:
    return ["--environment", environment] if environment else []


def _setting_flags(draft: Draft) -> list[str]:
    """The flags of what is decided; a switch only where it is on."""
    words: list[str] = []
    for setting in draft.settings():
        value = draft.decided.get(setting.name)
        if setting.flag and setting.is_list:
            words += [word for each in value or () for word in (setting.flag, each)]
        elif setting.flag and value is not None and value is not False:
            words += [setting.flag] if value is True else [setting.flag, str(value)]
    return words


def _option_flags(options: JobOptions) -> list[str]:
    words: list[str] = []
    if options.token_from != "auto":
        words += ["--token-from", options.token_from]
    if options.output_dir != Path("."):
        words += ["--output-dir", str(options.output_dir)]
    if options.max_cost is not None:
        words += ["--max-cost", f"{options.max_cost:g}"]
    if options.replace_secret:
        words.append("--replace-secret")
    return words


def _output_flags(output: OutputType | None, folder: Path, stem: str) -> tuple[tuple[str, ...], dict[Path, str]] | None:
    """The flags of an output type and the files that they name; None when no flag can say it."""
    if output is None:
        return (), {}
    flag = output.record.format_flag(output.spec)
    if flag is None:
        return None
    if flag.value is None:
        return (flag.name,), {}
    if flag.file_ending:
        path = folder / f"{stem}{flag.file_ending}"
        return (flag.name, str(path)), {path: flag.value}
    return (flag.name, flag.value), {}


def settled(draft: Draft) -> Draft:
    """The Draft without what says nothing: an empty Hub address is the public Hub."""
    return replace(draft, hub_endpoint=draft.hub_endpoint or None)
