"""What is done once is not done again in every call, and what a build step or a start does counts as done."""

from __future__ import annotations

import pytest

from tests.doctor.seen import findings, in_function, names
from wizard.core.doctor.finding import ModelInfo
from wizard.core.doctor.rules.registry import apply_fixes
from wizard.core.problem import Problem
from wizard.services.scripts.syntax_tree import read_script

LOAD = "from transformers import AutoModel\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ONCE = {
    "in a dictionary": ("CACHE = {}", 'if "m" not in CACHE:\n    CACHE["m"] = AutoModel.from_pretrained("a/b")'),
    "in a global name": (
        "MODEL = None",
        'global MODEL\nif MODEL is None:\n    MODEL = AutoModel.from_pretrained("a/b")',
    ),
    "after an early return": (
        "CACHE = {}",
        'if "m" in CACHE:\n    return CACHE["m"]\nCACHE["m"] = AutoModel.from_pretrained("a/b")',
    ),
    "in a job that trains": ("", 'model = AutoModel.from_pretrained("a/b")\nTrainer(model).train()'),
    "in a job that converts": ("", 'AutoModel.from_pretrained("a/b").save_pretrained("/c/out")'),
    "on one's own machine": ("", 'if modal.is_local():\n    AutoModel.from_pretrained("a/b")'),
}
AGAIN = {
    "plainly": ("", 'return AutoModel.from_pretrained("a/b")("x")'),
    "where something is there": ("CACHE = {}", 'if "m" in CACHE:\n    AutoModel.from_pretrained("a/b")'),
    "in a loop": ("", 'for each in range(3):\n    AutoModel.from_pretrained("a/b")(each)'),
}


@pytest.mark.parametrize("case", ONCE)
def test_a_load_that_is_done_once_is_no_finding(case: str) -> None:
    head, body = ONCE[case]
    assert "loads_each_call" not in names(in_function(LOAD + body, head=head))


@pytest.mark.parametrize("case", AGAIN)
def test_one_that_is_done_in_every_call_is(case: str) -> None:
    head, body = AGAIN[case]
    assert "loads_each_call" in names(in_function(LOAD + body, head=head))


@pytest.mark.parametrize("decorator", ["asgi_app()", "wsgi_app()", "web_server(8000)"])
def test_a_web_application_is_made_once(decorator: str) -> None:
    source = in_function(LOAD + 'model = AutoModel.from_pretrained("a/b")\nreturn make(model)')
    assert "loads_each_call" not in names(source.replace("def work", f"@modal.{decorator}\ndef work"))


BUILT = """
@app.cls(image=image, gpu="L4")
class Model:
    @modal.build()
    def fetch(self):
        self.load()
    @modal.enter()
    def load(self):
        from transformers import AutoModel
        self.model = AutoModel.from_pretrained("acme/a-70b")
"""


def test_a_build_method_has_put_the_weights_into_the_image() -> None:
    assert "no_volume" not in names(BUILT)
    assert "no_volume" in names(BUILT.replace("    @modal.build()\n", ""))


SERVED = """
@app.cls(image=image, gpu="H200:2", volumes={{"/c": cache}}, startup_timeout=1800)
class Server:
    @modal.enter()
    def start(self):
        self.process = subprocess.Popen(["vllm", "serve", "acme/a-70b", "--revision", "0123456789abcdef"])
        {wait}
    @modal.web_server(8000, requires_proxy_auth=True)
    def serve(self):
        return
"""


@pytest.mark.parametrize("wait", ["while self.process.poll() is None: pass", "wait_for_port(8000)", "self._ready()"])
def test_a_start_that_waits_for_its_server_has_its_own_limit(wait: str) -> None:
    assert "startup_too_short" not in names(SERVED.format(wait=wait))
    assert "startup_too_short" in names(SERVED.format(wait=wait).replace("startup_timeout=1800", "startup_timeout=60"))


def test_one_that_does_not_has_the_limit_of_the_web_server() -> None:
    assert "startup_too_short" in names(SERVED.format(wait="pass"))


PINNED = """import modal
from transformers import AutoModel

PIN = "main"
app = modal.App("pinned")


@app.function()
def load():
    return AutoModel.from_pretrained("a/b"{given})
"""


