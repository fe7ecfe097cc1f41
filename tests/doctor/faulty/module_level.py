"""What is read and built while the file is imported, in every container."""

import os

import modal
from modal import Image, gpu

HF_TOKEN = os.environ["HF_TOKEN"]  # fault: token_read_on_import
MODEL_NAME = os.environ.get("MODEL_NAME", "meta-llama/Llama-3.1-70B-Instruct")
GPU_CONFIG = gpu.H100(count=4)  # fault: removed_api

image = (
    Image.from_registry("vllm/vllm-openai:latest")  # fault: unpinned_image
    .pip_install(["outlines==1.3.3", "transformers==5.23.0"])
    .env(dict(OPENAI_API_KEY=os.environ["OPENAI_API_KEY"], MODE="fast"))  # fault: token_in_image
)
app = modal.App("module-level")


def helper():
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(MODEL_NAME, token=HF_TOKEN)  # fault: unpinned_revision, no_volume


@app.cls(gpu=GPU_CONFIG, image=image, secrets=[])
class Model:  # fault: gated_without_secret, startup_too_short
    @modal.enter()
    def start(self):
        self.model = helper()

    @modal.method()
    def shape(self) -> int:
        return self.model.config.hidden_size


@app.function(image=image)
def who():
    from huggingface_hub import whoami

    return whoami(token=HF_TOKEN)  # fault: token_not_in_container
