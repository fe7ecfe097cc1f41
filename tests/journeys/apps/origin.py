"""An app as people write it who follow an example: a gated model, and not a word about access tokens."""

# ruff: noqa: T201

import modal

app = modal.App("origin")
image = modal.Image.debian_slim(python_version="3.12").pip_install("outlines", "transformers", "torch", "accelerate")

MODEL = "rehearsal-lab/tiny-character"


@app.function(image=image, gpu="T4", timeout=300)
def generate(prompt: str) -> str:
    import outlines
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(MODEL)
    model = outlines.from_transformers(transformers.AutoModelForCausalLM.from_pretrained(MODEL), tokenizer)
    return str(model(prompt, max_new_tokens=40))


@app.local_entrypoint()
def main(prompt: str = "Give me a character description: Amiri, 53 year old warrior woman."):
    print(generate.remote(prompt))
