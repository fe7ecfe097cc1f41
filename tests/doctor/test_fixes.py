"""No change makes a script worse: what is read elsewhere stays, what is written stays as it was, and twice is once."""

from __future__ import annotations

import pytest

from wizard.core.doctor.fixes.engine import FixResult
from wizard.core.doctor.fixes.safety import compiles, new_findings
from wizard.core.doctor.rules.registry import apply_fixes, run_rules
from wizard.services.scripts.syntax_tree import read_script

SECRET = "outlines-wizard-hf"
HEAD = "import modal\n\napp = modal.App('a')\n"


def fixed(source: str) -> FixResult:
    """A script after its changes, with everything checked that holds for each of them."""
    result = apply_fixes(source, read_script, {}, SECRET)
    before, after = run_rules(read_script(source), {}, SECRET), run_rules(read_script(result.source), {}, SECRET)
    assert compiles(result.source)
    assert new_findings(before, after, result.fixed) == []
    assert apply_fixes(result.source, read_script, {}, SECRET).source == result.source, "a second time changes nothing"
    return result


GPU = f"{HEAD}from modal import gpu\n\n"
USE = "\n\n@app.function(gpu=GPU)\ndef f():\n    pass\n"
GPUS = {
    "a value": (f"{GPU}GPU = gpu.A100(size='80GB', count=2){USE}", 'GPU = "A100-80GB:2"'),
    "its count": (f"{GPU}GPU = gpu.H100(count=4){USE}    print(GPU.count)\n", "print(4)"),
    "a count with a name": (f"{GPU}N = 2\nGPU = gpu.L4(count=N){USE}    print(GPU.count, N)\n", 'GPU = f"L4:{N}"'),
    "the count of a name": (f"{GPU}N = 2\nGPU = gpu.L4(count=N){USE}    print(GPU.count)\n", "print(N)"),
    "a choice": (f"{GPU}GPU = gpu.L4() if BIG else gpu.T4(){USE}", 'GPU = "L4" if BIG else "T4"'),
    "several": (f"{GPU}GPU = [gpu.H100(), gpu.A100(memory=40)]{USE}", 'GPU = ["H100", "A100-40GB"]'),
    "in its place": (f"{HEAD}\n\n@app.function(gpu=(modal.gpu.T4()))\ndef f():\n    pass\n", 'gpu=("T4")'),
    "options": (
        f"{GPU}OPTIONS = {{'gpu': gpu.L4()}}\n\n\n@app.function(**OPTIONS)\ndef f():\n    pass\n",
        "'gpu': \"L4\"",
    ),
    "the module by name": (
        "import modal\nimport modal.gpu\napp = modal.App()\nGPU = modal.gpu.L4()" + USE,
        "import modal\nimport modal\n",
    ),
    "one of the module": (
        f"{HEAD}from modal.gpu import L4, T4\nGPU = [L4(), T4()]{USE}",
        "import modal\n\napp = modal.App('a')\nGPU =",
    ),
}
GPU_OBJECTS = {
    "its type": f"{GPU}GPU = gpu.A100(count=2){USE}    print(GPU.type)\n",
    "its memory": f"{GPU}GPU = gpu.A100(count=2){USE}    print(GPU.memory, GPU.count)\n",
    "as text": f"{GPU}GPU = gpu.A100(count=2){USE}    print(f'on {{GPU}}')\n",
    "given to a function": f"{GPU}GPU = gpu.A100(count=2)\n\n\ndef g(x):\n    return x.count\n\n\ng(GPU){USE}",
    "in a class": f"{GPU}\n\nclass C:\n    GPU = gpu.A100(count=2)\n\n\n@app.function(gpu=C.GPU)\ndef f():\n    pass\n",
    "a default": f"{GPU}\n\ndef f(x=gpu.T4()):\n    return x.count\n",
    "another name for it": f"{GPU}GPU = gpu.A100(count=2)\nG = GPU{USE}    print(G.count)\n",
    "made twice, and counted": f"{GPU}GPU = gpu.T4()\nif BIG:\n    GPU = gpu.A100(count=2){USE}    print(GPU.count)\n",
    "compared": f"{GPU}GPU = gpu.A100()\nIS_BIG = GPU == gpu.A100(){USE}",
    "a keyword of one's own": f"{GPU}\n\ndef make(gpu):\n    return gpu.count\n\n\nmake(gpu=gpu.T4())\n",
}


@pytest.mark.parametrize("kind", GPUS)
def test_a_gpu_that_is_only_passed_on_becomes_text(kind: str) -> None:
    source, expected = GPUS[kind]
    result = fixed(source)
    assert expected in result.source
    assert "modal import gpu" not in result.source
    assert "modal.gpu" not in result.source
    assert ".count" not in result.source


