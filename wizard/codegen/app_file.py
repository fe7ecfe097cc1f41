"""Writes the Modal app for a Plan: one readable file, the same bytes for the same Plan, no secret in it."""

from __future__ import annotations

import hashlib
import json
import math
import re
import sys
from functools import cache
from importlib.resources import files
from string import Template

from wizard.core.lint.backend import StructuredOutputBackend
from wizard.core.lint.backend_registry import backend_named, backends
from wizard.core.output.output_type import OutputType
from wizard.core.plan.image_pins import PACKAGES, PYTHON, UV
from wizard.core.plan.plan import Plan
from wizard.core.sizing.gpus import CPU_CORES, CPU_MEMORY_GIB, NO_GPU

WEIGHTS: dict[str, str] = {"safetensors": "model.safetensors", "bin": "pytorch_model.bin"}
# Bytes per second that weights arrive with, in the worst case: from the Hub, and from a Volume that is cold.
_FROM_HUB, _FROM_VOLUME = 20e6, 100e6


def app_file_name(plan: Plan) -> str:
    """The file's name: the app's, as a Python module."""
    name = plan.app.replace("-", "_").replace(".", "_")
    return f"{name}_app.py" if name in _module_names() else f"{name}.py"


def _module_names() -> set[str]:
    """A file of such a name would be imported in place of the module, by the app itself and by its neighbours."""
    pinned = [*PACKAGES, *(name for each in backends() for name in each.image_packages)]
    return {"modal", "wizard", *(name.replace("-", "_") for name in pinned), *sys.stdlib_module_names}


def render_app(plan: Plan) -> str:
    """The Python source of the Modal app for `plan`."""
    return _render(plan, plan_hash(plan))


def plan_hash(plan: Plan) -> str:
    """Twelve hexadecimal digits that change whenever the rendered app would; the deployed app carries them."""
    return hashlib.sha256(_render(plan, "").encode()).hexdigest()[:12]


def _render(plan: Plan, tag: str) -> str:
    secret = '[modal.Secret.from_name(HF_SECRET, required_keys=["HF_TOKEN"])],'
    backend = backend_named(plan.backend)
    packages = dict(sorted((PACKAGES | backend.image_packages).items()))
    return _part("app").substitute(
        model=plan.model,
        file_name=app_file_name(plan),
        download_note=(
            ", the only place that sees the access token" if plan.needs_token else " and without an access token"
        ),
        app=_literal(plan.app),
        model_literal=_literal(plan.model),
        revision=_literal(plan.revision),
        weights=_literal(WEIGHTS[plan.weights]),
        **_device(plan.gpu),
        volume=_literal(plan.volume),
        secret_constant=(
            f"HF_SECRET = {_literal(plan.secret)}  # a Modal Secret that holds HF_TOKEN; made apart from this file"
            if plan.needs_token
            else "# The model is open: no access token is needed, and none is attached."
        ),
        prompt=_text_literal(plan.prompt),
        max_tokens=plan.max_tokens,
        form=_literal(plan.output.form),
        output=_output_literal(plan.output),
        plan_hash=_literal(tag),
        python=_literal(PYTHON),
        packages="\n".join(f"    {_literal(f'{name}=={version}')}," for name, version in packages.items()),
        uv=_literal(UV),
        endpoint_env=f', "HF_ENDPOINT": {_literal(plan.hub_endpoint)}' if plan.hub_endpoint else "",
        download_secret=f"    secrets={secret}" if plan.needs_token else "    secrets=[],",
        download_minutes=_minutes(plan.weights_bytes, _FROM_HUB, at_least=60),
        startup_minutes=_minutes(plan.weights_bytes, _FROM_VOLUME, at_least=10),
        scaledown_window=plan.scaledown_window,
        max_containers=plan.max_containers,
        engine=_engine(backend),
        endpoint=_part("endpoint").substitute(python=_literal(PYTHON)) if plan.endpoint else "",
    )


def _device(gpu: str) -> dict[str, str]:
    """What the file says of the GPU, or of the CPU and the memory that take its place."""
    if gpu != NO_GPU.name:
        return {
            "container": "The GPU container",
            "device": f"GPU = {_literal(gpu)}",
            "device_options": "    gpu=GPU,",
            "threads": "",
        }
    return {
        "container": "The CPU container",
        "device": f"CORES = {CPU_CORES}  # no GPU: the model runs on a CPU\nMEMORY = {CPU_MEMORY_GIB * 1024}  # MiB",
        "device_options": "    cpu=CORES,\n    memory=MEMORY,",
        "threads": "\n        torch.set_num_threads(min(CORES, os.cpu_count() or 1))",
    }


def _minutes(size: int, speed: float, at_least: int) -> int:
    """A time limit for `size` bytes at `speed` bytes per second, in whole steps of ten minutes."""
    return max(at_least, 10 * math.ceil((5 + size / speed / 60) / 10))


def _engine(backend: StructuredOutputBackend) -> str:
    """The class that drives one structured-output backend."""
    common = _part("backend_common").template.rstrip() + "\n"
    return Template(backend.app_part).substitute(common=common).rstrip()


_HALF = re.compile("[\ud800-\udfff]")  # what was not UTF-8; a file cannot hold it as it is


@cache
def _part(name: str) -> Template:
    return Template(files("wizard.codegen.transformers").joinpath(f"{name}.py.txt").read_text(encoding="utf-8"))


def _literal(value: object) -> str:
    """A Python literal in the quotes that formatters prefer."""
    if isinstance(value, str):
        if '"' in value and "'" not in value:
            inner = "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"') + "'"
        else:
            inner = json.dumps(value, ensure_ascii=False)
        return _HALF.sub(lambda half: f"\\u{ord(half.group()):04x}", inner)
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    return repr(value)


def _data_literal(value: object, indent: int = 0, width: int = 110) -> str:
    """Plain data as a Python literal: on one line where it fits, else one item a line."""
    if isinstance(value, dict):
        items = [f"{_literal(str(key))}: {_data_literal(item, indent + 4)}" for key, item in value.items()]
        opening, closing = "{", "}"
    elif isinstance(value, list):
        items = [_data_literal(item, indent + 4) for item in value]
        opening, closing = "[", "]"
    else:
        return _literal(value)
    inline = opening + ", ".join(items) + closing
    if len(inline) + indent <= width and "\n" not in inline:
        return inline
    margin = " " * (indent + 4)
    return opening + "\n" + "".join(f"{margin}{item},\n" for item in items) + " " * indent + closing


def _text_literal(text: str) -> str:
    """A literal for longer text, wrapped at 100 columns as adjacent strings."""
    if len(_literal(text)) <= 108:
        return _literal(text)
    lines = text.splitlines(keepends=True)
    parts = [part for line in lines for part in _split(line)]
    return "(\n" + "".join(f"    {_literal(part)}\n" for part in parts) + ")"


def _split(line: str, width: int = 90) -> list[str]:
    return [line[start : start + width] for start in range(0, len(line), width)]


def _output_literal(output: OutputType) -> str:
    """What the backend enforces, as the app file holds it."""
    if output.form == "none":
        return '""'
    if output.form == "json_schema":
        return _data_literal(json.loads(output.enforced))
    return _text_literal(output.enforced) if output.form == "grammar" else _literal(output.enforced)
