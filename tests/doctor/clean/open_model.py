"""An open model, everything pinned, prepared once."""

from __future__ import annotations

import modal
from pydantic import BaseModel

app = modal.App("open-model")
REVISION = "c1899de289a04d12100db370d81485cdf75e47ca"
image = modal.Image.debian_slim(python_version="3.12").pip_install(
    ["outlines==1.3.3", "transformers==5.23.0", "torch==2.13.0", "pydantic~=2.14"]
)
with image.imports():
    import outlines
    from transformers import AutoModelForCausalLM, AutoTokenizer


class Verdict(BaseModel):
    fair: bool
    why: str


@app.cls(
    image=image,
    gpu=["L4", "A10"],
    volumes={"/root/.cache/huggingface": modal.Volume.from_name("hub", create_if_missing=True)},
    scaledown_window=120,
    max_containers=3,
)
class Judge:
    name: str = modal.parameter(default="Qwen/Qwen3-0.6B")

    @modal.enter()
    def start(self) -> None:
        model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-0.6B", revision=REVISION, dtype="auto")
        tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen3-0.6B", revision=REVISION)
        self.generator = outlines.Generator(outlines.from_transformers(model, tokenizer), Verdict)

    @modal.method()
    def judge(self, text: str) -> Verdict:
        return Verdict.model_validate_json(self.generator(text, max_new_tokens=120))
