"""An OpenAI-compatible server with a key of its own, weights in a Volume, everything pinned."""

import json
import subprocess

import modal

MINUTES = 60
MODEL_NAME = "Qwen/Qwen3-4B-Thinking-2507-FP8"
MODEL_REVISION = "953532f942706930ec4bb870569932ef63038fdf"
PORT = 8000

image = (
    modal.Image.from_registry("nvidia/cuda:12.8.0-devel-ubuntu22.04", add_python="3.12")
    .entrypoint([])
    .uv_pip_install("vllm==0.33.0", "huggingface-hub==2.4.0")
    .env({"HF_XET_HIGH_PERFORMANCE": "1"})
)
hf_cache = modal.Volume.from_name("huggingface-cache", create_if_missing=True)
vllm_cache = modal.Volume.from_name("vllm-cache", create_if_missing=True)
app = modal.App("vllm-server")


@app.function(
    image=image,
    gpu="H100:1",
    scaledown_window=15 * MINUTES,
    timeout=10 * MINUTES,
    startup_timeout=20 * MINUTES,
    volumes={"/root/.cache/huggingface": hf_cache, "/root/.cache/vllm": vllm_cache},
    secrets=[modal.Secret.from_name("vllm-key", required_keys=["API_KEY"])],
)
@modal.concurrent(max_inputs=32)
@modal.web_server(port=PORT, startup_timeout=10 * MINUTES)
def serve():
    import os

    cmd = ["vllm", "serve", MODEL_NAME, "--revision", MODEL_REVISION, "--port", str(PORT)]
    cmd += ["--api-key", os.environ["API_KEY"], "--limit-mm-per-prompt", json.dumps({"image": 0})]
    subprocess.Popen(" ".join(cmd), shell=True)