@pytest.mark.parametrize("kind", GPU_OBJECTS)
def test_a_gpu_that_is_read_as_an_object_is_left_with_the_reason(kind: str) -> None:
    result = fixed(GPU_OBJECTS[kind])
    assert result.source == GPU_OBJECTS[kind]
    assert any("uses the GPU as an object" in finding.left_because for finding in result.left)


def decorated(arguments: str, before: str = "") -> str:
    """A script with a function that has these arguments."""
    return f"{HEAD}{before}\n\n@app.function({arguments})\ndef f():\n    pass\n"


S = 'modal.Secret.from_name("s")'
KEYWORDS = {
    "renamed": ("keep_warm=1", "min_containers=1"),
    "in parentheses": ("keep_warm = (1)", "min_containers = (1)"),
    "over lines": ("\n    keep_warm=1,  # why\n    timeout=60,\n", "\n    min_containers=1,  # why\n    timeout=60,\n"),
    "all of them": (
        "keep_warm=1, concurrency_limit=N, container_idle_timeout=60 * 5, checkpointing_enabled=True",
        "min_containers=1, max_containers=N, scaledown_window=60 * 5, enable_memory_snapshot=True",
    ),
    "both alike": ("keep_warm=1, min_containers=1", "min_containers=1"),
    "both alike, the new one first": ("max_containers=N, concurrency_limit=N", "max_containers=N"),
    "both alike, over lines": ("\n    cpu=1,  # c\n    keep_warm=1,  # old\n    min_containers=1,  # new\n",
                               "\n    cpu=1,  # c\n    # old\n    min_containers=1,  # new\n"),
    "options that are known": ("concurrency_limit=1, **KNOWN", "max_containers=1, **KNOWN"),
    "one secret": (f"secret={S}", f"secrets=[{S}]"),
    "one secret, over lines": (f"\n    secret={S},\n    cpu=1,\n", f"\n    secrets=[{S}],\n    cpu=1,\n"),
    "a secret and secrets": (f"secret={S}, secrets=[x]", f"secrets=[x, {S}]"),
    "a secret and secrets, over lines": (
        f"\n    secrets=[\n        x,\n    ],\n    secret={S},\n",
        f"\n    secrets=[\n        x,\n        {S},\n    ],\n"
    ),
    "the same secret twice": ("secret=x, secrets=[x]", "secrets=[x]"),
    "no secret": ("cpu=1, secret=None", "cpu=1"),
    "a secret and no secrets": (f"secrets=[], secret={S}", f"secrets=[{S}]"),
}  # fmt: skip
KEYWORDS_LEFT = {
    "both, unlike": ("keep_warm=1, min_containers=2", "min_containers= is given as well, with another value"),
    "both, by name": ("concurrency_limit=A, max_containers=B", "max_containers= is given as well"),
    "options that are not known": ("keep_warm=1, **options()", "may hold min_containers as well"),
    "options that hold it": ("keep_warm=1, **HOLDS", "may hold min_containers as well"),
    "a secret and a name": (f"secret={S}, secrets=SECRETS", "is no list that can be added to"),
    "a secret and options": (f"secret={S}, **options()", "may hold secrets as well"),
}
NAMES = "x = modal.Secret.from_name('x')\nKNOWN = {'cpu': 1}\nHOLDS = {'min_containers': 1}\nN = 3\n"


@pytest.mark.parametrize("kind", KEYWORDS)
def test_an_old_keyword_gets_its_new_name_and_nothing_else_changes(kind: str) -> None:
    old, new = KEYWORDS[kind]
    assert fixed(decorated(old, NAMES)).source == decorated(new, NAMES)


@pytest.mark.parametrize("kind", KEYWORDS_LEFT)
def test_an_old_keyword_beside_the_new_one_is_left_with_the_reason(kind: str) -> None:
    arguments, reason = KEYWORDS_LEFT[kind]
    source = decorated(arguments, NAMES + "A, B, SECRETS = 1, 2, [x]\n\n\ndef options():\n    return {}\n")
    result = fixed(source)
    assert result.source == source
    assert any(reason in finding.left_because for finding in result.left)


