"""The published example of 2025, told again with the faults that it has."""

import modal

app = modal.App(name="characters-2025")

characters_image = modal.Image.debian_slim(python_version="3.12").pip_install(
    "outlines==1.0.0",
    "transformers==4.38.2",
    "datasets==2.18.0",
    "accelerate==0.27.2",
)


def fetch():
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model_id = "mistralai/Mistral-7B-Instruct-v0.2"
    _ = AutoTokenizer.from_pretrained(model_id)  # fault: unpinned_revision
    _ = AutoModelForCausalLM.from_pretrained(model_id)  # fault: unpinned_revision


characters_image = characters_image.run_function(fetch)  # fault: gated_without_secret

shape = """{"type": "object", "properties": {"name": {"type": "string", "maxLength": 10}}, "required": ["name"]}"""


@app.function(image=characters_image, gpu="A100-40GB")
def generate(prompt: str = "Amiri, a 53 year old warrior woman."):  # fault: gated_without_secret
    import outlines
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model_id = "mistralai/Mistral-7B-Instruct-v0.2"
    model = outlines.from_transformers(
        tokenizer=AutoTokenizer.from_pretrained(model_id),  # fault: unpinned_revision
        model=AutoModelForCausalLM.from_pretrained(  # fault: unpinned_revision, loads_each_call
            model_id, device="cuda"  # fault: unknown_parameter
        ),
    )
    character = model(  # fault: answer_cut_short
        f"Give me a character description. Describe {prompt}.",
        outlines.json_schema(shape),
    ).content  # fault: answer_is_text
    print(character)


@app.local_entrypoint()
def main(prompt: str = "Amiri, a 53 year old warrior woman."):
    generate.remote(prompt)
