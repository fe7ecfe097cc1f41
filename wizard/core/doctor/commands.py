"""Which models a command line loads: downloads, servers and training jobs, in shells, Dockerfiles and ``python -c``."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wizard.core.doctor.python_source import python_source
from wizard.core.doctor.values import UNKNOWN, is_known
from wizard.core.models.model_info import is_model_name

_MODEL_FLAGS = ("--model", "--model-id", "--model_id", "--model-path", "--model_path")
_JOB_FLAGS = (
    *_MODEL_FLAGS,
    "--model_name_or_path",
    "--model-name-or-path",
    "--pretrained_model_name_or_path",
    "--pretrained-model-name-or-path",
    "--model_name",
    "--model-name",
    "--base_model",
    "--base-model",
    "--hf_model",
    "--hf-model",
)
_JOB_SETTING = re.compile(r"\+{0,2}[\w.]*\bmodel[._](?:path|name|name_or_path)=(\S+)")  # as Hydra reads them
_REVISION_FLAGS = ("--revision", "--model-revision", "--model_revision", "--branch")
_GGUF_FLAGS = ("-hf", "-hfr", "--hf-repo", "--hf_repo")
# A program or module: the words before the model, the flags that name it, and what becomes of it.
_PROGRAMS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "vllm": (("serve",), ("--model",), "serve"),
    "aphrodite": (("run",), ("--model",), "serve"),
    "sglang": (("serve",), _MODEL_FLAGS, "serve"),
    "lmdeploy": (("serve", "api_server"), (), "serve"),
    "trtllm-serve": ((), ("--model",), "serve"),
    "text-generation-launcher": ((), ("--model-id",), "serve"),
    "text-embeddings-router": ((), ("--model-id",), "serve"),
    "infinity_emb": (("v2",), ("--model-id",), "serve"),
    "mlc_llm": (("serve",), ("--model",), "serve"),
    "llama-server": ((), _GGUF_FLAGS, "serve"),
    "llama-cli": ((), _GGUF_FLAGS, "serve"),
    "text-generation-server": (("download-weights",), (), "download"),
    "hf": (("download",), (), "download"),
    "huggingface-cli": (("download",), (), "download"),
    "tune": (("download",), (), "download"),
    "trl": (("vllm-serve",), ("--model",), "serve"),
    "vllm.entrypoints.openai.api_server": ((), ("--model",), "serve"),
    "vllm.entrypoints.api_server": ((), ("--model",), "serve"),
    "sglang.launch_server": ((), _MODEL_FLAGS, "serve"),
    "llama_cpp.server": ((), ("--hf_model_repo_id",), "serve"),
    "lmdeploy.serve": ((), _MODEL_FLAGS, "serve"),
    "huggingface_hub.commands.huggingface_cli": (("download",), (), "download"),
}
_POSITIONAL = {"trtllm-serve"}  # its first word may be the model
_JOBS = {"accelerate", "torchrun", "deepspeed", "llamafactory-cli", "swift", "optimum-cli"}
_FETCHERS = {"curl", "wget", "aria2c", "git"}
_BEFORE = {"exec", "nohup", "sudo", "env", "time", "uv", "uvx", "run", "then", "do", "!", "poetry", "tini", "--"}
_SHELLS = {"sh", "bash", "zsh", "/bin/sh", "/bin/bash"}
_HUB = r"https?://(?:[^/@\s]*@)?(?:www\.)?(?:huggingface\.co|hf\.co)/(?!datasets/|spaces/|api/)"
_FILE_URL = re.compile(_HUB + r"([\w.-]+/[\w.-]+)/(?:resolve|raw)/([^/\s\"']+)/")
_CLONE_URL = re.compile(_HUB + r"([\w.-]+/[\w.-]+?)(?:\.git)?/?()$")
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_LOADERS = {"from_pretrained", "snapshot_download", "hf_hub_download", "pipeline", "SentenceTransformer", "LLM"}
_SMALL = re.compile(r"Tokenizer|Processor|Config|FeatureExtractor")
# Owners that are folders, where a name of two parts is a path of the script.
_FOLDERS = re.compile(
    r"(?:models?|outputs?|checkpoints?|ckpts?|weights|data|results?|runs?|logs?|tmp|cache|pretrained\w*|saved\w*|"
    r"artifacts?|merged\w*|adapters?|loras?|src|scripts?|configs?|examples?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CommandLoad:
    """A model that a command loads. `kind` is download, serve, job (a training script) or small."""

    model: str
    kind: str
    has_revision: bool
    has_token: bool = False
    branch: str = ""  # that is named in place of a commit


def is_hub_name(name: str) -> bool:
    """Whether a text that is loaded names a repository, and not a folder."""
    owner, slash, _ = name.partition("/")
    is_folder = bool(slash) and _FOLDERS.match(owner) is not None
    return is_model_name(name) and not is_folder and not name.startswith((".", "/", "~")) and "\\" not in name


def loads_of_shell(text: str) -> list[CommandLoad]:
    """The models that a line or script for a shell loads."""
    return [load for words in _simple_commands(text) for load in loads_of_words(words)]


def loads_of_dockerfile(text: str) -> list[CommandLoad]:
    """The models that the RUN lines of a Dockerfile load."""
    found: list[CommandLoad] = []
    for line in re.sub(r"\\\s*\n", " ", text).splitlines():
        match = re.match(r"\s*RUN\s+((?:--\w+=\S+\s+)*)(.*)", line, re.IGNORECASE)
        if match is None:
            continue
        try:
            words = json.loads(match.group(2))
        except ValueError:
            words = None
        found += loads_of_words([str(word) for word in words]) if isinstance(words, list) else loads_of_shell(match[2])
    return found


def loads_of_words(words: Sequence[str]) -> list[CommandLoad]:
    """The models that one command loads, its words taken apart already."""
    words = _without_prefix(list(words))
    if not words:
        return []
    program = words[0].rpartition("/")[2]
    if words[0] in _SHELLS or program in _SHELLS:
        place = next((i for i, word in enumerate(words) if re.fullmatch(r"-\w*c", word)), None)
        return loads_of_shell(words[place + 1]) if place is not None and place + 1 < len(words) else []
    if re.fullmatch(r"python[\d.]*|\0|pypy\d?", program):
        return _of_python(words)
    if program in _FETCHERS:
        return list(_of_addresses(words))
    if program == "ollama":
        return list(_of_ollama(words))
    if program in _JOBS or words[:2] in (["trl", "sft"], ["trl", "dpo"], ["trl", "grpo"]):
        return list(_of_job(words))
    return list(_of_program(program, words[1:])) if program in _PROGRAMS else []


def _simple_commands(text: str) -> Iterator[list[str]]:
    """The commands of a shell script, each as its words."""
    text = re.sub(r"\\\r?\n", " ", text)
    try:
        lexer = shlex.shlex(text.replace("\n", " ; "), posix=True, punctuation_chars=";&|()")
        lexer.whitespace_split = True
        lexer.commenters = ""
        parts = list(lexer)
    except ValueError:  # a quote that is never closed
        parts = re.split(r"\s+", text)
    words: list[str] = []
    for part in [*parts, ";"]:
        if re.fullmatch(r"[;&|()]+", part):
            if words:
                yield words
            words = []
        else:
            words.append(part)


def _without_prefix(words: list[str]) -> list[str]:
    """A command without what stands before it: assignments, ``exec``, ``uv run``."""
    while words and (words[0] in _BEFORE or re.match(r"[A-Za-z_]\w*=", words[0])):
        words = words[1:]
        while words and words[0].startswith("-") and words[0] != "-m":
            words = words[1:]
    return words


def _of_python(words: list[str]) -> list[CommandLoad]:
    for place, word in enumerate(words[1:], 1):
        rest = words[place + 1 :]
        if word == "-c":
            return list(_of_code(rest[0])) if rest else []
        if word == "-m":
            program = rest[0] if rest else ""
            if program in ("accelerate.commands.launch", "torch.distributed.run", "torch.distributed.launch"):
                return list(_of_job(rest))
            known = program if program in _PROGRAMS else program.partition(".")[0]
            is_known_module = program in _PROGRAMS or program in ("vllm", "sglang", "lmdeploy", "mlc_llm")
            return list(_of_program(known, rest[1:])) if is_known_module else list(_of_job(rest))
        if not word.startswith("-"):
            return list(_of_job(words[place:]))
    return []


def _of_program(program: str, words: list[str]) -> Iterator[CommandLoad]:
    before, flags, kind = _PROGRAMS[program]
    if before:
        if list(before) != words[: len(before)]:
            return
        words = words[len(before) :]
    if _flag(words, ("--repo-type", "--repo_type")) not in (None, "model"):
        return
    value = _flag(words, flags)
    if value is None and (before or program in _POSITIONAL):
        places = [word for word in _positional(words) if word != "serve" or program not in _POSITIONAL]
        value = places[0] if places else None
    model = (value or "").removeprefix("HF://").partition(":")[0]
    if _names(model):
        pinned = _is_pinned(words)
        branch = "" if pinned else _flag(words, _REVISION_FLAGS) or ""
        yield CommandLoad(model, kind, pinned, _has_token(words), branch)


def _of_job(words: list[str]) -> Iterator[CommandLoad]:
    settings = [match.group(1) for word in words if (match := _JOB_SETTING.match(word))]
    model = _flag(words, _JOB_FLAGS) or next(iter(settings), "")
    if _names(model):
        yield CommandLoad(model, "job", True, _has_token(words))


def _of_ollama(words: list[str]) -> Iterator[CommandLoad]:
    for word in words[2:] if words[1:2] in (["pull"], ["run"]) else ():
        match = re.match(r"(?:hf\.co|huggingface\.co)/([\w.-]+/[\w.-]+)", word)
        if match:
            yield CommandLoad(match.group(1), "download", True)


def _of_addresses(words: list[str]) -> Iterator[CommandLoad]:
    """``curl``, ``wget``, ``git clone`` of an address of the Hub; every model once."""
    seen: set[str] = set()
    has_token = any(re.search(r"(?i)authorization:\s*bearer\s+[^$\s]", word) for word in words)
    for word in words[1:]:
        match = (_CLONE_URL if words[0] == "git" else _FILE_URL).search(word)
        if match and _names(match.group(1)) and match.group(1) not in seen:
            seen.add(match.group(1))
            revision = match.group(2) or ""
            pinned = bool(_COMMIT.fullmatch(revision)) or not is_known(revision)
            yield CommandLoad(match.group(1), "download", pinned, has_token)


def _of_code(code: str) -> Iterator[CommandLoad]:
    """The loads of a program that is written into a command: ``python -c "…"``."""
    try:
        nodes = python_source(code).nodes
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        written = ast.unparse(node.func)
        if written.rpartition(".")[2] not in _LOADERS:
            continue
        named = {each.arg: each.value for each in node.keywords if each.arg}
        place = 1 if written.endswith("pipeline") else 0
        first = node.args[place] if len(node.args) > place else None
        given = first or named.get("repo_id") or named.get("model") or named.get("pretrained_model_name_or_path")
        is_local = isinstance(named.get("local_files_only"), ast.Constant)
        if isinstance(given, ast.Constant) and isinstance(given.value, str) and _names(given.value) and not is_local:
            kind = "small" if _SMALL.search(written) else "download"
            yield CommandLoad(given.value, kind, "revision" in named, "token" in named)


def _flag(words: Sequence[str], flags: Sequence[str]) -> str | None:
    """The value of the first of these flags that is there."""
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in flags:
            return value if equals else (words[place + 1] if place + 1 < len(words) else None)
    return None


def _positional(words: Sequence[str]) -> Iterator[str]:
    """Words that are no flag, nor the value of one."""
    previous = ""
    for word in words:
        is_value = previous.startswith("-") and "=" not in previous
        if not word.startswith("-") and not is_value:
            yield word
        previous = word


def _is_pinned(words: Sequence[str]) -> bool:
    value = _flag(words, _REVISION_FLAGS)
    return value not in (None, "", "main") or any(UNKNOWN in word and word.startswith("--rev") for word in words)


def _has_token(words: Sequence[str]) -> bool:
    """Whether an access token is passed that comes from elsewhere than the environment of the command."""
    value = _flag(words, ("--token", "--hf-token", "--hf_token", "-hft"))
    return value is not None and not value.startswith("$")


def _names(model: str) -> bool:
    return "/" in model and is_known(model) and is_hub_name(model)
