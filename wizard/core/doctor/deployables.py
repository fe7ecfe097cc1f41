"""What of a script runs in the cloud: functions, classes and build steps, and the models that each of them loads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from wizard.core.doctor.script_model import Call, Expression, Function, Script
from wizard.core.models.model_info import is_model_name

_LOADERS = ("transformers.", "diffusers.", "sentence_transformers.", "peft.", "trl.", "auto_gptq.", "optimum.")
_DOWNLOADS = {"huggingface_hub.snapshot_download", "huggingface_hub.hf_hub_download"}
_NAMED = {
    "vllm.LLM": ("model",),
    "vllm.AsyncEngineArgs": ("model",),
    "vllm.EngineArgs": ("model",),
    "vllm.engine.arg_utils.AsyncEngineArgs": ("model",),
    "transformers.pipeline": ("model",),
    "sentence_transformers.SentenceTransformer": ("model_name_or_path",),
    "outlines.models.transformers": ("model_name",),
    "outlines.models.vllm": ("model_name",),
    "outlines.models.transformers_vision": ("model_name",),
    "faster_whisper.WhisperModel": (),
}
_SMALL = re.compile(r"Config\b|Tokenizer|Processor|FeatureExtractor|hf_hub_download")
_SERVERS = re.compile(
    r"vllm[\"',\s]+serve|text-generation-launcher|sglang\.launch_server|api_server|download-weights|"
    r"(?:hf|huggingface-cli)[\"',\s]+download"
)
_MODEL_FLAGS = {"--model", "--model-id", "--model-path", "--model_name_or_path"}
_BAKES = re.compile(r"snapshot_download|hf_hub_download|from_pretrained|(?:hf|huggingface-cli) download")
_BILLIONS = re.compile(r"(?<![A-Za-z0-9.])(\d+(?:\.\d+)?)x?(\d+(?:\.\d+)?)?[bB](?![A-Za-z])")


@dataclass(frozen=True)
class ModelLoad:
    """A model that is loaded or downloaded. `model` is the Hub's name, `call` where; `kind` tells weights that are
    loaded, downloaded, or served by a child process from the small files around them."""

    model: str
    call: Call
    kind: str  # load, download, serve, small
    has_revision: bool
    can_pin: bool  # the call takes revision=


@dataclass(frozen=True)
class Deployable:
    """A function, a class, or a build step of an image. `options` is the call that carries gpu=, secrets= and so on."""

    name: str
    line: int
    kind: str  # function, class, build
    options: Call
    functions: tuple[Function, ...]
    loads: tuple[ModelLoad, ...]
    image: Expression | None = None
    builds: tuple[Deployable, ...] = field(default=())
    commands: str = ""  # the build commands of its image
    app: Call | None = None  # whose secrets and volumes all its functions have

    @property
    def calls(self) -> Iterator[Call]:
        """Every call in it, and in the script's own functions that it calls."""
        for function in self.functions:
            yield from function.calls

    def has(self, keyword: str) -> bool:
        """Whether an option is given, here or for the whole App, and is not empty."""
        expression = self.options.get(keyword)
        if expression is None and self.app is not None and keyword in ("secrets", "volumes"):
            expression = self.app.get(keyword)
        return expression is not None and not (expression.items == () or expression.code in ("None", "[]", "{}", "0"))

    def has_baked(self, model: str) -> bool:
        """Whether a build step of its image, or a build command, has downloaded a model before."""
        return any(load.model == model for build in self.builds for load in build.loads) or (
            model in self.commands and _BAKES.search(self.commands) is not None
        )


def find_deployables(script: Script) -> tuple[Deployable, ...]:
    """Everything of the script that runs in the cloud."""
    builds = tuple(_builds(script))
    found: list[Deployable] = []
    for function in script.functions.values():
        for decorator in function.decorators:
            if decorator.call and decorator.call.attr == "function" and is_app(script, decorator.call.receiver):
                found.append(
                    _deployable(script, function.name, function.line, "function", decorator.call, [function], builds)
                )
    for each in script.classes.values():
        for decorator in each.decorators:
            if decorator.call and decorator.call.attr in ("cls", "server") and is_app(script, decorator.call.receiver):
                methods = [f for name, f in script.functions.items() if name.startswith(f"{each.name}.")]
                found.append(_deployable(script, each.name, each.line, "class", decorator.call, methods, builds))
    return (*found, *builds)


def is_app(script: Script, receiver: Expression | None) -> bool:
    """Whether an expression is the script's App."""
    if receiver is None:
        return False
    root = script.root(receiver)
    return root in ("modal.App", "modal.Stub", "modal.App.lookup") or (
        not root and receiver.name in ("app", "stub", "modal_app")
    )


def _deployable(
    script: Script, name: str, line: int, kind: str, options: Call, own: list[Function], builds: tuple[Deployable, ...]
) -> Deployable:
    functions = _with_helpers(script, own)
    app = next((call for call in script.calls if call.name in ("modal.App", "modal.Stub")), None)
    image = options.get("image") or (app.get("image") if app else None)
    chain = set(_chain(script, image))
    baked = tuple(each for each in builds if each.options.span in chain)
    steps = [each for each in script.calls if each.attr in ("run_commands", "dockerfile_commands")]
    commands = "\n".join(
        script.text_of(argument.value) or argument.value.code
        for step in steps
        if step.span in chain
        for argument in step.arguments
    )
    return Deployable(
        name, line, kind, options, functions, tuple(_loads(script, functions)), image, baked, commands, app
    )


