"""Endpoints that anybody can call, and a server whose model is gated."""

import subprocess

import modal

app = modal.App("open-door")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("vllm==0.33.0", "fastapi[standard]==0.115.0")
cache = modal.Volume.from_name("hf-cache", create_if_missing=True)
MODEL = "google/gemma-3-4b-it"


@app.function(image=image, gpu="L40S", volumes={"/root/.cache/huggingface": cache}, startup_timeout=1200)
@modal.web_server(port=8000)  # fault: open_endpoint, startup_too_short
def serve():  # fault: gated_without_secret
    cmd = ["vllm", "serve", MODEL, "--revision", "093f9f388b31de276ce2de164bdc2081324b9767", "--port", "8000"]
    subprocess.Popen(" ".join(cmd), shell=True)


@app.function(image=image)
@modal.fastapi_endpoint(method="POST")  # fault: open_endpoint
def echo(item: dict):
    return item


@app.function(image=image)
@modal.fastapi_endpoint(method="POST", requires_proxy_auth=True)
def closed(item: dict):
    return item
