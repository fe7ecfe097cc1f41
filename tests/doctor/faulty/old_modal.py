"""Modal as it was written in 2023 and 2024."""

from modal import Image, Mount, Stub, build, gpu, method, web_endpoint

stub = Stub("old")  # fault: removed_api
image = (
    Image.from_dockerhub("python:3.11")  # fault: removed_api
    .pip_install("fastapi[standard]==0.115.0")
    .copy_local_file("prompt.txt", "/prompt.txt")  # fault: removed_api
)


@stub.cls(
    image=image,
    gpu=gpu.A100(memory=80, count=2),  # fault: removed_api
    container_idle_timeout=300,  # fault: removed_api
    concurrency_limit=4,  # fault: removed_api
    allow_concurrent_inputs=10,  # fault: removed_api
    mounts=[Mount.from_local_dir("data", remote_path="/data")],  # fault: removed_api
)
class Model:
    @build()  # fault: removed_api
    def prepare(self):
        print("building")

    @method()
    def answer(self, text: str) -> str:
        return text


@stub.function(image=image)
@web_endpoint(method="POST")  # fault: removed_api, open_endpoint
def answer(item: dict):
    return Model().answer.remote(item["text"])
