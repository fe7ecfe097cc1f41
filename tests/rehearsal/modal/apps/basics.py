"""One function for each thing that a call can do."""

# ruff: noqa: T201 - what a function prints is its log

import os
import signal
import sys
import time

import modal

app = modal.App("basics")
volume = modal.Volume.from_name("weights", create_if_missing=True)
image = modal.Image.debian_slim(python_version="3.11").env({"WEIGHTS": "/weights/here", "PLAIN": "as it is"})


@app.function(image=image)
def add(a: int, b: int) -> int:
    print(f"adding {a} and {b}")
    return a + b


@app.function(image=image)
def pid(_: int = 0) -> int:
    time.sleep(0.3)
    return os.getpid()


@app.function(image=image, secrets=[modal.Secret.from_name("greeting", required_keys=["GREETING"])])
def environment() -> dict[str, str]:
    return {**os.environ, "files at home": ",".join(os.listdir(os.environ["HOME"]))}


@app.function(image=image)
def size(data: bytes, answer: int) -> tuple[int, bytes]:
    return len(data), b"x" * answer


@app.function(image=image)
def count(to: int):
    for number in range(to):
        print(f"counting {number}")
        yield number


@app.function(image=image, timeout=1)
def oversleep() -> None:
    time.sleep(30)


@app.function(image=image, timeout=1)
def deaf() -> None:
    while True:
        try:
            time.sleep(30)
        except BaseException:  # noqa: BLE001 - that is the point
            print("no")


@app.function(image=image)
def nap(seconds: float) -> str:
    print("napping")
    time.sleep(seconds)
    return "rested"


@app.function(image=image)
def fail(text: str) -> None:
    print("about to fail", file=sys.stderr)
    raise ValueError(text)


@app.function(image=image, volumes={"/weights": volume}, retries=modal.Retries(max_retries=3, initial_delay=0.0))
def flaky(name: str, good_at: int) -> int:
    attempts = os.path.join(os.environ["WEIGHTS"], name)
    os.makedirs(os.path.dirname(attempts), exist_ok=True)
    with open(attempts, "a") as file:
        file.write("x")
    tried = os.path.getsize(attempts)
    if tried < good_at:
        raise RuntimeError(f"attempt {tried}")
    return tried


@app.function(image=image, volumes={"/weights": volume})
def die(name: str, times: int) -> int:
    attempts = os.path.join(os.environ["WEIGHTS"], name)
    os.makedirs(os.path.dirname(attempts), exist_ok=True)
    with open(attempts, "a") as file:
        file.write("x")
    if os.path.getsize(attempts) <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.path.getsize(attempts)


@app.function(image=image)
@modal.batched(max_batch_size=5, wait_ms=300)
def together(numbers: list[int]) -> list[int]:
    return [len(numbers)] * len(numbers)


@app.function(image=image, max_containers=1)
@modal.concurrent(max_inputs=10)
def at_once(_: int) -> int:
    time.sleep(0.4)
    return os.getpid()


@app.cls(image=image, scaledown_window=2, gpu="L4")
class Greeter:
    name: str = modal.parameter(default="nobody")

    @modal.enter()
    def start(self) -> None:
        print(f"greeter {self.name} is up")

    @modal.method()
    def greet(self, other: str) -> str:
        return f"{self.name} greets {other} ({os.getpid()})"

    @modal.exit()
    def end(self) -> None:
        print(f"greeter {self.name} says goodbye")


@app.local_entrypoint()
def main(a: int = 2, b: int = 3) -> None:
    print("the sum is", add.remote(a, b))
