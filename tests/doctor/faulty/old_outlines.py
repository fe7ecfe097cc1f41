"""Outlines as it was written before 1.0."""

import modal
import outlines
from outlines import generate, models, samplers
from pydantic import BaseModel

app = modal.App("old-outlines")
image = modal.Image.debian_slim(python_version="3.12").pip_install("outlines==0.0.46", "transformers==4.38.2")  # fault: outdated_package
cache = modal.Volume.from_name("hf-cache")


class Character(BaseModel):
    name: str
    age: int


@app.function(image=image, gpu="T4", volumes={"/root/.cache/huggingface": cache})
def make(prompt: str):
    model = models.transformers("gpt2", device="cuda")  # fault: removed_api, unpinned_revision, loads_each_call
    sampler = samplers.greedy()  # fault: removed_api
    text = generate.json(model, Character)(prompt)  # fault: removed_api
    yes = outlines.generate.choice(model, ["yes", "no"])(prompt)  # fault: removed_api
    return text, yes, sampler