OLD_APP = "stub = Stub('x', image=Image.debian_slim())\n"
NEW_APP = OLD_APP.replace("Stub", "App")
ON_WINDOWS = "import modal\r\napp = modal.App('é')\r\n\r\n\r\n@app.function(\r\n\t{}=1,\r\n)\r\ndef ø():\r\n\tpass\r\n"
IMPORTS = {
    "an annotation": (
        "from modal import Stub\n\nstub: Stub = Stub('x')\n",
        "from modal import App\n\nstub: App = App('x')\n",
    ),
    "another name": ("from modal import Stub as S\n\ns = S('x')\n", "from modal import App\n\ns = App('x')\n"),
    "the module's name": ("import modal as m\n\ns = m.Stub('x')\n", "import modal as m\n\ns = m.App('x')\n"),
    "over lines": (
        "from modal import (\n    Image,  # of the system\n    Stub,  # the app\n)\n\n" + OLD_APP,
        "from modal import (\n    Image,  # of the system\n    App,  # the app\n)\n\n" + NEW_APP,
    ),
    "a comment stays": (
        "from modal import (\n    Stub,  # the app\n    Image,  # of the system\n)\n\n" + OLD_APP,
        "from modal import (\n    App,  # the app\n    Image,  # of the system\n)\n\n" + NEW_APP,
    ),
    "a continued line": (
        "from modal import Image, \\\n    Stub\n\n" + OLD_APP,
        "from modal import Image, \\\n    App\n\n" + NEW_APP,
    ),
    "the name is taken": (
        "from modal import Stub\n\n\nclass App:\n    pass\n\n\nstub = Stub('x')\n",
        "import modal\n\n\nclass App:\n    pass\n\n\nstub = modal.App('x')\n",
    ),
    "tabs and line ends of Windows": (
        ON_WINDOWS.format("keep_warm"),
        ON_WINDOWS.format("min_containers"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", IMPORTS)
def test_imports_follow_the_change_and_keep_their_form(kind: str) -> None:
    before, after = IMPORTS[kind]
    assert fixed(before).source == after


UNREAD = {
    "alone": ("from modal import gpu\nimport modal\n", "import modal\n"),
    "one of several": ("import modal\nfrom modal import App, gpu\n", "import modal\nfrom modal import App\n"),
    "as a module": ("import modal\nimport modal.gpu\n", "import modal\nimport modal\n"),
    "where something has to stand": ("import modal\nif True:\n    from modal import gpu\n",
                                     "import modal\nif True:\n    pass\n"),
    "one's own": ("import modal\nfrom mine import gpu\n", "import modal\nfrom mine import gpu\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNREAD)
def test_an_import_of_what_is_gone_goes_though_nothing_reads_it(kind: str) -> None:
    before, after = UNREAD[kind]
    assert fixed(before).source == after


LEFT = {
    "in a formatted string": (f'{HEAD}print(f\'{{modal.Function.lookup("a", "b")}}\')\n', "formatted string"),
    "an argument that is gone": (f"{HEAD}f = modal.Function.lookup('a', tag='b')\n", "has no argument tag"),
    "a method": (f"{HEAD}f = modal.Function.lookup('a', 'Model.run')\n", "found by modal.Cls.from_name"),
    "a path that is not absolute": (
        f"{HEAD}image = modal.Image.debian_slim().copy_local_dir('src', 'src')\n",
        "takes an absolute path",
    ),
    "no path": (f"{HEAD}image = modal.Image.debian_slim().copy_local_file('a.txt')\n", "takes an absolute path"),
    "commands that are gone": (
        f"{HEAD}image = modal.Image.from_dockerhub('x:1', setup_commands=['ls'])\n",
        "has no argument setup_commands",
    ),
}


@pytest.mark.parametrize("kind", LEFT)
def test_what_would_not_run_is_left_with_the_reason(kind: str) -> None:
    source, reason = LEFT[kind]
    result = fixed(source)
    assert result.source == source
    assert any(reason in finding.left_because for finding in result.left)


def test_old_outlines_changes_whole_or_not_at_all() -> None:
    source = (
        f"{HEAD}image = modal.Image.debian_slim().pip_install('outlines==0.0.46')\n\n\n"
        "@app.function(image=image)\ndef f():\n"
        "    import outlines\n\n    model = outlines.models.transformers('gpt2')\n"
        "    return outlines.generate.text(model, sampler=outlines.samplers.greedy())('x')\n"
    )
    result = fixed(source)
    assert result.source == source
    assert any("it changes together with line" in finding.left_because for finding in result.left)
    without = fixed(source.replace(", sampler=outlines.samplers.greedy()", ""))
    assert "outlines.Generator(model)('x')" in without.source
    assert "outlines==1." in without.source
    beside = fixed(source.replace("0.0.46'", "0.0.46', 'transformers==4.38.2'").replace("samplers.greedy()", "x"))
    assert any("transformers==4.38.2 is in the image too" in finding.left_because for finding in beside.left)
    no_pin = fixed(source.replace("==0.0.46", ""))
    assert "outlines.from_transformers(" in no_pin.source, "what is broken already can be half better"
