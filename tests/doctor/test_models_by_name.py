"""The name of a model is read wherever a script puts it, and left alone where it could be another."""

from __future__ import annotations

import pytest

from tests.doctor.seen import GATED, in_function, models, names

LOAD = "from huggingface_hub import snapshot_download\n"
NAMED = {
    "a constant": (f'NAME = "{GATED}"', "snapshot_download(NAME)"),
    "an annotated constant": (f'from typing import Final\nNAME: Final[str] = "{GATED}"', "snapshot_download(NAME)"),
    "a formatted text": ('SIZE = "8B"', 'snapshot_download(f"meta-llama/Llama-3.1-{SIZE}-Instruct")'),
    "a number in a formatted text": ("SIZE = 8", 'snapshot_download(f"meta-llama/Llama-3.1-{SIZE}B-Instruct")'),
    "texts that are added": ('OWNER = "meta-llama"', 'snapshot_download(OWNER + "/Llama-3.1-8B-Instruct")'),
    "a dictionary": (f'MODELS = {{"small": "{GATED}", "big": "a/b"}}', 'snapshot_download(MODELS["small"])'),
    "a key by name": (f'MODELS = {{"small": "{GATED}"}}\nSIZE = "small"', "snapshot_download(repo_id=MODELS[SIZE])"),
    "a dictionary's get": (f'MODELS = {{"small": "{GATED}"}}', 'snapshot_download(MODELS.get("small", "a/b"))'),
    "a dictionary in a dictionary": (
        f'SETTINGS = {{"training": {{"model": "{GATED}"}}}}',
        'snapshot_download(SETTINGS["training"]["model"])',
    ),
    "a part of a dictionary by name": (
        f'SETTINGS = {{"training": {{"model": "{GATED}"}}}}',
        'settings = SETTINGS\ntraining = settings["training"]\nsnapshot_download(training["model"])',
    ),
    "a default of the environment": (f'NAME = os.environ.get("NAME", "{GATED}")', "snapshot_download(NAME)"),
    "a default by or": (f'NAME = os.getenv("NAME") or "{GATED}"', "snapshot_download(NAME)"),
    "a class of settings": (f'class Settings:\n    name: str = "{GATED}"', "snapshot_download(Settings.name)"),
    "an object of settings": (
        f'from dataclasses import dataclass\n@dataclass\nclass Settings:\n    name: str = "{GATED}"\n',
        "settings = Settings()\nsnapshot_download(settings.name)",
    ),
    "a field with a default": (
        f'from dataclasses import field\nclass Settings:\n    name: str = field(default="{GATED}")\nS = Settings()',
        "snapshot_download(S.name)",
    ),
    "an object that is given it": (
        'class Settings:\n    name: str = "acme/open"',
        f'settings = Settings(name="{GATED}")\nsnapshot_download(settings.name)',
    ),
    "arguments of the command line": (
        "import argparse\nparser = argparse.ArgumentParser()\n"
        f'parser.add_argument("--model-name", default="{GATED}")\nargs = parser.parse_args()',
        "snapshot_download(args.model_name)",
    ),
    "the same on both sides": (f'NAME = "{GATED}" if os.environ.get("X") else "{GATED}"', "snapshot_download(NAME)"),
}
UNKNOWN = {
    "one or the other": ('NAME = "meta-llama/A" if os.environ.get("X") else "acme/b"', "snapshot_download(NAME)"),
    "assigned twice": (
        'NAME = "meta-llama/A"\nif os.environ.get("X"):\n    NAME = "acme/b"',
        "snapshot_download(NAME)",
    ),
    "a key that is not known": ('MODELS = {"a": "meta-llama/A"}', "snapshot_download(MODELS[pick()])"),
    "a key that is not there": ('MODELS = {"a": "meta-llama/A"}', 'snapshot_download(MODELS["b"])'),
    "a part that is not known": ("", 'snapshot_download(f"meta-llama/{pick()}")'),
    "a key in another dictionary": (
        'SETTINGS = {"training": {"model": "meta-llama/A"}}',
        'snapshot_download(SETTINGS["serving"]["model"])',
    ),
    "a path": ('ROOT = "/models"', 'snapshot_download(f"{ROOT}/meta-llama/A")'),
    "a folder": ("", 'snapshot_download("models/meta-llama")'),
    "another class of the same word": (
        'class Other:\n    NAME = "meta-llama/A"\nNAME = pick()',
        "snapshot_download(NAME)",
    ),
}


@pytest.mark.parametrize("case", NAMED)
def test_a_name_is_found(case: str) -> None:
    head, body = NAMED[case]
    assert models(in_function(LOAD + body, head=head)) == (GATED,)


