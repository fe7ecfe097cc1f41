"""Speech to text: image and Volume are given to the App, for all its functions."""
from pathlib import Path
import modal

MODEL_ID = "openai/whisper-large-v3"
MODEL_REVISION = "afda370583db9c5359511ed5d989400a6199dfe1"
image = (
    modal.Image.debian_slim(python_version="3.12")
    .apt_install("git", "ffmpeg")
    .uv_pip_install("torch==2.7.1", "transformers==4.53.0", "accelerate==1.8.1", "huggingface-hub[hf_xet]==0.33.1")
    .env({"HF_HUB_CACHE": "/cache", "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True"})
    .add_local_python_source("helpers")
)
cache = modal.Volume.from_name("hf-hub-cache", create_if_missing=True)
app = modal.App("whisper", image=image, volumes={"/cache": cache})

@app.cls(gpu="a10g", retries=3, scaledown_window=60 * 4)
@modal.concurrent(max_inputs=4)
class Whisper:
    @modal.enter()
    def load_model(self):
        import torch
        from transformers import AutoModelForSpeechSeq2Seq, AutoProcessor, pipeline
        self.processor = AutoProcessor.from_pretrained(MODEL_ID, revision=MODEL_REVISION)
        self.model = AutoModelForSpeechSeq2Seq.from_pretrained(MODEL_ID, revision=MODEL_REVISION, torch_dtype=torch.float16).to("cuda")
        self.pipeline = pipeline("automatic-speech-recognition", model=self.model, tokenizer=self.processor.tokenizer)

    @modal.batched(max_batch_size=64, wait_ms=1000)
    def transcribe(self, samples):
        return self.pipeline(samples, batch_size=len(samples))

@app.function()
def transcribe_all(paths: list[str]):
    return list(Whisper().transcribe.map(paths))
