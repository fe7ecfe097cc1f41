"""Gated models that a build command downloads and that a child process serves, its name a parameter of the class."""

import subprocess

import modal

image = (
    modal.Image.debian_slim(python_version="3.12")
    .pip_install("huggingface_hub==2.4.0")
    .run_commands("hf download meta-llama/Llama-3.2-3B-Instruct --local-dir /weights")  # fault: gated_without_secret, unpinned_revision
)
app = modal.App("by-command", image=image)
served = modal.Image.from_registry("lmsysorg/sglang:v0.5.3", add_python="3.12")
cache = modal.Volume.from_name("hub", create_if_missing=True)


@app.function(gpu="L4", timeout=1800)
def shape() -> int:
    from transformers import AutoConfig

    return AutoConfig.from_pretrained("/weights").hidden_size


@app.cls(image=served, gpu="H100", startup_timeout=1200, volumes={"/root/.cache/huggingface": cache})
class Server:  # fault: gated_without_secret
    name: str = modal.parameter(default="google/gemma-3-27b-it")

    @modal.enter()
    def start(self):
        command = f"python -m sglang.launch_server --model-path {self.name} --port 8000"
        self.process = subprocess.Popen(command, shell=True)  # fault: unpinned_revision

    @modal.web_server(8000, startup_timeout=1200, requires_proxy_auth=True)
    def serve(self):
        pass
