"""Writes the Modal app for a Plan: one readable file, the same bytes for the same Plan, no secret in it."""

from __future__ import annotations

import hashlib
import importlib
import json
import math
import sys
from collections.abc import Mapping
from string import Template

from wizard.codegen import images
from wizard.codegen.adapters import adapter_values
from wizard.codegen.ignored_keywords import ignored_keywords
from wizard.codegen.literals import data_literal, literal, text_literal
from wizard.codegen.parts import part
from wizard.codegen.thinking import requests_part, thinking_part, thinking_values
from wizard.core.inference.engine_registry import engines
from wizard.core.lint.registry import backend_named, backends
from wizard.core.models.model_info import WEIGHT_FILES, stored_name
from wizard.core.output.output_type import OutputType
from wizard.core.plan.inference_engine.figures import step_seconds
from wizard.core.plan.plan import Plan
from wizard.core.sizing.gpus import CPU_CORES, CPU_MEMORY_GIB, NO_GPU, read_gpu

# Bytes per second that weights arrive with, in the worst case: from the Hub, and from a Volume that is cold.
_FROM_HUB, _FROM_VOLUME = 20e6, 100e6
_MODULES = ("asyncio", "collections", "functools", "importlib.metadata", "json", "os", "time")

STARLETTE = "starlette==1.10.0"  # in the image of the endpoint, which has nothing else

# Where an argument is named that has no place of its own: how far to reason, or which adapter answers.
NAMED_ARGUMENTS: Mapping[str, str] = {
    "or_all_of_it": ", or all of it as one dict",
    "take_all_of_it": """\
        if arguments and isinstance(arguments[0], dict):
            arguments, options = arguments[1:], options | arguments[0]
""",
}


def app_file_name(plan: Plan) -> str:
    """The file's name: the app's, as a Python module."""
    name = plan.app.replace("-", "_").replace(".", "_")
    return f"{name}_app.py" if name in _module_names() else f"{name}.py"


def _module_names() -> set[str]:
    """A file of such a name would be imported in place of the module, by the app itself and by its neighbours."""
    pinned = [name for each in engines() for name in each.packages]
    pinned += [name for each in engines() for name in each.vision_packages]
    pinned += [name for each in backends() for name in each.image_packages]
    return {"modal", "wizard", *(name.replace("-", "_") for name in pinned), *sys.stdlib_module_names}


def render_app(plan: Plan) -> str:
    """The Python source of the Modal app for `plan`."""
    return _render(plan, plan_hash(plan))


def plan_hash(plan: Plan) -> str:
    """Twelve hexadecimal digits that change whenever the rendered app would; the deployed app carries them."""
    return hashlib.sha256(_render(plan, "").encode()).hexdigest()[:12]


def _render(plan: Plan, tag: str) -> str:
    engine = plan.inference_engine
    common = _common(plan, tag)
    own: Mapping[str, str] = importlib.import_module(f"wizard.codegen.{engine.name}").values(plan, common)
    seeing = images.values(plan)
    backend_common = part(engine, "backend_common").template.rstrip() + "\n"
    answer = part(engine, "answer").substitute(common, **seeing).rstrip() + thinking_part(plan)
    schema = part(engine, "schema").template.rstrip()
    return part(engine, "app").substitute(
        common,
        **own,
        imports=_imports(plan, own["modules"]) + own["from_imports"],
        images=seeing["images"],
        download=part(engine, "uploaded" if plan.is_folder else "download").substitute(common).rstrip(),
        image_packages=seeing["image_packages"],
        schema=schema.replace("$ignored", ignored_keywords(backend_named(plan.backend))),
        backend=Template(backend_named(plan.backend).app_part).substitute(common=backend_common).rstrip(),
        answer=answer + own["own_answer"],
        calls=part(engine, "calls").substitute(common, **seeing).rstrip(),
        endpoint=_endpoint(plan, common) if plan.endpoint else "",
    )


def _imports(plan: Plan, of_engine: str) -> str:
    """The modules of the standard library that the file imports as they are, in order."""
    matches = ["re"] if plan.endpoint or plan.has_thinking else []
    download = [] if plan.is_folder else ["fnmatch"]
    names = {*_MODULES, *download, *of_engine.split(), *matches, *(images.MODULES if plan.sees else [])}
    return "".join(f"import {name}\n" for name in sorted(names))


def _endpoint(plan: Plan, common: Mapping[str, str]) -> str:
    engine, seeing = plan.inference_engine, images.endpoint_values(plan)
    requests = requests_part(plan, {**common, **seeing})
    installed = f"{literal(STARLETTE)}, uv_version={common['uv']}"
    if plan.sees:
        installed = f"\n    {literal(images.pillow(engine))}, {installed}\n"
    return part(engine, "endpoint").substitute(common, **seeing, requests=requests, installed=installed)


