"""The whole job with a published model: `python -m tests.real.run MODEL_FOLDER`.

Serves the folder as a gated model on the stand-in Hub, runs `deploy --rehearse` against it as a person would, and
checks the sample. Ends with 0 when it is valid and says what the prompt says.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
PROGRAM = [sys.executable, "-m", "wizard"]


def rehearse_with(folder: Path, home: Path, *flags: str) -> dict[str, Any]:
    """Run the job and return its last events by name."""
    env = os.environ | {"XDG_STATE_HOME": str(home / "state"), "TMPDIR": str(home)}
    serve = [*PROGRAM, "rehearse", "--json", "--serve", f"{folder}={MODEL}:gated"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True, env=env) as serving:
        try:
            assert serving.stdout is not None
            if "Serving" not in serving.stdout.readline():
                raise SystemExit("the rehearsal did not start")
            deploy = [*PROGRAM, "deploy", "--rehearse", "--model", MODEL, "--yes", "--json"]
            deploy += ["--output-dir", str(home), *flags]
            done = subprocess.run(deploy, capture_output=True, text=True, env=env, timeout=600, check=False)
        finally:
            serving.terminate()
    events = [json.loads(line) for line in done.stdout.splitlines()]
    for event in events:
        if event["event"] == "LogLine":
            sys.stdout.write(f"  {event['text']}\n")
    return {event["event"]: event for event in events} | {"exit": done.returncode}


def main() -> int:
    """Check one run."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="real-") as home:
        last = rehearse_with(Path(sys.argv[1]).resolve(), Path(home))
    sample = last.get("SampleReady")
    if last["exit"] != 0 or sample is None:
        sys.stdout.write(f"failed: {last.get('Failed')}\n")
        return 1
    value = sample["value"]
    good = sample["valid"] and value["name"] == "Amiri" and value["age"] == 53
    sys.stdout.write(f"{MODEL}: {json.dumps(value)}\n")
    sys.stdout.write(
        f"valid {sample['valid']}, {sample['timings']['generate']:.1f} s to answer, {sample['seconds']:.1f} s cold, "
        f"{time.monotonic() - started:.1f} s for the whole job\n"
    )
    sys.stdout.write(f"{int(good)} passed, {int(not good)} failed\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
