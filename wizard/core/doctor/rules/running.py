"""How a script runs: what is not pinned, what is fetched again, what bills while idle, what is done in every call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil

from wizard.core.doctor.control_flow import read_control_flow
from wizard.core.doctor.deployables import Deployable, number_of
from wizard.core.doctor.edits import add_argument, replace
from wizard.core.doctor.finding import Finding, RuleContext
from wizard.core.doctor.model_loads import ModelLoad
from wizard.core.doctor.rules.api import is_generator, made_by
from wizard.core.doctor.script_model import Call, Function, Script, Span
from wizard.core.doctor.values import Values
from wizard.core.problem import Problem
from wizard.core.sizing.gpus import read_gpu

DEFAULT_SECONDS = 300.0  # Modal's limit for a start and for a call, where none is given
SERVER_SECONDS = 30.0  # the same, for @app.server
WEB_SERVER_SECONDS = 5.0  # until a web server has to accept connections, where no limit is given
START_SECONDS = 120.0  # imports, CUDA, compiling
SECONDS_PER_GB = 4.0  # from a Modal Volume, with time to spare
DOWNLOAD_SECONDS_PER_GB = 15.0
STARTUP_MINUTES = 20

_COMPILERS = {"outlines.Generator", "outlines.generator.Generator"}
_ENTRY = {"modal.enter", "modal.exit", "modal.build"}
_WEB = {"modal.asgi_app", "modal.wsgi_app", "modal.web_server"}  # their functions run once in a container
_WAITS = re.compile(r"\bwhile\b|wait|\bpoll\b|ready|health", re.IGNORECASE)
_JOB = {"train", "fit", "evaluate", "push_to_hub", "save_pretrained", "save_quantized", "merge_and_unload", "quantize"}
_WITHOUT_HUB = re.compile(r"local_files_only\s*=\s*True|HF_HUB_OFFLINE|TRANSFORMERS_OFFLINE")
_AT_START = {"__init__", "__enter__", "__aenter__"}


def running_findings(context: RuleContext) -> Iterator[Finding]:
    """Every finding about how the script runs."""
    seen: set[tuple[Span, str]] = set()
    for deployable in context.deployables:
        for load in deployable.loads:
            if (load.call.span, load.model) not in seen and not load.has_revision:
                seen.add((load.call.span, load.model))
                yield from _revision(context, load)
        yield from _weights(deployable)
        yield from _start(context, deployable)
        yield from _idle(context, deployable)
        yield from _each_call(context, deployable)


def _revision(context: RuleContext, load: ModelLoad) -> Iterator[Finding]:
    known = context.models.get(load.model)
    commit = known.commit if known else None
    there = load.call.get("revision")
    can_pin = load.can_pin and (there is None or there.is_literal)
    reason = _why_not_pinned(context, load) if commit and can_pin else ""
    edit = replace(there, f'"{commit}"') if there else add_argument(load.call, f'revision="{commit}"')
    edits = (edit,) if commit and can_pin and not reason else ()
    how = f"from its branch {load.branch}" if load.branch else "without a revision"
    yield Finding(
        "unpinned_revision",
        "warning",
        load.call.line,
        f"{load.model} is loaded {how}: its authors can change the weights under you.",
        f'Pass revision="{commit or "…"}", a commit of the model.' if load.can_pin else "Pin a commit of the model.",
        edits,
        left_because=reason,
    )


def _why_not_pinned(context: RuleContext, load: ModelLoad) -> str:
    """Why a commit cannot be pinned here alone: what is loaded without the Hub is looked up by its branch."""
    loads = [each for deployable in context.deployables for each in deployable.loads]
    if any(each.call.span == load.call.span and each.model != load.model for each in loads):
        return "the call loads several models"
    others = [each for each in loads if each.model == load.model and not each.can_pin and not each.has_revision]
    found = _WITHOUT_HUB.search(context.script.source)
    if found and (others or found.group().startswith("local_files_only")):
        return f"the weights are looked up without the Hub ({found.group()}), where every load has to name the commit"
    return ""


def _weights(deployable: Deployable) -> Iterator[Finding]:
    """Weights that are fetched where a GPU is paid for, or again with each container."""
    on_gpu = deployable.has("gpu")
    download = next((load for load in deployable.loads if load.kind == "download"), None)
    if on_gpu and download is not None:
        yield Finding(
            "download_on_gpu",
            "warning",
            download.call.line,
            f"{download.model} is downloaded by {deployable.name}, with a GPU attached: its seconds are paid for.",
            "Download in a function of its own without gpu=, into a Modal Volume that both mount.",
        )
    load = next((each for each in deployable.loads if each.kind != "small"), None)
    if (
        deployable.kind not in ("function", "class")
        or load is None
        or deployable.has("volumes")
        or deployable.has_baked(load.model)
        or _is_local(deployable)
    ):
        return
    yield Finding(
        "no_volume",
        "warning",
        load.call.line,
        f"{deployable.name} has no Modal Volume: every new container downloads {load.model} again.",
        'Mount one: volumes={"/root/.cache/huggingface": modal.Volume.from_name("hf-cache", create_if_missing=True)}.',
    )


def _is_local(deployable: Deployable) -> bool:
    return deployable.options.get("network_file_systems") is not None or deployable.options.unpacks


def _start(context: RuleContext, deployable: Deployable) -> Iterator[Finding]:
    """A limit that is too short for loading the weights: of the start, of the call that loads them, or of a server."""
    if deployable.kind not in ("function", "class") or deployable.options.unpacks:
        return
    weights = [(load, context.gigabytes(load.model)) for load in deployable.loads if load.kind in ("load", "serve")]
    load, size = max(((load, size) for load, size in weights if size), key=lambda each: each[1], default=(None, 0.0))
    if load is None or size is None:
        return
    is_near = deployable.has("volumes") or deployable.has_baked(load.model)
    needed = START_SECONDS + size * (SECONDS_PER_GB if is_near else DOWNLOAD_SECONDS_PER_GB)
    options, keyword, default = _limit(deployable, load)
    given = options.get(keyword)
    if given is None and keyword == "startup_timeout" and options.attr != "server":
        given = options.get("timeout")
    seconds = number_of(context.script, given) if given else default
    if seconds is None or seconds >= needed:
        return
    limit = f"the limit of {given.code} s" if given else f"Modal's own limit of {default:.0f} s"
    there = options.get(keyword)
    better = f"{max(STARTUP_MINUTES, 10 * ceil(needed / 600))} * 60"
    yield Finding(
        "startup_too_short",
        "warning",
        given.line if given else options.line if options is not deployable.options else deployable.line,
        f"{deployable.name} has to have loaded about {size:.0f} GB within {limit}"
        f"{'' if is_near else ', and to download them first'}.",
        f"Pass {keyword}={better}.",
        (replace(there, better) if there else add_argument(options, f"{keyword}={better}"),),
    )


def _limit(deployable: Deployable, load: ModelLoad) -> tuple[Call, str, float]:
    """The call that sets the limit which matters, the keyword, and what holds without it."""
    if load.kind == "serve" and not _waits_at_start(deployable):
        for function in deployable.functions:
            for decorator in function.decorators:
                if decorator.call and decorator.call.name == "modal.web_server":
                    return decorator.call, "startup_timeout", WEB_SERVER_SECONDS
    if deployable.options.attr == "server":
        return deployable.options, "startup_timeout", SERVER_SECONDS
    return deployable.options, "timeout" if deployable.kind == "function" else "startup_timeout", DEFAULT_SECONDS


def _waits_at_start(deployable: Deployable) -> bool:
    """Whether a class answers no call before its server does: its start waits for it."""
    return any(
        _WAITS.search(function.code) and not any(each.called in _WEB for each in function.decorators)
        for function in deployable.functions
        if deployable.kind == "class"
    )


def _idle(context: RuleContext, deployable: Deployable) -> Iterator[Finding]:
    for keyword in ("min_containers", "keep_warm"):
        expression = deployable.options.get(keyword)
        number = number_of(context.script, expression)
        if expression is None or not number:
            continue
        price = _price(context, deployable)
        cost = f": about ${price * number:.2f} an hour" if price else ""
        yield Finding(
            "bills_while_idle",
            "warning",
            expression.line,
            f"{keyword}={expression.code} keeps {number:.0f} container{'s' if number > 1 else ''} of "
            f"{deployable.name} running, and billed, when nobody calls{cost}.",
            "Leave it out, and set scaledown_window= to the idle seconds that are worth paying for.",
        )


def _price(context: RuleContext, deployable: Deployable) -> float | None:
    text = Values(context.script).text(deployable.options.get("gpu"))
    if not text:
        return None
    try:
        choice = read_gpu(text)
    except Problem:
        return None
    return None if choice.is_cpu else choice.dollars_per_hour()


def _each_call(context: RuleContext, deployable: Deployable) -> Iterator[Finding]:
    """Work that belongs into the start of a container, done again in every call."""
    if deployable.kind not in ("function", "class"):
        return
    flow = read_control_flow(context.script.source)
    own = [load for load in deployable.loads if load.kind == "load" and not flow.makes_up(load.call.span)]
    functions = [each for each in deployable.functions if not _runs_once(each)]
    if deployable.kind == "class":
        functions = [each for each in functions if each.decorators or each is not deployable.functions[0]]
    for function in functions:
        compiled = next(
            (call for call in function.calls if _compiles(context.script, call) and not flow.makes_up(call.span)), None
        )
        loaded = next((load for load in own if load.call.owner == function.name), None)
        where = loaded.call.line if loaded else compiled.line if compiled else 0
        if deployable.kind == "class" and not any(d.called.startswith("modal.") for d in function.decorators):
            continue
        is_job = any(call.attr in _JOB for each in deployable.functions for call in each.calls)
        if is_job and compiled is None:
            continue
        if loaded is not None and deployable.kind == "function" and not _is_helper(deployable, function):
            yield Finding(
                "loads_each_call",
                "warning",
                where,
                f"{deployable.name} loads {loaded.model} again in every call"
                f"{', and compiles the output type again' if compiled else ''}.",
                "Make it a class with @app.cls: load in a method with @modal.enter(), answer in one with "
                "@modal.method().",
            )
        elif compiled is not None:
            yield Finding(
                "compiles_each_call",
                "warning",
                where,
                f"{function.short_name} makes its generator again in every call: the output type is compiled each "
                "time, which takes up to a second.",
                "Make the structured-output backend once, in a method with @modal.enter().",
            )


def _is_helper(deployable: Deployable, function: Function) -> bool:
    return function is not deployable.functions[0]


def _runs_once(function: Function) -> bool:
    names = {decorator.called for decorator in function.decorators}
    return bool(names & (_ENTRY | _WEB)) or function.short_name in _AT_START


def _compiles(script: Script, call: Call) -> bool:
    """Whether a call makes a generator: by name, or by calling a model with an output type."""
    if call.attr != "batch" and is_generator(script, call) and made_by(script, call) == "outlines.from_transformers":
        return len([each for each in call.arguments if each.keyword in (None, "output_type")]) > 1
    return (call.name in _COMPILERS and call.get("processor") is None) or call.name.startswith("outlines.generate.")
