"""One rehearsal per pytest process, pointed at before any SDK is imported, and the wizard on it.

The SDKs read their variables when they are imported, so every test of a process shares one rehearsal; a test changes
its world (`stage.gate("pending")`, `stage.break_at(...)`) or its own variables (`monkeypatch.delenv("HF_TOKEN")`),
and everything is put back afterwards.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tui.stage import MODEL, Stage
from wizard.cli.session import SessionOptions
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.draft import Draft
from wizard.demo_servers import point_process_at
from wizard.tui.app import WizardApp
from wizard.wiring import BANNER, _services


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The rehearsal of this process."""
    missing = [name for name in ("torch", "transformers", "outlines") if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"a rehearsal needs {', '.join(missing)}")
    stage = Stage.serve(tmp_path_factory.mktemp("state"))
    yield stage
    stage.end()


@pytest.fixture
def stage(serving: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The rehearsal on a good day, and this process pointed at it; the test sits in a folder of its own."""
    before = dict(os.environ)
    point_process_at(serving.env, "all")
    os.environ.pop("NO_COLOR", None)
    os.environ["XDG_STATE_HOME"] = str(tmp_path / "state-home")
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path / "config-home")
    from huggingface_hub import constants  # tests of other rooms in this process may have imported it before

    monkeypatch.setattr(constants, "ENDPOINT", serving.env["HF_ENDPOINT"])
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", serving.env["HF_TOKEN_PATH"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # where the log of a failed deploy is kept
    serving.good_day()
    yield serving
    serving.good_day()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def make_app(stage: Stage) -> Callable[..., WizardApp]:
    """Makes the wizard as `outlines-wizard --rehearse` does; values of the Draft may be given."""

    def make(*, lasting: bool = True, **draft: Any) -> WizardApp:
        options = SessionOptions(rehearse="all")
        return WizardApp(
            lambda: _services(options, notes=(BANNER,), rehearsal=True, lasting=lasting),
            draft=Draft(**{"output": CHARACTER, **draft}),
            rehearsal=True,
            suggested=MODEL,
            opens_home=False,  # what one test deploys is not what the next one opens with
        )

    return make


@pytest.fixture
def app(make_app: Callable[..., WizardApp]) -> WizardApp:
    """The wizard with nothing decided but what a rehearsal decides."""
    return make_app()
