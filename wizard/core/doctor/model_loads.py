"""The models that functions of a script load: by a library's call, or by a command in a child process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wizard.core.doctor.commands import CommandLoad, is_hub_name, loads_of_dockerfile, loads_of_shell, loads_of_words
from wizard.core.doctor.control_flow import read_control_flow
from wizard.core.doctor.script_model import Call, Expression, Function, Script
from wizard.core.doctor.values import UNKNOWN, Values

_LOADERS = ("transformers.", "diffusers.", "sentence_transformers.", "peft.", "trl.", "auto_gptq.", "optimum.")
_DOWNLOADS = {"huggingface_hub.snapshot_download", "huggingface_hub.hf_hub_download"}
_NAMED = {
    "vllm.LLM": ("model",),
    "vllm.AsyncEngineArgs": ("model",),
    "vllm.EngineArgs": ("model",),
    "vllm.engine.arg_utils.AsyncEngineArgs": ("model",),
    "sglang.Runtime": ("model_path",),
    "sglang.Engine": ("model_path",),
    "lmdeploy.pipeline": ("model_path",),
    "tensorrt_llm.LLM": ("model",),
    "transformers.pipeline": ("model",),
    "sentence_transformers.SentenceTransformer": ("model_name_or_path",),
    "sentence_transformers.CrossEncoder": ("model_name",),
    "outlines.models.transformers": ("model_name",),
    "outlines.models.vllm": ("model_name",),
    "outlines.models.transformers_vision": ("model_name",),
    "faster_whisper.WhisperModel": (),
}
_PINNABLE = {
    "vllm.LLM",
    "vllm.AsyncEngineArgs",
    "vllm.EngineArgs",
    "vllm.engine.arg_utils.AsyncEngineArgs",
    "sglang.Runtime",
    "sglang.Engine",
    "tensorrt_llm.LLM",
    "transformers.pipeline",
    "sentence_transformers.SentenceTransformer",
    "outlines.models.transformers_vision",
}
_SMALL = re.compile(r"Config\b|Tokenizer|Processor|FeatureExtractor|hf_hub_download")
_RUNNERS = {
    "Popen",
    "run",
    "check_call",
    "check_output",
    "call",
    "system",
    "execvp",
    "execv",
    "getoutput",
    "create_subprocess_exec",
    "create_subprocess_shell",
    "exec",
}
_SHOWN = {"print", "append", "extend", "join", "info", "debug", "warning", "error", "log", "write", "list", "len"}
_TOKENS = ("token", "use_auth_token", "hf_token", "auth_token", "hub_token")


@dataclass(frozen=True)
class ModelLoad:
    """A model that is loaded or downloaded. `model` is the Hub's name, `call` where; `kind` tells weights that are
    loaded, downloaded, served by a child process or used by a job in one, from the small files around them."""

    model: str
    call: Call
    kind: str  # load, download, file, serve, job, small
    has_revision: bool
    can_pin: bool  # the call takes revision=
    branch: str = ""  # a branch that is named in place of a commit
    has_token: bool = False  # an access token is passed that is not of the container's environment


def loads_of(script: Script, functions: tuple[Function, ...]) -> Iterator[ModelLoad]:
    """Every load in these functions, what only runs on one's own machine left out."""
    flow = read_control_flow(script.source)
    for function in functions:
        for call in function.calls:
            if flow.is_local(call.span):
                continue
            if (load := _load(script, call, function.name)) is not None:
                yield load
            else:
                yield from _commands(script, call, function)


def loads_of_build_command(script: Script, call: Call) -> tuple[ModelLoad, ...]:
    """The models that ``run_commands`` or ``dockerfile_commands`` of an image downloads."""
    values = Values(script)
    texts: list[str] = []
    for argument in call.arguments:
        if argument.keyword is not None and argument.keyword != "commands":
            continue
        meant = script.resolve(argument.value, call.owner)
        items = [each for _, each in meant.items] if meant is not None and meant.items else [argument.value]
        texts += [values.shell(each, call.owner) for each in items]
    found = (
        loads_of_dockerfile("\n".join(texts))
        if call.attr == "dockerfile_commands"
        else [load for text in texts for load in loads_of_shell(text)]
    )
    return tuple(_as_load(each, call) for each in found)


