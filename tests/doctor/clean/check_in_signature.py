"""An endpoint whose check stands in its signature, and a Secret that carries a token from one's own environment."""

import os

import modal
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

app = modal.App("painter")
bearer = HTTPBearer()
from_here = modal.Secret.from_dict({"HF_TOKEN": os.environ.get("HF_TOKEN", "")})
image = modal.Image.debian_slim(python_version="3.12").pip_install(
    "fastapi[standard]==0.115.6", "diffusers==0.35.1", "torch==2.8.0"
)
weights = modal.Volume.from_name("weights", create_if_missing=True)


@app.cls(image=image, gpu="A100-80GB", secrets=[from_here], volumes={"/weights": weights}, startup_timeout=1800)
class Painter:
    @modal.enter()
    def load(self):
        from diffusers import FluxPipeline

        self.paint = FluxPipeline.from_pretrained(
            "black-forest-labs/FLUX.1-dev", cache_dir="/weights", revision="0123456789abcdef"
        )

    @modal.method()
    def draw(self, prompt: str) -> bytes:
        return self.paint(prompt).images[0].tobytes()


@app.function(image=image, secrets=[modal.Secret.from_name("own-key", required_keys=["OWN_KEY"])])
@modal.fastapi_endpoint(method="POST")
def draw(item: dict, caller: HTTPAuthorizationCredentials = Depends(bearer)):
    if caller.credentials != os.environ["OWN_KEY"]:
        raise HTTPException(status_code=403, detail="not known")
    return {"picture": Painter().draw.remote(item["prompt"])}
