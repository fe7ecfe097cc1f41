"""Access tokens where everybody can read them."""

import os

import modal

app = modal.App("leaky")
image = (
    modal.Image.debian_slim(python_version="3.12")
    .pip_install("transformers==5.23.0", "torch==2.13.0")
    .env(
        {
            "HF_HOME": "/cache",
            "HF_TOKEN": os.environ["HF_TOKEN"],  # fault: token_in_image
        }
    )
    .run_commands("echo done", "HF_TOKEN=$HF_TOKEN hf download gpt2")  # fault: token_in_image
)
secret = modal.Secret.from_dict({"HF_TOKEN": os.environ["HF_TOKEN"]})  # fault: secret_from_dict
cache = modal.Volume.from_name("cache", create_if_missing=True)


@app.function(image=image, gpu="T4", volumes={"/cache": cache}, secrets=[secret])
def generate(prompt: str):
    from huggingface_hub import login
    from transformers import pipeline

    login(token="@TOKEN@")  # fault: token_in_source
    write = pipeline(  # fault: loads_each_call
        "text-generation", model="openai-community/gpt2", revision="607a30d783dfa663caf39e06633721c8d4cfcd7e"
    )
    return write(prompt)
