"""An image whose pins are here, here in another version, or not here at all."""

import modal

app = modal.App("pinned")
image = (
    modal.Image.debian_slim(python_version="3.13")
    .uv_pip_install("grpclib==0.4.9", "protobuf==3.20.0", "surely-not-installed==1.0", "click", uv_version="0.13.9")
    .env({"LAST": "layer"})
)


@app.function(image=image)
def last() -> str:
    import os

    return os.environ["LAST"]
