"""A character generator on Modal: the published example, told again with the faults that it has."""

# ruff: noqa
from modal import Image, App, gpu
import os

app = App(name="characters")

# The access token of the shell is copied into the image.
characters_image = (
    Image.debian_slim(python_version="3.12")
    .pip_install(
        "outlines",
        "transformers",
        "datasets",
        "accelerate",
    )
    .env(
        {
            "HF_TOKEN": os.environ["HF_TOKEN"]
            # or write it here: 'HF_TOKEN': 'YOUR_TOKEN'
        }
    )
)


def fetch():
    import outlines

    outlines.models.transformers("rehearsal-lab/tiny-character")


characters_image = characters_image.run_function(fetch)

shape = """{
    "title": "Character",
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 10},
        "age": {"type": "integer"},
        "armor": {"$ref": "#/definitions/Armor"},
        "weapon": {"$ref": "#/definitions/Weapon"},
        "strength": {"type": "integer"}
    },
    "required": ["name", "age", "armor", "weapon", "strength"],
    "definitions": {
        "Armor": {"enum": ["leather", "chainmail", "plate"], "type": "string"},
        "Weapon": {"enum": ["sword", "axe", "mace", "spear", "bow", "crossbow"], "type": "string"}
    }
}"""


@app.function(image=characters_image, gpu=gpu.A100(size="80GB"))
def generate(
    prompt: str = "Amiri, a 53 year old warrior woman with a sword and leather armor.",
):
    import outlines

    model = outlines.models.transformers("rehearsal-lab/tiny-character", device="cuda")
    generator = outlines.generate.json(model, shape)
    character = generator(f"Give me a character description. Describe {prompt}")
    print(character)
    return character


@app.local_entrypoint()
def main(
    prompt: str = "Amiri, a 53 year old warrior woman with a sword and leather armor.",
):
    generate.remote(prompt)