@pytest.mark.parametrize(
    ("given", "after"),
    [
        ("", f', revision="{COMMIT}"'),
        (', revision="main"', f', revision="{COMMIT}"'),
        (", revision=None", f', revision="{COMMIT}"'),
        (", revision=PIN", ", revision=PIN"),  # the name may be read elsewhere
    ],
)
def test_a_pin_takes_the_place_of_what_is_none(given: str, after: str) -> None:
    fixed = apply_fixes(PINNED.format(given=given), read_script, {"a/b": ModelInfo(False, COMMIT, 1.0)}, "s")
    assert f'("a/b"{after})' in fixed.source
    assert any(each.name == "unpinned_revision" for each in (*fixed.fixed, *fixed.left))


@pytest.mark.parametrize(
    "code",
    [
        'PACKAGE = "transformers"\nx = image.pip_install(PACKAGE)',
        'PACKAGES = ["torch==2.8.0", "transformers"]\nx = image.uv_pip_install(PACKAGES)',
        'PACKAGES = ["torch==2.8.0", "transformers"]\nx = image.uv_pip_install(*PACKAGES)',
        'PACKAGE = "transformers"\nx = image.uv_pip_install("torch==2.8.0", PACKAGE)',
        'x = image.pip_install("transformers")',
    ],
)
def test_a_package_behind_a_name_is_seen(code: str) -> None:
    (found,) = (each for each in findings(code) if each.name == "unpinned_package")
    assert "transformers" in found.detail
    assert "unpinned_package" not in names(code.replace('"transformers"', '"transformers==5.1"'))


@pytest.mark.parametrize(
    ("wanted", "address"),
    [
        ("git+https://github.com/acme/tool.git", "https://github.com/acme/tool.git"),
        ("tool @ git+https://github.com/acme/tool", "https://github.com/acme/tool"),
        ("tool@git+https://word@github.com/acme/tool", "https://github.com/acme/tool"),
    ],
)
def test_a_repository_is_pinned_by_a_commit_not_by_a_version(wanted: str, address: str) -> None:
    (found,) = findings(f'x = image.pip_install("{wanted}")')
    assert found.detail.startswith(f"{address} is")
    assert "==" not in found.hint
    assert "commit" in found.hint
    assert names(f'x = image.pip_install("{wanted}@{COMMIT}")') == set()


def test_an_archive_of_a_branch_is_no_pin() -> None:
    address = "https://github.com/acme/tool/archive/{}.tar.gz"
    (found,) = findings(f'x = image.pip_install("{address.format("master")}")')
    assert "==" not in found.hint
    for pinned in ("v1.2.0", COMMIT):
        assert names(f'x = image.pip_install("{address.format(pinned)}")') == set()


@pytest.mark.parametrize(("file", "is_heavy"), [("a.Q4_K_M.gguf", True), ("x/b.safetensors", True), ("a.json", False)])
def test_a_file_of_weights_wants_a_volume(file: str, is_heavy: bool) -> None:
    load = f'from huggingface_hub import hf_hub_download\nhf_hub_download("a/b", filename="{file}")'
    assert ("no_volume" in names(in_function(load, "image=image"))) is is_heavy
    assert "no_volume" not in names(in_function(load))


def test_a_trainer_loads_a_model_by_its_name_and_is_not_pinned_by_us() -> None:
    body = 'from trl import GRPOTrainer\nGRPOTrainer(model="meta-llama/Llama-3.2-1B", train_dataset=None).train()'
    assert {"gated_without_secret", "unpinned_revision"} <= names(in_function(body))
    source = f"import modal\n{in_function(body, '', 'app = modal.App()')}"
    fixed = apply_fixes(source, read_script, {"meta-llama/Llama-3.2-1B": ModelInfo(False, COMMIT, 1.0)}, "s")
    assert "revision" not in fixed.source


@pytest.mark.parametrize(
    "source",
    [
        "if a:\n    pass\n" + "".join(f"elif x == {i}:\n    pass\n" for i in range(400)),
        "A0 = ['a']\n" + "".join(f"A{i} = [*A{i - 1}, *A{i - 1}]\n" for i in range(1, 60)),
        "A0 = 'a'\n" + "".join(f"A{i} = A{i - 1} + A{i - 1}\n" for i in range(1, 60)),
        "A59 = A59\nA59 += A59\nD = {'a': D['a']}",
    ],
    ids=["branches", "lists", "texts", "itself"],
)
def test_what_is_nested_deeply_or_names_itself_comes_to_an_end(source: str) -> None:
    body = "subprocess.run(A59)\nsubprocess.run(A59, shell=True)\nsubprocess.run(D['a'])"
    try:
        assert names(in_function(body, head=source)) == set()
    except Problem as problem:
        assert problem.code == "script_not_python"
