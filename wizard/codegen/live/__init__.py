"""The small Modal apps of a live check: functions without a model that show what Modal does."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from string import Template

from wizard.codegen.literals import literal
from wizard.core.sizing.gpus import GPUS

MARK_VARIABLE = "OUTLINES_WIZARD_LIVE_CHECK"
"""A variable that is set on the computer that deploys, and that no container may have."""


@dataclass(frozen=True)
class SmallApp:
    """The names that the small app is made with, and a number that its code returns."""

    app: str
    secret: str
    volume: str
    version: int = 1


def render_small_app(names: SmallApp) -> str:
    """The app without a GPU that the live check calls."""
    values = {"app": names.app, "secret": names.secret, "volume": names.volume}
    return _part("small_app").substitute(
        {key: literal(value) for key, value in values.items()} | {"version": str(names.version)}
    )


def gpu_names() -> tuple[str, ...]:
    """Every GPU name that the table has, and one with a number."""
    return (*(gpu.name for gpu in GPUS), f"{GPUS[0].name}:2")


def render_gpu_names_app(app: str, volume: str) -> str:
    """An app with a function for each GPU, which nobody calls. `volume` is only its tag."""
    functions = "\n\n\n".join(
        f"@app.function(image=image, gpu={literal(name)})\ndef on_{number}() -> None: ..."
        for number, name in enumerate(gpu_names())
    )
    return _part("gpu_names").substitute(app=literal(app), volume=literal(volume), functions=functions)


def _part(name: str) -> Template:
    return Template(files("wizard.codegen.live").joinpath(f"{name}.py.txt").read_text(encoding="utf-8"))