def loads_of_arguments(script: Script, call: Call) -> tuple[ModelLoad, ...]:
    """The models of a command whose words are the arguments of a call: ``Sandbox.create("vllm", "serve", …)``."""
    values = Values(script)
    words = [values.shell(each, call.owner) or UNKNOWN for each in call.positional]
    return tuple(_as_load(each, call) for each in loads_of_words(words))


def _as_load(found: CommandLoad, call: Call) -> ModelLoad:
    return ModelLoad(found.model, call, found.kind, found.has_revision, False, found.branch, found.has_token)


def _load(script: Script, call: Call, owner: str) -> ModelLoad | None:
    is_download, is_trainer = call.name in _DOWNLOADS, re.fullmatch(r"trl\.\w+Trainer", call.name) is not None
    if is_download:
        expression = call.first("repo_id")
        if call.get("repo_type") is not None and Values(script).text(call.get("repo_type"), owner) != "model":
            return None
    elif call.attr == "from_pretrained" and (call.name.startswith(_LOADERS) or not call.name.startswith("modal.")):
        expression = _of_adapter(call) or call.first("pretrained_model_name_or_path", "model_id", "repo_id")
    elif call.name in _NAMED:
        expression = call.at(1, "model") if call.name == "transformers.pipeline" else call.first(*_NAMED[call.name])
    elif is_trainer:
        expression = call.first("model")
    else:
        return None
    name = Values(script).text(expression, owner)
    local = call.get("local_files_only")
    if name is None or not is_hub_name(name) or (local is not None and local.value is True):
        return None
    has_revision = _is_pin(script, call.get("revision"), owner) or call.unpacks
    can_pin = call.name in _PINNABLE or (call.name.startswith(_LOADERS) and not is_trainer) or is_download
    kind = "small" if _SMALL.search(call.name) else "download" if is_download else "load"
    if call.name == "huggingface_hub.hf_hub_download" and _is_weights(script, call, owner):
        kind = "file"
    meant = script.resolve(call.get("revision"), owner)
    branch = (meant.text or "") if meant is not None and not has_revision else ""
    return ModelLoad(name, call, kind, has_revision, can_pin, branch, _passes_token(script, call, owner))


def _is_weights(script: Script, call: Call, owner: str) -> bool:
    """Whether a file of a repository that is downloaded holds weights."""
    name = Values(script).text(call.at(1, "filename"), owner) or ""
    return name.endswith((".gguf", ".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".onnx"))


def _of_adapter(call: Call) -> Expression | None:
    """The adapter of ``PeftModel.from_pretrained(model, adapter)``: its first argument is a model, not a name."""
    if not re.search(r"Peft\w*Model\w*\.from_pretrained", call.name) or "AutoPeft" in call.name:
        return None
    return call.at(1, "model_id")


def _is_pin(script: Script, expression: Expression | None, owner: str) -> bool:
    """Whether a revision is named: None and the branch main are none."""
    meant = script.resolve(expression, owner)
    return meant is not None and not (meant.is_literal and meant.value in (None, "", "main"))


def _passes_token(script: Script, call: Call, owner: str) -> bool:
    """Whether an access token is passed that does not come from the container's environment."""
    given = next((value for name in _TOKENS if (value := call.get(name)) is not None), None)
    meant = script.resolve(given, owner)
    if meant is None or (meant.is_literal and not meant.text):
        return False
    function = script.functions.get(owner)
    is_parameter = function is not None and meant.name in function.parameters
    return (
        is_parameter
        or bool(meant.text)
        or (not meant.name and "environ" not in meant.code and "getenv" not in meant.code)
    )


def _commands(script: Script, call: Call, function: Function) -> Iterator[ModelLoad]:
    """The models of a command that a call runs: a list of words wherever it goes, a text only where it is run."""
    if call.attr in _SHOWN or (call.receiver is not None and call.receiver.name.startswith(("logg", "log", "modal."))):
        return
    values = Values(script)
    first = call.first("args", "cmd", "command", "popenargs")
    is_run = call.attr in _RUNNERS
    if first is None or not (is_run or first.items is not None or first.name):
        return
    if call.attr == "create_subprocess_exec" or (call.attr == "exec" and call.receiver is not None):
        yield from loads_of_arguments(script, call)
        return
    if call.attr in ("execvp", "execv"):
        first = call.at(1, "args") or first
    words = values.words(first, function.name)
    loads = loads_of_words(words) if words else loads_of_shell(values.shell(first, function.name)) if is_run else []
    yield from (_as_load(each, call) for each in loads)