def _common(plan: Plan, tag: str) -> dict[str, str]:
    """What goes into the placeholders of all parts, whichever engine runs the model."""
    engine = plan.inference_engine
    packages = engine.image_packages(backend_named(plan.backend), adapters=bool(plan.adapter))
    secret = '[modal.Secret.from_name(HF_SECRET, required_keys=["HF_TOKEN"])],'
    return {
        "model": stored_name(plan.model),
        "file_name": app_file_name(plan),
        "download_note": _download_note(plan),
        "app": literal(plan.app),
        "model_literal": literal(stored_name(plan.model)),
        "revision": literal(plan.revision),
        "weights": literal(WEIGHT_FILES[plan.weights]),
        **_device(plan.gpu),
        **_snapshot(plan.snapshot),
        **thinking_values(plan),
        "volume": literal(plan.volume),
        "secret_constant": (
            f"HF_SECRET = {literal(plan.secret)}  # a Modal Secret that holds HF_TOKEN; made apart from this file"
            if plan.needs_token
            else "# No access token is needed, and none is attached."
            if plan.is_folder
            else "# The model is open: no access token is needed, and none is attached."
        ),
        "prompt": text_literal(plan.prompt),
        "max_tokens": str(plan.max_tokens),
        "form": literal(plan.output.form),
        "output": _output_literal(plan.output),
        "plan_hash": literal(tag),
        "python": literal(engine.python),
        "packages": "\n".join(f"    {literal(f'{name}=={version}')}," for name, version in packages.items()),
        "uv": literal(engine.uv),
        "endpoint_env": f', "HF_ENDPOINT": {literal(plan.hub_endpoint)}' if plan.hub_endpoint else "",
        "download_secret": f"    secrets={secret}" if plan.needs_token else "    secrets=[],",
        "download_minutes": str(_minutes(plan.weights_bytes, _FROM_HUB, at_least=60)),
        "startup_minutes": str(_minutes(plan.weights_bytes, _FROM_VOLUME, at_least=10)),
        "call_minutes": str(_call_minutes(plan)),
        "endpoint_minutes": str(max(20, _call_minutes(plan) + 10)),
        "scaledown_window": str(plan.scaledown_window),
        "max_containers": str(plan.max_containers),
        **adapter_values(plan),
        **(NAMED_ARGUMENTS if plan.has_thinking or len(plan.adapters) > 1 else dict.fromkeys(NAMED_ARGUMENTS, "")),
    }


def _download_note(plan: Plan) -> str:
    """How the weights come into the Volume, as a sentence without its end."""
    if plan.is_folder:
        return "The weights were put into a Volume, from a folder of the machine that deployed it"
    token = ", the only place that sees the access token" if plan.needs_token else " and without an access token"
    return f"The weights are fetched once into a Volume, by a function without a GPU{token}"


def _snapshot(kind: str) -> dict[str, str]:
    """What the file says of memory snapshots: none, of what needs no GPU, or of the GPU too (Modal's experiment)."""
    options = "" if kind == "none" else "    enable_memory_snapshot=True,\n"
    if kind == "gpu":
        options += '    experimental_options={"enable_gpu_snapshot": True},  # an experiment of Modal\'s\n'
    return {
        "snapshot_note": {
            "none": "Nothing is kept of a container that has started.",
            "cpu": "Modal keeps the first phase as a snapshot of the memory.",
            "gpu": "Modal keeps both as a snapshot of the memory, that of the GPU as well.",
        }[kind],
        "snapshot_options": options,
        "snap": "" if kind == "none" else "snap=True",
        "load_snap": "snap=True" if kind == "gpu" else "",
    }


def _device(gpu: str) -> dict[str, str]:
    """What the file says of the GPU, or of the CPU and the memory that take its place."""
    if gpu != NO_GPU.name:
        return {
            "container": "The GPU container",
            "device": f"GPU = {literal(gpu)}",
            "device_options": "    gpu=GPU,",
        }
    return {
        "container": "The CPU container",
        "device": f"CORES = {CPU_CORES}  # no GPU: the model runs on a CPU\nMEMORY = {CPU_MEMORY_GIB * 1024}  # MiB",
        "device_options": "    cpu=CORES,\n    memory=MEMORY,",
    }


def _minutes(size: int, speed: float, at_least: int) -> int:
    """A time limit for `size` bytes at `speed` bytes per second, in whole steps of ten minutes."""
    return max(at_least, 10 * math.ceil((5 + size / speed / 60) / 10))


def _call_minutes(plan: Plan) -> int:
    """The time limit of one call: ten minutes, and four times what the reasoning takes, since batches are slower."""
    if not plan.think_tokens:
        return 10
    loaded, engine = float(plan.weights_bytes), plan.inference_engine
    seconds = plan.think_tokens * step_seconds(loaded, read_gpu(plan.gpu), engine, fast=plan.fast_start)
    return 10 + math.ceil(4 * seconds / 60)


def _output_literal(output: OutputType) -> str:
    """What the backend enforces, as the app file holds it."""
    if output.form == "none":
        return '""'
    if output.form == "json_schema":
        return data_literal(json.loads(output.enforced))
    return text_literal(output.enforced) if output.form == "grammar" else literal(output.enforced)
