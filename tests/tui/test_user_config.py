"""The user config means the same on the command line and on screen."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from tests.tui.stage import MODEL, Stage
from wizard.cli.commands.deploy import deploy, read_configuration
from wizard.cli.context import CommandContext
from wizard.cli.output.reporters import make_reporter
from wizard.cli.session import SessionOptions
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.draft import Draft
from wizard.wiring import ProgramWiring

CONFIG = '[deploy]\nmodel = "mine/model"\nrevision = "v2"\ngpu = "L40S"\nmax_containers = 3\n'


async def by_command_line(options: SessionOptions) -> Draft:
    reporter = make_reporter(as_json=True, quiet=True, color=False, rehearsal=False)
    context = CommandContext(ProgramWiring(), reporter, options, False, True, True)
    return (await read_configuration(context, deploy.make_context("deploy", []).params)).draft


async def by_screen(options: SessionOptions) -> Draft:
    return ProgramWiring().wizard_app(options).session.draft


@pytest.mark.parametrize("face", [by_command_line, by_screen])
async def test_both_faces_take_the_user_config_and_drop_its_model_in_a_rehearsal(face, stage: Stage) -> None:  # type: ignore[no-untyped-def]
    config = Path(platformdirs.user_config_dir("outlines-wizard"), "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text(CONFIG)
    assert await face(SessionOptions()) == Draft("mine/model", "v2", gpu="L40S", max_containers=3)
    rehearsed = await face(SessionOptions(rehearse="all"))
    model = MODEL if face is by_command_line else None  # on screen it is suggested, and a person chooses
    assert rehearsed == Draft(model, output=CHARACTER, gpu="L40S", max_containers=3)
    assert ProgramWiring().wizard_app(SessionOptions(rehearse="all")).suggested == MODEL
