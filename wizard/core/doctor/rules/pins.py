"""Whether the versions that were tried together can be asked for in an image: what else is in it may need others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from wizard.core.doctor.script_model import Call, Expression, Script, Span
from wizard.core.doctor.values import Values
from wizard.core.inference.engine_registry import engines

_INSTALLS = ("pip_install", "uv_pip_install")
_OTHER_INSTALLS = {
    "pip_install_from_requirements",
    "pip_install_from_pyproject",
    "pip_install_private_repos",
    "poetry_install_from_file",
    "uv_sync",
    "micromamba_install",
    "conda_install",
    "dockerfile_commands",
}
_OTHER_INDEX = ("find_links", "index_url", "extra_index_url", "pre", "extra_options")
_PLAIN_BASES = re.compile(r"(?:docker\.io/)?(?:library/)?(?:python|debian|ubuntu|nvidia/cuda):")
_LEAST_PYTHON = (3, 10)
# Packages that depend on none of those whose versions are known here, nor the other way round.
_INDEPENDENT = {"aiohttp", "boto3", "fastapi", "hf-transfer", "httpx", "jinja2", "modal", "python-dotenv",
                "python-multipart", "pyyaml", "redis", "requests", "rich", "sse-starlette", "starlette", "uvicorn",
                "wandb"}  # fmt: skip
# Frameworks that ask for exact versions of torch, transformers or huggingface_hub themselves.
_STRICT = {"autoawq", "auto-gptq", "axolotl", "comfy-cli", "coqui-tts", "exllamav2", "flash-attn", "gradio", "lmdeploy",
           "mlc-llm", "nemo-toolkit", "open-webui", "optimum", "pyannote-audio", "sglang", "tensorrt-llm",
           "text-generation", "tts", "unsloth", "unsloth-zoo", "whisperx", "xformers"}  # fmt: skip
_EXACT = re.compile(r"([\w.-]+)(?:\[[^\]]*\])?\s*(?:==|~=|===)\s*([\w.*+!-]+)\s*$")
_BOUND = re.compile(r"[<=~!@]|\.whl|git\+|://")


def why_not_pinned(script: Script, call: Call, package: str, pins: Mapping[str, str]) -> str:
    """Why the known version of a package may not go with the rest of the image; empty where it does."""
    root = _root(script, call)
    if call.unpacks or any(call.get(keyword) is not None for keyword in _OTHER_INDEX):
        return "it is installed with options of its own"
    if root is not None and (why := _why_not_on(script, root)):
        return why
    for other in script.calls:
        if other.receiver is None or (root is not None and _root(script, other) != root):
            continue
        if other.attr in _OTHER_INSTALLS or (other.attr == "run_commands" and "pip install" in _written(other)):
            return f"line {other.line} installs other packages, and this version may not go with them"
        for item in packages_of(script, other) if other.attr in _INSTALLS else ():
            wanted = Values(script).text(item, other.owner)
            if wanted is None:
                return f"not all packages that line {other.line} installs are written there"
            if not _goes(wanted, package, pins):
                return f"{wanted} is in the image too, and this version may not go with it"
    return ""


def _why_not_on(script: Script, root: Call) -> str:
    """Why a base image may not take the known versions."""
    if root.attr in ("from_dockerfile", "from_aws_ecr", "from_gcp_artifact_registry", "micromamba", "conda", "from_id"):
        return "the base image has packages of its own, and this version may not go with them"
    if root.attr in ("from_registry", "from_dockerhub"):
        tag = Values(script).text(root.first("tag"), root.owner) or ""
        if not _PLAIN_BASES.match(tag):
            return "the base image has packages of its own, and this version may not go with them"
    python = Values(script).text(root.get("python_version") or root.get("add_python"), root.owner) or ""
    version = tuple(int(part) for part in python.split(".")[:2] if part.isdecimal())
    return f"this version may not run on Python {python}" if version and version < _LEAST_PYTHON else ""


def _root(script: Script, call: Call) -> Call | None:
    """The call that an image begins with, names followed back to where they are given first."""
    seen: set[Span] = set()
    at: Expression | None = call.receiver
    while at is not None and at.span not in seen:
        seen.add(at.span)
        if at.call is not None:
            if not at.call.receiver or at.call.receiver.name.startswith("modal"):
                return at.call
            at = at.call.receiver
        else:
            given = [each for each in script.names.get(at.name, ()) if each.span[0] < at.span[0]]
            at = given[-1] if given else None
    return None


def _written(call: Call) -> str:
    return " ".join(argument.value.code for argument in call.arguments)


def packages_of(script: Script, call: Call) -> Iterator[Expression]:
    """The packages that a call installs, those behind names too: a constant, a list, ``*PACKAGES``."""
    for argument in call.arguments:
        if argument.keyword is not None and argument.keyword not in ("packages", "*"):
            continue
        given = script.resolve(argument.value, call.owner) or argument.value
        yield from [given] if given.items is None else (each for _, each in given.items)


def _goes(wanted: str, package: str, pins: Mapping[str, str]) -> bool:
    """Whether another package of the image leaves the known version of a package free."""
    name = package_name(wanted)
    if name == package or name in _INDEPENDENT:
        return True
    engine = next((each for each in engines() if each.name == name), None)
    if engine is not None and package not in {package_name(each) for each in engine.packages}:
        return False  # it asks for exact versions by itself
    if not _BOUND.search(wanted.replace(">=", "")):
        return name not in _STRICT
    exact = _EXACT.match(wanted)
    return exact is not None and pins.get(name) == exact.group(2)


def package_name(wanted: str) -> str:
    """The name of a package that is asked for, as indexes normalize it."""
    return re.split(r"[\[><=!~;@ ]", wanted, maxsplit=1)[0].replace("_", "-").replace(".", "-").lower()
