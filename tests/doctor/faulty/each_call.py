"""Everything is made again in every call."""

import modal

app = modal.App("each-call")
image = modal.Image.debian_slim(python_version="3.12").pip_install(
    "outlines",  # fault: unpinned_package
    "transformers>=4.40",  # fault: unpinned_package
    "torch==2.13.0",
)
cache = modal.Volume.from_name("hf-cache")
SCHEMA = '{"type": "object"}'


@app.cls(image=image, gpu="T4", volumes={"/root/.cache/huggingface": cache})
class Writer:
    @modal.enter()
    def load(self):
        import outlines
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.model = outlines.from_transformers(
            AutoModelForCausalLM.from_pretrained(  # fault: unpinned_revision
                "Qwen/Qwen3-0.6B", device="cuda"  # fault: unknown_parameter
            ),
            AutoTokenizer.from_pretrained("Qwen/Qwen3-0.6B"),  # fault: unpinned_revision
        )

    @modal.method()
    def write(self, prompt: str) -> str:
        import outlines

        generator = outlines.Generator(self.model, outlines.json_schema(SCHEMA))  # fault: compiles_each_call
        return generator(prompt)  # fault: answer_cut_short
