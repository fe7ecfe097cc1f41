"""A version is written beside a package only where the rest of the image leaves it free."""

from __future__ import annotations

import pytest

from wizard.core.doctor.rules.registry import apply_fixes, run_rules
from wizard.services.scripts.syntax_tree import read_script

IMAGE = "modal.Image.debian_slim()"
FREE = {
    "alone": f"{IMAGE}.pip_install('torch')",
    "with a tried version": f"{IMAGE}.pip_install('transformers==5.23.0', 'torch')",
    "with a least version": f"{IMAGE}.pip_install('numpy>=1.26', 'torch')",
    "with what depends on nothing": f"{IMAGE}.pip_install('fastapi[standard]==0.115.6', 'torch')",
    "a plain base": "modal.Image.from_registry('nvidia/cuda:12.8.0-devel-ubuntu22.04', add_python='3.12')"
    ".pip_install('torch')",
    "another image is pinned": f"{IMAGE}.pip_install('torch')\nother = {IMAGE}.pip_install('vllm==0.6.3')",
    "in two steps": f"{IMAGE}.pip_install('accelerate')\nimage = image.pip_install('torch')",
}
HELD = {
    "an older framework": (f"{IMAGE}.pip_install('vllm==0.6.3', 'huggingface_hub')", "vllm==0.6.3 is in the image"),
    "an engine that pins": (f"{IMAGE}.pip_install('vllm', 'torch')", "vllm is in the image"),
    "a framework that pins": (f"{IMAGE}.pip_install('sglang', 'torch')", "sglang is in the image"),
    "an upper bound": (f"{IMAGE}.pip_install('numpy<2', 'torch')", "numpy<2 is in the image"),
    "another step": (f"{IMAGE}.pip_install('peft==0.10.0').pip_install('torch')", "peft==0.10.0 is in the image"),
    "a step before": (f"{IMAGE}.pip_install('peft==0.10.0')\nimage = image.pip_install('torch')", "peft==0.10.0"),
    "a list by name": (f"{IMAGE}.pip_install(OLD).pip_install('torch')", "peft==0.10.0 is in the image"),
    "a list taken apart": (f"{IMAGE}.pip_install(*OLD).pip_install('torch')", "peft==0.10.0 is in the image"),
    "a list from elsewhere": (f"{IMAGE}.pip_install(read()).pip_install('torch')", "not all packages"),
    "a file": (f"{IMAGE}.pip_install_from_requirements('r.txt').pip_install('torch')", "installs other packages"),
    "a command": (f"{IMAGE}.run_commands('pip install x').pip_install('torch')", "installs other packages"),
    "an index": (f"{IMAGE}.pip_install('torch', index_url='https://x/cu118')", "options of its own"),
    "an old Python": ("modal.Image.debian_slim(python_version='3.9').pip_install('torch')", "run on Python 3.9"),
    "a base with its own": ("modal.Image.from_registry('pytorch/pytorch:2.1.0').pip_install('torch')", "base image"),
}


def script(image: str) -> str:
    return f"import modal\n\nOLD = ['peft==0.10.0']\nimage = {image}\napp = modal.App('a', image=image)\n"


@pytest.mark.parametrize("kind", FREE)
def test_a_package_is_pinned_where_nothing_stands_against_it(kind: str) -> None:
    source = script(FREE[kind])
    assert "'torch==" in apply_fixes(source, read_script, {}, "s").source


@pytest.mark.parametrize("kind", HELD)
def test_a_package_is_not_pinned_against_what_else_is_in_the_image(kind: str) -> None:
    image, reason = HELD[kind]
    source = script(image)
    found = [
        each for each in run_rules(read_script(source), {}, "s") if each.detail.startswith(("torch", "huggingface"))
    ]
    assert [each.edits for each in found] == [()]
    assert reason in found[0].left_because
    fixed = apply_fixes(source, read_script, {}, "s").source
    assert "torch==" not in fixed
    assert "huggingface_hub==" not in fixed
