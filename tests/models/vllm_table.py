"""What a vLLM loads, as the table beside the record of its engine: `python -m` this, in an environment that has it.

vLLM goes by the class, and reads the configuration with transformers or a class of its own: so a line is here for each
class of its registry that generates and whose `model_type` one of the two knows.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from tests.models.architecture_tables import ALL_MAPPINGS, OTHERWISE, named

HEAD = """\
# What vLLM {version} loads, without code from the Hub: model_type, class, and what such a model does.
# Written by `python -m tests.models.vllm_table SITE_PACKAGES`, from its registry and its transformers {transformers}.
"""
WITHOUT_LORA = """\
# Classes that vLLM {version} generates with, and serves no LoRA adapters for: none of its bases is SupportsLoRA.
# Written by `python -m tests.models.vllm_table SITE_PACKAGES`.
"""
DOES = {"_TEXT_GENERATION_MODELS": "text", "_MULTIMODAL_MODELS": "images"}
HEARS = ("Whisper", "Voxtral", "Audio", "ASR", "Asr", "Speech", "Ultravox", "Omni", "Transcri", "Music", "Moonshine")
# Configurations that vLLM brings along whose class is not called as they are.
OWN = {
    "RefinedWeb": "RWForCausalLM",
    "RefinedWebModel": "RWForCausalLM",
    "chatglm": "ChatGLMModel",
    "deepseek_vl_v2": "DeepseekVLV2ForCausalLM",
    "kimi_k2": "DeepseekV3ForCausalLM",
    "kimi_vl": "KimiVLForConditionalGeneration",
    "ovis": "Ovis",
    "step3_text": "Step3TextForCausalLM",
    "step3_vl": "Step3VLForConditionalGeneration",
    "step3p5": "Step3p5ForCausalLM",
}


def registry(path: Path) -> dict[str, str]:
    """Each class that generates, and what it does."""
    found: dict[str, str] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Name) and target.id in DOES and isinstance(node.value, ast.Dict):  # type: ignore[union-attr]
            for key in node.value.keys:  # type: ignore[union-attr]
                if isinstance(key, ast.Constant):
                    name = str(key.value)
                    found[name] = "speech" if any(word in name for word in HEARS) else DOES[target.id]
    return found


def without_lora(site_packages: Path) -> list[str]:
    """The classes of the registry that do not support LoRA, as their sources say."""
    models = site_packages / "vllm/model_executor/models"
    bases: dict[str, list[str]] = {}
    for path in sorted(models.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                names = [ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases]
                bases[node.name] = names
    implemented = {}
    for node in ast.walk(ast.parse((models / "registry.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(value, ast.Tuple):
                    implemented[str(key.value)] = str(getattr(value.elts[-1], "value", ""))

    def supports(name: str, seen: tuple[str, ...] = ()) -> bool:
        if name == "SupportsLoRA":
            return True
        return name not in seen and any(supports(base, (*seen, name)) for base in bases.get(name, ()))

    return sorted(name for name in registry(models / "registry.py") if not supports(implemented.get(name, name)))


def own_configurations(path: Path) -> set[tuple[str, str]]:
    """Configurations that vLLM brings along, each with the classes that its name stands for."""
    pairs: set[tuple[str, str]] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "LazyConfigDict":
            for each in node.keywords:
                if each.arg and isinstance(each.value, ast.Constant):
                    base = str(each.value.value).removesuffix("Config")
                    pairs |= {(each.arg, base + ending) for ending in ("ForCausalLM", "ForConditionalGeneration")}
    return pairs


def lines(site_packages: Path) -> list[str]:
    """The lines of the table, sorted."""
    from transformers.models.auto import modeling_auto

    known = registry(site_packages / "vllm/model_executor/models/registry.py")
    pairs = {pair for mapping in ALL_MAPPINGS for pair in named(modeling_auto, mapping)} | set(OWN.items())
    pairs |= own_configurations(site_packages / "vllm/transformers_utils/config.py")
    does = {pair: OTHERWISE.get(pair[0]) or known[pair[1]] for pair in pairs if pair[1] in known}
    return sorted(f"{model_type} {name} {word}" for (model_type, name), word in does.items())


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    versions = [
        next(folder.glob(f"{name}-*.dist-info")).name.split("-")[1].removesuffix(".dist")
        for name in ("vllm*", "transformers")
    ]
    head = HEAD.format(version=versions[0], transformers=versions[1])
    out = Path("wizard/core/inference/engines/vllm_architectures.txt")
    Path("wizard/core/inference/engines/vllm_without_lora.txt").write_text(
        WITHOUT_LORA.format(version=versions[0]) + "\n".join(without_lora(folder)) + "\n", encoding="utf-8"
    )
    out.write_text(head + "\n".join(lines(folder)) + "\n", encoding="utf-8")
