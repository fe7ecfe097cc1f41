"""Gated weights in the image: the build step has the Secret, and so has the function that checks in with the Hub."""

import modal

app = modal.App("baked-weights")
hf = modal.Secret.from_name("huggingface")
NAME = "google/gemma-3-1b-it"
REVISION = "dcc83ea841ab6100d6b47a070329e1ba4cf78752"


def fetch():
    from huggingface_hub import snapshot_download

    snapshot_download(NAME, revision=REVISION)


image = (
    modal.Image.debian_slim(python_version="3.12")
    .uv_pip_install("transformers==5.23.0", "torch==2.13.0", "huggingface_hub==2.4.0")
    .run_function(fetch, secrets=[hf])
)


@app.function(image=image, gpu="T4", secrets=[hf], startup_timeout=900)
def size() -> int:
    from transformers import AutoConfig

    return AutoConfig.from_pretrained(NAME, revision=REVISION).hidden_size
