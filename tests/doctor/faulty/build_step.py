"""The weights are put into the image by a build step that has no access token."""

import modal
from huggingface_hub import snapshot_download

MODEL_DIR = "/weights"
NAME = "mistralai/Mistral-7B-Instruct-v0.2"
MINUTES = 60


def download():
    snapshot_download(NAME, local_dir=MODEL_DIR, revision="3ad372fc79158a2148299e3318516c786aeded6c")


image = (
    modal.Image.debian_slim(python_version="3.12")
    .pip_install("vllm==0.33.0", "huggingface_hub")  # fault: unpinned_package
    .run_function(download, timeout=60 * MINUTES)  # fault: gated_without_secret
)
app = modal.App("baked")


@app.function(image=image, gpu="A100-80GB", startup_timeout=20 * MINUTES)
def generate(prompt: str) -> str:
    from vllm import LLM

    return LLM(model=MODEL_DIR).generate(prompt)[0].outputs[0].text
