"""A change keeps the bytes of a file that it does not touch: encoding, byte order mark, line ends."""

from __future__ import annotations

import asyncio
import codecs
import json
from pathlib import Path

import pytest

from tests.doctor.test_command import doctor
from wizard.core.problem import Problem
from wizard.flow.doctor.script_check import fix_script
from wizard.services.scripts.source import ScriptSource

TEXT = (
    "# Größe\nimport modal\n\napp = modal.App('é')\n\n\n@app.function(\n\tkeep_warm=1,  # µ\n)\ndef größe():\n\tpass\n"
)
FILES = {
    "plain": TEXT.encode(),
    "a byte order mark": codecs.BOM_UTF8 + TEXT.encode(),
    "latin-1": ("# -*- coding: latin-1 -*-\n" + TEXT).encode("latin-1"),
    "windows": ("#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\n" + TEXT)
    .replace("\n", "\r\n")
    .encode("cp1252"),
    "no end of line": TEXT.rstrip("\n").encode(),
    "separators within a line": TEXT.replace("# µ", "# \x0c \u2028 \x1c").encode(),
}


@pytest.mark.parametrize("kind", FILES)
def test_only_what_is_changed_is_written(kind: str, tmp_path: Path) -> None:
    path, scripts = tmp_path / "a.py", ScriptSource()
    path.write_bytes(FILES[kind])
    report = asyncio.run(fix_script(None, scripts, scripts.load(path), "a.py"))
    scripts.save(path, report.source)
    assert path.read_bytes() == FILES[kind].replace(b"keep_warm", b"min_containers")
    assert report.diff.count("\n-") == report.diff.count("\n+") - 1 == 1, "one line, and the head"


@pytest.mark.parametrize("data", [b"# coding: nonsense\n", b"# coding: rot13\n", "é = 1".encode("latin-1"),
                                  codecs.BOM_UTF8 + b"# coding: latin-1\n"])  # fmt: skip
def test_an_encoding_that_python_does_not_read_is_said(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(data)
    with pytest.raises(Problem) as error:
        ScriptSource().load(tmp_path / "a.py")
    assert error.value.code == "script_not_python"


CASES = {
    "a GPU that is counted": (
        "import modal\nfrom modal import gpu\n\napp = modal.App('big')\nGPU = gpu.A100(size='80GB', count=2)\n\n\n"
        "@app.cls(gpu=GPU)\nclass Engine:\n    @modal.enter()\n    def start(self):\n        self.many = GPU.count\n",
        ("A100-80GB:2", "self.many = 2"),
        ("GPU.count", "import gpu"),
    ),
    "a token with another name": (
        "import os\nimport modal\n\napp = modal.App('llama')\n\n\n@app.function()\ndef fetch():\n"
        "    from huggingface_hub import snapshot_download as get\n\n"
        "    get('meta-llama/Llama-3.1-8B-Instruct', token=os.environ['HUGGINGFACE_TOKEN'])\n",
        ('required_keys=["HUGGINGFACE_TOKEN"]',),
        ("HF_TOKEN",),
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_the_command_leaves_a_script_that_runs(kind: str, tmp_path: Path) -> None:
    source, there, gone = CASES[kind]
    script = tmp_path / "a.py"
    script.write_text(source)
    done = doctor("a.py", "--offline", "--fix", "--yes", "--json", folder=tmp_path)
    fixed = script.read_text()
    assert [each for each in there if each not in fixed] == []
    assert [each for each in gone if each in fixed] == []
    assert any(check["fixed"] for check in json.loads(done.stdout)["checks"])
