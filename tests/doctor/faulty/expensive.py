"""What bills while nobody calls, and what is fetched again and again."""

import modal

app = modal.App("expensive")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("vllm==0.33.0", "huggingface_hub==2.4.0")


@app.cls(
    image=image,
    gpu="H100:2",
    min_containers=2,  # fault: bills_while_idle
    timeout=300,  # fault: startup_too_short
)
class Server:
    @modal.enter()
    def start(self):
        from huggingface_hub import snapshot_download
        from vllm import LLM

        snapshot_download(  # fault: download_on_gpu, no_volume
            "Qwen/Qwen3-32B", revision="9216db5781bf21249d130ec9da846c4624c16137"
        )
        self.llm = LLM(model="Qwen/Qwen3-32B", revision="9216db5781bf21249d130ec9da846c4624c16137")

    @modal.method()
    def answer(self, prompt: str) -> str:
        return self.llm.generate(prompt)[0].outputs[0].text
