"""Runs a rendered app file by itself: its `Generator`, started as Modal starts it, answers what it is sent."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support import torchvision_ops
from wizard.codegen.app_file import app_file_name, render_app
from wizard.core.plan.plan import Plan

VLLM_ON_CPU = {  # bound to cores, it is slower on a machine that others share
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_CPU_KVCACHE_SPACE": "2",
    "VLLM_LOGGING_LEVEL": "WARNING",
    "VLLM_NO_USAGE_STATS": "1",
    "OMP_NUM_THREADS": "2",
    "OMP_WAIT_POLICY": "PASSIVE",
}
MODEL = Path(__file__).resolve().parents[2] / "assets" / "tiny-character"


class AppProcess:
    """A process of its own in which the app of `plan` has started, with `model` as what was downloaded.

    `asks` sends calls that arrive together and returns what each got: the answer, or {"error": ...}. A call
    {"tokens_of": prompt} gets the prompt as the model reads it; {"stream": arguments} gets {"pieces": all that came};
    {"arguments": [...]} is a call with these arguments by position. `packages` is a folder of packages that it has
    beside the installed ones.
    """

    def __init__(self, plan: Plan, folder: Path, model: Path = MODEL, packages: Path | None = None) -> None:
        self.plan = plan
        file = folder / app_file_name(plan)
        file.write_text(render_app(plan), encoding="utf-8")
        weights = folder / "models" / plan.model.replace("/", "--") / plan.revision
        weights.parent.mkdir(parents=True, exist_ok=True)
        if not weights.exists():
            weights.symlink_to(model)
        env = os.environ | {"MODELS_DIR": str(folder / "models"), "HF_HUB_OFFLINE": "1", "TORCHDYNAMO_DISABLE": "1"}
        env |= VLLM_ON_CPU if plan.engine == "vllm" else {}
        env |= {"PYTHONPATH": str(packages)} if packages else {}
        env["OMP_WAIT_POLICY"] = "PASSIVE"  # on a busy machine, threads that spin take longer than what they wait for
        self._child = subprocess.Popen(
            [sys.executable, __file__, str(file)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.started = self._read()

    def asks(self, *calls: dict[str, Any]) -> list[dict[str, Any]]:
        """Make calls that arrive together."""
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(calls) + "\n")
        self._child.stdin.flush()
        answers: list[dict[str, Any]] = self._read()
        return answers

    def ask(self, prompt: str = "Describe somebody.", **arguments: Any) -> dict[str, Any]:
        """Make one call."""
        return self.asks({"prompt": prompt} | arguments)[0]

    def close(self) -> None:
        """End the process."""
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait(30)

    def _read(self) -> Any:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            if line.startswith("@"):
                return json.loads(line[1:])
        raise AssertionError(f"the app ended with exit code {self._child.wait()}")


def _say(data: Any) -> None:
    sys.stdout.write("@" + json.dumps(data) + "\n")
    sys.stdout.flush()


async def _start(file: str) -> Any:
    """A Generator as in a container, but without Modal around it: what the decorators say is left out."""
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == "Generator":
            for part in (node, *node.body):
                part.decorator_list = [  # type: ignore[union-attr]
                    each
                    for each in getattr(part, "decorator_list", [])
                    if not ast.unparse(each).startswith(("modal.", "app."))
                ]
    names: dict[str, Any] = {"__name__": "app"}
    exec(compile(tree, file, "exec"), names)
    generator = names["Generator"]()
    generator.prepare()
    if inspect.isawaitable(loading := generator.load()):
        await loading
    return generator


async def _serve(file: str) -> None:
    try:
        generator = await _start(file)
    except Exception as error:  # noqa: BLE001 - the test says which it expects
        _say({"error": f"{type(error).__name__}: {error}"})
        return
    _say({})

    async def ask(arguments: dict[str, Any]) -> dict[str, Any]:
        if "tokens_of" in arguments:
            text = generator.render([{"role": "user", "content": arguments["tokens_of"]}])
            return {"text": text, "tokens": generator.tokenizer(text)["input_ids"]}
        try:
            if "stream" in arguments:
                return {"pieces": [piece async for piece in generator.stream(**arguments["stream"])]}
            given = arguments.pop("arguments", [])
            answer: dict[str, Any] = await generator.generate(*given, **arguments)
        except Exception as error:  # noqa: BLE001 - it goes to the test
            return {"error": f"{type(error).__name__}: {error}"}
        return answer

    while line := await asyncio.to_thread(sys.stdin.readline):
        _say(await asyncio.gather(*(ask(arguments) for arguments in json.loads(line))))


if __name__ == "__main__":
    torchvision_ops.declare()
    asyncio.run(_serve(sys.argv[1]))
