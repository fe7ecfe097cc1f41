"""login() with a variable that the container does not have."""

import os

import modal

app = modal.App("login")
image = modal.Image.debian_slim(python_version="3.12").pip_install("transformers==5.23.0", "huggingface_hub==2.4.0")
cache = modal.Volume.from_name("hf-cache")


@app.function(image=image, volumes={"/root/.cache/huggingface": cache})
def load():
    from huggingface_hub import login

    login(token=os.environ["HF_TOKEN"])  # fault: token_not_in_container


@app.function(image=image, volumes={"/root/.cache/huggingface": cache})
def load_more():
    from huggingface_hub import login

    login(os.getenv("HUGGING_FACE_HUB_TOKEN"))  # fault: token_not_in_container


@app.function(image=image, volumes={"/root/.cache/huggingface": cache}, secrets=[modal.Secret.from_name("hf")])
def fine():
    from huggingface_hub import login

    login(token=os.environ["HF_TOKEN"])
