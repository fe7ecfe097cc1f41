"""What wins over what, and where each value is said to come from."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from wizard.core.output.output_type import CHARACTER, OutputType
from wizard.core.plan.draft import Draft
from wizard.core.problem import Problem
from wizard.flow.configuration.merge import configure


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's configuration file, which is not there yet."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("MODAL_ENVIRONMENT", raising=False)
    path = Path(platformdirs.user_config_dir("outlines-wizard"), "config.toml")
    path.parent.mkdir(parents=True)
    return path


def test_a_flag_wins_over_the_plan_file_and_that_over_the_user_config(config: Path) -> None:
    config.write_text('[deploy]\nmodel = "mine/model"\nrevision = "v2"\ngpu = "L4"\nmax_tokens = 9\nendpoint = true\n')
    merged = configure(Draft(gpu="T4"), plan_file=Draft(gpu="A10", max_tokens=8, output=OutputType("text")))
    assert merged.draft == Draft(
        model="mine/model", revision="v2", gpu="T4", max_tokens=8, output=OutputType("text"), endpoint=True
    )
    assert merged.sources == {
        "model": "user config",
        "revision": "user config",
        "gpu": "flag",
        "max_tokens": "plan file",
        "output": "plan file",
        "endpoint": "user config",
        "environment": "Modal's configuration",
    }


def test_a_rehearsal_leaves_out_the_persons_own_model_and_environment(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text('[deploy]\nmodel = "mine/model"\nrevision = "v2"\ngpu = "L4"\nenvironment = "staging"\n')
    monkeypatch.setenv("MODAL_ENVIRONMENT", "dev")
    merged = configure(Draft(), rehearsal=True, rehearsal_model="lab/small")
    assert merged.draft == Draft(model="lab/small", gpu="L4", output=CHARACTER)
    assert (merged.environment, merged.sources["environment"]) == (None, "rehearsal")
    assert (merged.sources["model"], merged.sources["gpu"]) == ("rehearsal", "user config")
    assert configure(Draft(), rehearsal=True).draft.model is None, "where somebody is asked"


def test_the_environment_is_a_flag_else_a_variable_else_the_user_config(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text('[deploy]\nenvironment = "staging"\n')
    assert configure(Draft()).environment == "staging"
    monkeypatch.setenv("MODAL_ENVIRONMENT", "dev")
    named = configure(Draft())
    assert (named.environment, named.sources["environment"]) == (None, "MODAL_ENVIRONMENT"), "Modal reads it itself"
    assert configure(Draft(), environment="main").environment == "main"
    with pytest.raises(Problem) as caught:
        configure(Draft(), environment="no name")
    assert caught.value.code == "name_invalid"


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("[deploy\n", "config_invalid", "not TOML"),
        ("deploy = 1\n", "config_invalid", "as in [deploy]"),
        ("[deploy]\nenvironment = 1\n", "config_invalid", "environment has to be a text"),
        ("[deploy]\nmax_tokens = true\n", "plan_invalid", "max_tokens has to be int, not True"),
        ("[deploy]\nmax = 3\n", "plan_invalid", "unknown key 'max'"),
    ],
)
def test_what_the_file_has_wrong_is_named(config: Path, text: str, code: str, words: str) -> None:
    config.write_text(text)
    with pytest.raises(Problem) as caught:
        configure(Draft())
    assert caught.value.code == code
    assert words in caught.value.message and "config.toml" in caught.value.message
