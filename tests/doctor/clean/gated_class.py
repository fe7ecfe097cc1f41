"""A gated model with its Secret, downloaded on a CPU into a Volume that the GPU only reads."""

import os

import modal

MODEL = "meta-llama/Llama-3.1-8B-Instruct"
REVISION = "0e9e39f249a16976918f6564b8830bc894c89659"
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install(
    "outlines==1.3.3", "transformers==5.23.0", "torch==2.13.0", "accelerate==1.15.0", "llguidance==1.9.1"
)
volume = modal.Volume.from_name("models", create_if_missing=True)
app = modal.App("gated-class")


@app.function(
    image=image,
    volumes={"/models": volume},
    secrets=[modal.Secret.from_name("huggingface-secret", required_keys=["HF_TOKEN"])],
    timeout=3600,
)
def download():
    from huggingface_hub import snapshot_download

    assert os.environ["HF_TOKEN"]
    snapshot_download(MODEL, revision=REVISION, local_dir="/models/llama")
    volume.commit()


@app.cls(image=image, gpu="L40S", volumes={"/models": volume}, env={"HF_HUB_OFFLINE": "1"}, startup_timeout=1200)
class Writer:
    @modal.enter()
    def load(self):
        import outlines
        from outlines.backends.llguidance import LLGuidanceBackend
        from transformers import AutoModelForCausalLM, AutoTokenizer

        weights = AutoModelForCausalLM.from_pretrained("/models/llama", device_map="cuda", local_files_only=True)
        self.model = outlines.from_transformers(weights, AutoTokenizer.from_pretrained("/models/llama"))
        self.backend = LLGuidanceBackend(self.model)

    @modal.method()
    def write(self, prompt: str, schema: str) -> str:
        import outlines

        processor = self.backend.get_json_schema_logits_processor(schema)
        return outlines.Generator(self.model, processor=processor)(prompt, max_new_tokens=400)
