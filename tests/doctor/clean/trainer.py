"""Weights by parameter, a Secret and a Volume for the whole App, and a job in a child process."""

import os
import modal
app = modal.App("trainer", secrets=[modal.Secret.from_name("huggingface-secret"), modal.Secret.from_name("wandb")])
vol = modal.Volume.from_name("ft", create_if_missing=True)
image = modal.Image.from_registry("axolotlai/axolotl@sha256:0bb5a2a3b4c5d6").pip_install("huggingface_hub==0.33.1", "hf-transfer==0.1.9").env(dict(HF_HOME="/pretrained", TQDM_DISABLE="true"))

@app.function(image=image, timeout=1 * 60 * 60, volumes={"/pretrained": vol})
def preload(model: str, revision: str):
    from huggingface_hub import snapshot_download
    snapshot_download(model, revision=revision, token=os.environ["HF_TOKEN"])
    vol.commit()

@app.function(image=image, gpu="H100:2", volumes={"/pretrained": vol}, timeout=24 * 60 * 60)
def train(run: str):
    import subprocess
    subprocess.run(["accelerate", "launch", "-m", "axolotl.cli.train", run], check=True)

@app.local_entrypoint()
def main(model: str = "meta-llama/Llama-3.1-8B", revision: str = "main"):
    preload.remote(model, revision)
