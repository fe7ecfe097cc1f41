"""Pictures from an open diffusion model."""

import io

import modal

app = modal.App("pictures")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install(
    "diffusers==0.36.0", "transformers==5.23.0", "torch==2.13.0", "accelerate==1.15.0"
)
cache = modal.Volume.from_name("pictures-cache", create_if_missing=True)
NAME, REVISION = "stabilityai/sdxl-turbo", "71153311d3dbb46851df1931d3ca6e939de83304"


@app.cls(image=image, gpu="A10", volumes={"/root/.cache/huggingface": cache}, timeout=1200)
class Painter:
    @modal.enter()
    def load(self):
        import diffusers
        import torch

        self.pipe = diffusers.AutoPipelineForText2Image.from_pretrained(
            "stabilityai/sdxl-turbo", revision="71153311d3dbb46851df1931d3ca6e939de83304", torch_dtype=torch.float16
        ).to("cuda")

    @modal.method()
    def paint(self, prompt: str) -> bytes:
        picture = self.pipe(prompt, num_inference_steps=1, guidance_scale=0.0).images[0]
        with io.BytesIO() as buffer:
            picture.save(buffer, format="PNG")
            return buffer.getvalue()
