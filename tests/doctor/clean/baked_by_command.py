"""Weights that a build command puts into the image, and a server that calls a folder by the model's name."""

import subprocess

import modal

app = modal.App("baked-by-command")
MODEL = "acme/embedder-1b"
GATED = "google/gemma-2-2b-it"
FOLDER = "/model"
secrets = [modal.Secret.from_name("hub", required_keys=["HF_TOKEN"])]


def fetch():
    from huggingface_hub import snapshot_download

    snapshot_download(GATED, revision="0123456789abcdef0123456789abcdef01234567", local_dir=FOLDER)


image = (
    modal.Image.debian_slim(python_version="3.12")
    .uv_pip_install("transformers==5.23.0", "vllm==0.11.0")
    .run_commands(f"hf download {MODEL} --revision 0123456789abcdef")
    .run_function(fetch, secrets=secrets)
)


@app.cls(image=image, gpu="L4")
class Embedder:
    @modal.enter()
    def load(self):
        from transformers import AutoModel

        self.model = AutoModel.from_pretrained(MODEL, revision="0123456789abcdef")

    @modal.method()
    def embed(self, text: str) -> list[float]:
        return self.model(text)


@app.server(image=image, gpu="L4", startup_timeout=20 * 60)
class Server:
    @modal.enter()
    def start(self):
        self.process = subprocess.Popen(["vllm", "serve", FOLDER, "--served-model-name", GATED])


@app.local_entrypoint()
def main():
    subprocess.call(["echo", "hello"])
    print(Embedder().embed.remote("hello"))
