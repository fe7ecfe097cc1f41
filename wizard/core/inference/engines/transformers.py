"""transformers: for calls now and then, for CPUs and for the demo; it starts in seconds."""

from __future__ import annotations

from wizard.core.inference.engine import InferenceEngine, Quantisation, Speed

# What transformers 5.23 (2026-11) does with each `quant_method` in an image without further packages (`quantizers/`).
# fp8 and mxfp4 run packed only with the `kernels` package, which fetches code from the Hub when the container starts.
QUANTISATIONS = {
    "fp8": Quantisation("unpacked", 8.0),
    "mxfp4": Quantisation("unpacked", 4.25),
    "compressed-tensors": Quantisation("stored", missing="compressed-tensors"),
    "bitsandbytes": Quantisation("stored", missing="bitsandbytes"),
    "gptq": Quantisation("stored", missing="gptqmodel and optimum"),
    "awq": Quantisation("stored", missing="gptqmodel"),
    "aqlm": Quantisation("stored", missing="aqlm"),
    "auto-round": Quantisation("stored", missing="auto-round"),
    "autoround": Quantisation("stored", missing="auto-round"),
    "eetq": Quantisation("stored", missing="kernels"),
    "fbgemm_fp8": Quantisation("stored", missing="fbgemm-gpu"),
    "hqq": Quantisation("stored", missing="hqq"),
    "quanto": Quantisation("stored", missing="optimum-quanto"),
    "quark": Quantisation("stored", missing="amd-quark"),
    "torchao": Quantisation("stored", missing="torchao"),
    "vptq": Quantisation("stored", missing="vptq"),
}
PACKAGES = {
    "accelerate": "1.15.0",
    "huggingface_hub": "2.4.0",
    "outlines": "1.3.3",
    "torch": "2.13.0",
    "transformers": "5.23.0",
}
ENGINE = InferenceEngine(
    name="transformers",
    label="transformers",
    suits="calls now and then: ready sooner",
    preference=10,
    version=PACKAGES["transformers"],
    python="3.12",
    uv="0.13.9",
    packages=PACKAGES,
    vision_packages={"pillow": "13.0.0", "torchvision": "0.28.0"},  # of torch 2.13; many image processors need it
    tried="2026-11-22",
    architectures="transformers_architectures.txt",
    missing_packages={"fast_vlm": "timm", "gemma3n": "timm", "perception_lm": "timm"},
    weight_formats=("safetensors", "bin"),
    quantisations=QUANTISATIONS,
    speed=Speed(
        build_seconds=180.0,  # installing torch and the rest
        start_seconds=25.0,  # scheduling, imports, tokenizer, structured-output backend
        # Fitted to the speeds that Qwen publishes for transformers on an A100 (0.5B: 47 tokens a second, 14B: 25, 32B:
        # 17, 72B on two: 9).
        token_seconds=0.020,
        bandwidth_used=0.8,
    ),
    # CUDA context (0.3 to 0.6), cuBLAS and torch workspaces, what the allocator cannot hand out again.
    overhead_gib=1.2,
    memory_share=0.94,
    max_batch=32,
    runs_on_cpu=True,
    whole_layers=True,  # accelerate's device_map
    lora_packages={"peft": "0.21.2"},
)
