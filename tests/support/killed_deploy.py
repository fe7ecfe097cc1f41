"""What a session leaves on disk that was killed in the middle of a deploy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.person import MODEL
from wizard.flow.deploy.unfinished import note_deploy

PLAN = f"""[model]
model = "{MODEL}"
[output]
kind = "choices"
spec = '["yes", "no"]'
[function]
app = "left-over"
gpu = "T4"
"""


def leave_killed_deploy(**other: Any) -> Path:
    """Write it into this process's state folder, with `other` values where they are named; the file."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    file = note_deploy("left-over", MODEL, PLAN, rehearsal=True)
    assert file is not None
    data = json.loads(file.read_text()) | {"pid": gone.pid} | other
    file = file.rename(file.with_name(f"{gone.pid}.json"))
    file.write_text(json.dumps(data))
    return file