def _builds(script: Script) -> Iterator[Deployable]:
    for call in script.calls:
        if call.attr != "run_function" or call.receiver is None:
            continue
        step = call.first("raw_f")
        function = script.functions.get(step.name) if step and step.name else None
        if function is None:
            continue
        functions = _with_helpers(script, [function])
        loads = tuple(_loads(script, functions))
        yield Deployable(function.name, call.line, "build", call, functions, loads, call.receiver)


def _chain(script: Script, expression: Expression | None, depth: int = 40) -> Iterator[tuple[int, int]]:
    """Places of the calls that an image is made of, names followed."""
    if expression is None or depth == 0:
        return
    if expression.call:
        yield expression.call.span
        yield from _chain(script, expression.call.receiver, depth - 1)
    elif expression.name:
        for assigned in script.names.get(expression.name, ()):
            if assigned.span != expression.span and expression.span[0] > assigned.span[0]:
                yield from _chain(script, assigned, depth - 1)


def _with_helpers(script: Script, own: list[Function]) -> tuple[Function, ...]:
    found = list(own)
    for function in found:
        for call in function.calls:
            helper = script.functions.get(call.name)
            if helper is not None and helper not in found and call.attr != "remote" and len(found) < 50:
                found.append(helper)
    return tuple(found)


def _loads(script: Script, functions: tuple[Function, ...]) -> Iterator[ModelLoad]:
    for function in functions:
        for call in function.calls:
            load = _load(script, call, function.name)
            if load is not None:
                yield load
        if _SERVERS.search(function.code):
            yield from _served(script, function)


def _load(script: Script, call: Call, owner: str) -> ModelLoad | None:
    is_download = call.name in _DOWNLOADS
    if is_download:
        expression = call.first("repo_id")
    elif call.attr == "from_pretrained" and (call.name.startswith(_LOADERS) or not call.name.startswith("modal.")):
        expression = call.first("pretrained_model_name_or_path", "model_id", "repo_id")
    elif call.name in _NAMED:
        expression = _of_pipeline(call) if call.name == "transformers.pipeline" else call.first(*_NAMED[call.name])
    else:
        return None
    name = script.text_of(expression, owner)
    local = call.get("local_files_only")
    if name is None or not is_hub_name(name) or (local is not None and local.value is True):
        return None
    has_revision = call.get("revision") is not None or call.unpacks
    can_pin = call.name not in ("outlines.models.transformers", "outlines.models.vllm", "faster_whisper.WhisperModel")
    kind = "small" if _SMALL.search(call.name) else "download" if is_download else "load"
    return ModelLoad(name, call, kind, has_revision, can_pin)


def _of_pipeline(call: Call) -> Expression | None:
    """The model of ``pipeline(task, model)``."""
    places = [argument.value for argument in call.arguments if argument.keyword is None]
    return call.get("model") or (places[1] if len(places) > 1 else None)


def _served(script: Script, function: Function) -> Iterator[ModelLoad]:
    """The model of a server that is started in a child process."""
    for call in function.calls:
        if call.attr not in ("Popen", "run", "check_call", "call", "execvp"):
            continue
        expression = script.resolve(call.first("args"), function.name)
        if expression is not None and expression.call and expression.call.attr == "join":
            expression = script.resolve(expression.call.first(), function.name)
        words = _words(script, expression, function.name)
        for before, word in zip(["", *words], words, strict=False):
            is_value = before.startswith("-") and "=" not in before and before not in _MODEL_FLAGS
            if "/" in word and is_hub_name(word) and not is_value:
                is_download = not {"download", "download-weights"}.isdisjoint(words)
                kind = "download" if is_download else "serve"
                pinned = "revision" in function.code or "--revision" in words
                yield ModelLoad(word, call, kind, pinned, False)
                return


def _words(script: Script, expression: Expression | None, owner: str) -> list[str]:
    """The words of a command: of a text, or of a list and the lists that are added to it; empty for an unknown one."""
    if expression is None:
        return []
    if expression.items is None:
        return (script.text_of(expression, owner) or "").split()
    found: list[str] = []
    for _, item in expression.items:
        meant = script.resolve(item, owner)
        parts = [each for _, each in meant.items] if meant is not None and meant.items else [item]
        found += [script.text_of(part, owner) or "" for part in parts]
    return found


def is_hub_name(name: str) -> bool:
    """Whether a text that is loaded names a repository, and not a folder."""
    return is_model_name(name) and not name.startswith((".", "/", "~")) and "\\" not in name


def gigabytes_by_name(model: str) -> float | None:
    """Size of the weights in 16 bit, as the name tells it: two bytes for each parameter."""
    match = _BILLIONS.search(model.rsplit("/", 1)[-1].replace("_", "-"))
    if not match:
        return None
    first, second = float(match.group(1)), float(match.group(2) or 1)
    return 2 * first * second if match.group(2) else 2 * first


def number_of(script: Script, expression: Expression | None, owner: str = "") -> float | None:
    """The number that an expression of literals and constants comes to: ``20 * MINUTES``."""
    found = script.resolve(expression, owner)
    if found is None:
        return None
    if isinstance(found.value, (int, float)) and not isinstance(found.value, bool):
        return float(found.value)
    try:
        return _evaluate(script, ast.parse(found.code, mode="eval").body, owner)
    except (SyntaxError, ValueError, OverflowError, RecursionError):
        return None


def _evaluate(script: Script, node: ast.AST, owner: str) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return float(node.value)
    if isinstance(node, ast.Name):
        value = script.resolve(next(iter(script.names.get(node.id, ())), None), owner)
        if value is not None and isinstance(value.value, (int, float)):
            return float(value.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Add)):
        left, right = _evaluate(script, node.left, owner), _evaluate(script, node.right, owner)
        return left * right if isinstance(node.op, ast.Mult) else left + right
    raise ValueError("not a number that can be read")
