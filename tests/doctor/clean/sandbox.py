"""A sandbox with a local folder in its image."""

import modal

app = modal.App.lookup("sandbox-demo", create_if_missing=True)
image = (
    modal.Image.debian_slim(python_version="3.13")
    .pip_install("pytest==9.2.0")
    .add_local_dir("tests", remote_path="/src/tests")
)


def run() -> int:
    box = modal.Sandbox.create("pytest", "/src/tests", image=image, app=app, timeout=600, cpu=2.0, memory=2048)
    for line in box.stdout:
        print(line, end="")
    box.wait()
    return box.returncode or 0
