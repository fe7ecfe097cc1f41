"""A gated model, and not a word about access tokens."""

import modal

app = modal.App("plain-llama")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install(
    "outlines==1.3.3", "transformers==5.23.0", "torch==2.13.0", "accelerate==1.15.0"
)
cache = modal.Volume.from_name("hf-cache", create_if_missing=True)
MODEL = "meta-llama/Llama-3.2-1B-Instruct"
REVISION = "9213176726f574b556790deb65791e0c5aa438b6"


@app.cls(image=image, gpu="L4", volumes={"/root/.cache/huggingface": cache}, startup_timeout=1200)
class Writer:  # fault: gated_without_secret
    @modal.enter()
    def load(self):
        import outlines
        from transformers import AutoModelForCausalLM, AutoTokenizer

        model = AutoModelForCausalLM.from_pretrained(MODEL, revision=REVISION, device_map="cuda")
        self.model = outlines.from_transformers(model, AutoTokenizer.from_pretrained(MODEL, revision=REVISION))

    @modal.method()
    def write(self, prompt: str) -> str:
        return self.model(prompt, max_new_tokens=200)
