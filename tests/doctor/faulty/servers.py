"""Servers of all kinds, and names of models that have to be put together to be read."""

import subprocess

import modal

app = modal.App("servers")
SIZE = "8B"
BIG = f"meta-llama/Llama-3.1-{SIZE}-Instruct"
FLAGS = ["--port", "8000", "--model-id", BIG]
cache = modal.Volume.from_name("cache", create_if_missing=True)
image = modal.Image.from_registry("vllm/vllm-openai:v0.11.0")


@app.server(
    image=image,
    gpu="L4",
    volumes={"/root/.cache/huggingface": cache},
    min_containers=1,  # fault: bills_while_idle
    unauthenticated=True,  # fault: open_endpoint
)
class Vllm:  # fault: gated_without_secret, startup_too_short
    @modal.enter()
    def start(self):
        command = ["vllm", "serve", "--uvicorn-log-level=info", BIG, "--served-model-name", "acme/alias"]
        self.process = subprocess.Popen(command)  # fault: unpinned_revision

    @modal.exit()
    def stop(self):
        self.process.terminate()


@app.cls(image=image, gpu="L4", volumes={"/data": cache}, startup_timeout=1200)
class Launcher:  # fault: gated_without_secret
    @modal.enter()
    def start(self):
        self.process = subprocess.Popen(["text-generation-launcher"] + FLAGS)  # fault: unpinned_revision

    @modal.method()
    def ready(self) -> bool:
        return self.process.poll() is None


@app.function(image=image, gpu="L4", timeout=1200)
def ask(prompt: str) -> str:  # fault: gated_without_secret
    from transformers import pipeline

    write = pipeline("text-generation", "google/gemma-2-2b-it")  # fault: loads_each_call, no_volume, unpinned_revision
    return write(prompt)


def fetch():
    subprocess.run(["hf", "download", "google/gemma-2-2b-it"], check=True)  # fault: unpinned_revision


baked = modal.Image.debian_slim().pip_install("huggingface_hub==2.4.0").run_function(fetch)  # fault: gated_without_secret
