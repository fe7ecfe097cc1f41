"""A small app without a model: what it is told, it says."""

# ruff: noqa: T201

import modal

app = modal.App("plain")
image = modal.Image.debian_slim(python_version="3.12")


@app.function(image=image, timeout=60)
def shout(text: str) -> str:
    print(f"shouting {text}")
    return text.upper()


@app.local_entrypoint()
def main(text: str = "hello"):
    print(shout.remote(text))
