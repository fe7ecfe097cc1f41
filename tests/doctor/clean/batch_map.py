"""Many rows through a function, with a token of another service from its own Secret."""

import modal

app = modal.App(
    "rows", secrets=[modal.Secret.from_name("openai-secret", required_keys=["OPENAI_API_KEY"])], tags={"team": "data"}
)
image = modal.Image.debian_slim().uv_pip_install("openai==2.9.0", "outlines==1.3.3")


@app.function(image=image, max_containers=5, retries=modal.Retries(max_retries=2))
def classify(text: str) -> str:
    import typing

    import openai
    import outlines

    model = outlines.from_openai(openai.OpenAI(), "gpt-4o-mini")
    return model(text, typing.Literal["good", "bad"])


@app.local_entrypoint()
def main(path: str):
    with open(path, encoding="utf-8") as rows:
        for answer in classify.map(rows):
            print(answer)