@pytest.mark.parametrize("case", UNKNOWN)
def test_a_name_that_may_be_another_is_left_alone(case: str) -> None:
    head, body = UNKNOWN[case]
    assert models(in_function(LOAD + body, head=head)) == ()


SERVER = """
@app.cls(image=image, gpu="L4", startup_timeout=1200, volumes={{"/c": cache}})
class Server:
    {attribute}
    @modal.enter()
    def start(self):
        subprocess.Popen(f"python -m sglang.launch_server --model-path {{self.model}} --port 8000", shell=True)
"""


@pytest.mark.parametrize(
    "attribute",
    [
        f'model: str = modal.parameter(default="{GATED}")',
        f'model: str = "{GATED}"',
        f'name = "{GATED}"\n    model: str = name',
        f'model: str = modal.parameter(init=True, default="{GATED}")',
        f'model: str = os.environ.get("MODEL", "{GATED}")',
        f'def __init__(self):\n        self.model = "{GATED}"',
    ],
)
def test_an_attribute_of_a_class_is_followed(attribute: str) -> None:
    assert "gated_without_secret" in names(SERVER.format(attribute=attribute))


def test_a_parameter_without_a_default_is_what_the_script_passes() -> None:
    source = SERVER.format(attribute="model: str = modal.parameter()")
    assert models(source) == ()
    assert models(f'{source}\n@app.local_entrypoint()\ndef main():\n    Server(model="{GATED}").start()\n') == (GATED,)


@pytest.mark.parametrize(
    "step",
    [
        f'image.run_function(fetch, kwargs={{"folder": "/m", "name": "{GATED}"}})',
        f'image.run_function(fetch, args=("/m", "{GATED}"))',
        f'image.run_function(raw_f=fetch, args=["/m", "{GATED}"], timeout=60)',
    ],
)
def test_what_a_build_step_is_given_is_followed(step: str) -> None:
    source = f"""
        def fetch(folder, name):
            from huggingface_hub import snapshot_download
            snapshot_download(name, local_dir=folder)
        built = {step}
        """
    assert "gated_without_secret" in names(source)
    with_secret = source.replace("fetch,", "fetch, secrets=[hub],")
    assert "gated_without_secret" not in names(with_secret)


@pytest.mark.parametrize("call", ["work.remote", "work.spawn", "work.local", "work"])
def test_what_a_function_is_called_with_is_followed(call: str) -> None:
    source = f"""
        @app.function(image=image, volumes={{"/c": cache}}, timeout=3600)
        def work(name: str):
            from huggingface_hub import snapshot_download
            snapshot_download(name)
        @app.local_entrypoint()
        def main(model: str = "{GATED}"):
            {call}(model)
        """
    assert models(source) == (GATED,)
    assert models(source.replace(f'"{GATED}"', "pick()")) == ()


@pytest.mark.parametrize("given", ["None", '"main"', '""'])
def test_no_commit_is_no_pin(given: str) -> None:
    head = f"REVISION = {given}"
    assert "unpinned_revision" in names(in_function(LOAD + 'snapshot_download("a/b", revision=REVISION)', head=head))
    assert "unpinned_revision" not in names(
        in_function(LOAD + 'snapshot_download("a/b", revision=REVISION)', head='REVISION = "0123456789abcdef"')
    )


@pytest.mark.parametrize(
    "options",
    [
        "image=image, secret=hub",
        "image=image, secrets=[hub] if os.environ.get('X') else []",
        "**OPTIONS",
        "secrets=SECRETS",
    ],
)
def test_a_secret_is_seen_however_it_is_given(options: str) -> None:
    head = "SECRETS = [hub]\nOPTIONS = {'secrets': SECRETS}"
    assert "gated_without_secret" not in names(in_function(LOAD + f'snapshot_download("{GATED}")', options, head))


@pytest.mark.parametrize("token", ["read_it()", "given", "'@' + word"])
def test_a_token_that_is_passed_needs_no_secret(token: str) -> None:
    source = in_function(LOAD + f'snapshot_download("{GATED}", token={token})').replace("work()", "work(given)")
    assert "gated_without_secret" not in names(source)


@pytest.mark.parametrize("token", ["None", "True", 'os.environ.get("HF_TOKEN")', 'os.getenv("HF_TOKEN", "")'])
def test_a_token_of_the_environment_does(token: str) -> None:
    assert "gated_without_secret" in names(in_function(LOAD + f'snapshot_download("{GATED}", token={token})'))


def test_a_secret_that_is_given_where_it_is_called_is_seen() -> None:
    source = SERVER.format(attribute=f'model: str = "{GATED}"')
    assert "gated_without_secret" not in names(f"{source}\nready = Server.with_options(secrets=[hub])()")
