"""API of modal and outlines that is gone or renamed, November 2026 (modal 1.6.4, outlines 1.3.3, transformers 5.23).

Sources: Modal's migration guide for 1.0 and the client's own source, Outlines' migration guide for 1.0.
"""

from __future__ import annotations

AS_OF = "as of modal 1.6"
# Keyword arguments of @app.function, @app.cls and run_function: the new name, empty where it is another thing now.
RENAMED_KEYWORDS: dict[str, str] = {
    "container_idle_timeout": "scaledown_window",
    "keep_warm": "min_containers",
    "concurrency_limit": "max_containers",
    "checkpointing_enabled": "enable_memory_snapshot",
}
REMOVED_KEYWORDS: dict[str, str] = {
    "allow_concurrent_inputs": "Decorate the function or class with @modal.concurrent(max_inputs=…) instead.",
    "mounts": "Add local files to the image: image.add_local_dir(…), image.add_local_python_source(…).",
    "shared_volumes": "Use volumes={…} with a modal.Volume.",
    "secret": "Use secrets=[…].",
}
# What the new name takes, where it takes less than the old one did.
_FROM_NAME = frozenset({"app_name", "name", "environment_name", "client"})
NEW_KEYWORDS: dict[str, frozenset[str]] = {
    "modal.fastapi_endpoint": frozenset({"method", "label", "custom_domains", "docs", "requires_proxy_auth"}),
    "modal.Function.from_name": _FROM_NAME,
    "modal.Cls.from_name": _FROM_NAME,
    "modal.Secret.from_name": _FROM_NAME | {"required_keys"},
    "modal.Volume.from_name": _FROM_NAME | {"create_if_missing", "version"},
    "modal.Dict.from_name": _FROM_NAME | {"create_if_missing"},
    "modal.Queue.from_name": _FROM_NAME | {"create_if_missing"},
    "add_local_file": frozenset({"local_path", "remote_path", "copy"}),
    "add_local_dir": frozenset({"local_path", "remote_path", "copy", "ignore"}),
    "from_registry": frozenset({"tag", "secret", "setup_dockerfile_commands", "force_build", "add_python"}),
}
# Dotted names: the new one, or what to do instead where it cannot simply be renamed.
RENAMED: dict[str, str] = {
    "modal.Stub": "modal.App",
    "modal.web_endpoint": "modal.fastapi_endpoint",
}
REMOVED: dict[str, str] = {
    "modal.build": "Download in a function of its own into a Modal Volume, or use image.run_function(…).",
    "modal.Mount": "Add local files to the image: image.add_local_dir(…), image.add_local_file(…).",
    "modal.SharedVolume": "Use modal.Volume.",
    "modal.NetworkFileSystem.persisted": "Use modal.Volume.from_name(name, create_if_missing=True).",
    "modal.NetworkFileSystem.new": "Use modal.Volume.from_name(name, create_if_missing=True).",
    "modal.Volume.persisted": "Use modal.Volume.from_name(name, create_if_missing=True).",
    "modal.Volume.new": "Use modal.Volume.from_name(name, create_if_missing=True), or modal.Volume.ephemeral().",
    "modal.Dict.new": "Use modal.Dict.from_name(name, create_if_missing=True).",
    "modal.Queue.new": "Use modal.Queue.from_name(name, create_if_missing=True).",
    "modal.create_package_mounts": "Use image.add_local_python_source(…).",
    "outlines.prompts": "Use outlines.Template.",
    "outlines.prompt": "Use outlines.Template.",
    "outlines.samplers": "Pass sampling options to the call: do_sample=, temperature=, top_p=, num_beams=.",
    "outlines.function": "Use outlines.Application.",
    "outlines.models.vllm": "Use outlines.from_vllm_offline(vllm.LLM(…)).",
    "outlines.models.llamacpp": "Use outlines.from_llamacpp(llama_cpp.Llama(…)).",
    "outlines.models.openai": "Use outlines.from_openai(openai.OpenAI(), model).",
    "outlines.models.mlxlm": "Use outlines.from_mlxlm(*mlx_lm.load(…)).",
    "outlines.models.exllamav2": "Outlines has no ExLlamaV2 model any more; use transformers or vLLM.",
    "outlines.models.transformers_vision": "Use outlines.from_transformers(model, processor).",
    "outlines.generate.fsm": "Use outlines.Generator(model, …) with an output type.",
}
# Still there, with a warning: what to use instead.
DEPRECATED: dict[str, str] = {"modal.NetworkFileSystem": "Use modal.Volume."}
# Methods of an App before 0.50.
REMOVED_APP_METHODS = {"webhook", "asgi", "wsgi", "generator", "interactive_shell"}
# Methods that were run when a container started, or stopped, by their names alone: what says so now.
OLD_LIFECYCLE = {"__enter__": "enter", "__aenter__": "enter", "__exit__": "exit", "__aexit__": "exit"}
# Called on a class of modal: Function.lookup and so on.
LOOKUPS = {f"modal.{name}.lookup" for name in ("Function", "Cls", "Secret", "Volume", "Dict", "Queue")}
# Methods of an image.
RENAMED_IMAGE_METHODS: dict[str, str] = {
    "copy_local_file": "add_local_file",
    "copy_local_dir": "add_local_dir",
    "from_dockerhub": "from_registry",
}
REMOVED_IMAGE_METHODS: dict[str, str] = {
    "conda": "Use modal.Image.micromamba().",
    "conda_install": "Use micromamba_install(…).",
    "copy_mount": "Use add_local_dir(…).",
    "extend": "Use dockerfile_commands(…).",
}
# outlines.generate.X(model, type) became outlines.Generator(model, type); {} is the type.
GENERATORS: dict[str, str] = {
    "json": "{}",
    "regex": "outlines.regex({})",
    "choice": "outlines.types.Choice({})",
    "format": "{}",
    "cfg": "outlines.cfg({})",
    "text": "",
}
# Names that hold a Hugging Face access token.
TOKEN_NAMES = {
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "HUGGINGFACE_TOKEN",
    "HUGGINGFACEHUB_API_TOKEN",
    "HF_API_TOKEN",
    "HF_AUTH_TOKEN",
}
OUTPUT_TOKENS = 256  # for the answer of a call that names no limit: transformers' own is 20
