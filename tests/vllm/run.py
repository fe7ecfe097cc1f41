"""The whole job with vLLM and a published model: `python -m tests.vllm.run MODEL_FOLDER`.

The same job as `make real`, with `--engine vllm`: from a gated model on the stand-in Hub to a valid sample. Then both
engines side by side, and vLLM's own server with the same model and schema. Ends with 0 when every ratio is met.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from tests.real.run import MODEL, rehearse_with
from tests.vllm.bench import compare


def main() -> int:
    """Check the job, then print the ratios."""
    model = Path(sys.argv[1]).resolve()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vllm-") as home:
        last = rehearse_with(model, Path(home), "--engine", "vllm")
    sample = last.get("SampleReady")
    if last["exit"] != 0 or sample is None or not sample["valid"]:
        sys.stdout.write(f"failed: {last.get('Failed')}\n")
        return 1
    sys.stdout.write(
        f"{MODEL} by vLLM: {json.dumps(sample['value'])}, {time.monotonic() - started:.0f} s for the job\n"
    )
    return compare(model)


if __name__ == "__main__":
    sys.exit(main())
