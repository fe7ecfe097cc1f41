"""vLLM: for many calls at once, for models that need several GPUs, and for packed weights as they are stored."""

from __future__ import annotations

from wizard.core.inference.engine import InferenceEngine, NumberFormats, Quantisation, Speed

# What vLLM 0.33 runs packed on GPUs of Ada and newer; on older ones it unpacks as it computes, in the same memory.
QUANTISATIONS = {
    name: Quantisation("stored") for name in ("fp8", "compressed-tensors", "gptq", "awq", "auto-round", "autoround")
} | {
    "mxfp4": Quantisation("stored", needs_bf16=True),  # `get_min_capability` of its classes
    "fbgemm_fp8": Quantisation("stored", needs_bf16=True),
    "bitsandbytes": Quantisation("stored", missing="bitsandbytes"),
    "torchao": Quantisation("stored", missing="torchao"),
    "quark": Quantisation("stored", missing="amd-quark"),
    "aqlm": Quantisation("stored", missing="aqlm"),
    "eetq": Quantisation("stored", missing="eetq"),
    "hqq": Quantisation("stored", missing="hqq"),
    "quanto": Quantisation("stored", missing="optimum-quanto"),
    "vptq": Quantisation("stored", missing="vptq"),
}
PACKAGES = {  # it pins torch, transformers, xgrammar and llguidance by itself
    "huggingface_hub": "2.4.0",
    "llguidance": "1.7.6",
    "vllm": "0.33.0",
}
ENGINE = InferenceEngine(
    name="vllm",
    label="vLLM",
    suits="many calls at once: answers faster",
    preference=20,
    version=PACKAGES["vllm"],
    python="3.12",
    uv="0.13.9",
    packages=PACKAGES,
    vision_packages={"pillow": "13.0.0"},  # it brings torchvision itself
    tried="2026-11-29",
    architectures="vllm_architectures.txt",
    weight_formats=("safetensors", "bin"),
    quantisations=QUANTISATIONS,
    speed=Speed(
        build_seconds=300.0,
        start_seconds=75.0,  # imports, the engine's own processes, a compile cache that is warm
        token_seconds=0.006,
        bandwidth_used=0.8,
        fast_start_seconds=45.0,  # nothing is compiled, and no CUDA graphs are recorded
        fast_token_seconds=0.015,  # so that Python starts each kernel
    ),
    overhead_gib=2.0,
    memory_share=0.92,
    max_batch=256,
    dtypes=NumberFormats(),
    whole_layers=False,  # tensor parallel: each GPU holds a part of every layer
    continuous=True,
    backends={"llguidance": "guidance"},
    without_lora="vllm_without_lora.txt",
    lora_ranks=(8, 16, 32, 64, 128, 256, 320, 512),
)
