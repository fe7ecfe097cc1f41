"""Scripts drawn at random from everything that was written for Modal over the years: old names, new ones, and both."""

from __future__ import annotations

from random import Random

IMPORTS = {
    "import modal": "modal.",
    "import modal as m": "m.",
    "import os\nimport modal": "modal.",
    '"""A script."""\nfrom __future__ import annotations\nimport modal': "modal.",
    "try:\n    import modal\nexcept ImportError:\n    raise": "modal.",
    "from modal import App, Function, Image, Secret, Volume": "",
    "from modal import (\n    App,\n    Function,  # a comment\n    Image,\n    Secret,\n    Volume,\n)": "",
    "from modal import Stub as App, Function, Image, Secret, Volume": "",
}
OPTIONS = (
    ("keep_warm={n}", "min_containers={n}"),
    ("concurrency_limit={n}", "max_containers={n}"),
    ("container_idle_timeout=60 * {n}", "scaledown_window={n}"),
    ("checkpointing_enabled=True", "enable_memory_snapshot=True"),
    ("secret={p}Secret.from_name('s{n}')", "secrets=[{p}Secret.from_name('t')]"),
    ("secret=None", "secrets=SECRETS"),
    ("timeout=(60)", "cpu={n}"),
    ("gpu=GPU", "gpu=GPU"),
    ("gpu={g}A100(count={n})", "gpu='T4'"),
    ("**OPTIONS", "retries={n}"),
)
GPUS = (
    "{g}A100(size='80GB', count=2)",
    "{g}H100(count=N)",
    "{g}T4() if N > 2 else {g}L4()",
    "[{g}L4(), 'any']",
    "'L4'",
)
BODIES = (
    "print(f'{{N}} {{GPU}}')",
    "return GPU.count",
    "return [größe for größe in (1, 2)]",
    "if (token := os.environ['HUGGINGFACE_TOKEN']):\n{i}    return token",
    "return os.environ.get('HF_TOKEN') or os.environ.get('HUGGINGFACE_TOKEN')",
    "return {p}Function.lookup('a', 'b')",
    "login(token='hf_' 'x')",
    "from transformers import AutoModel\n{i}return AutoModel.from_pretrained('google/gemma-2-2b', device='cuda',)",
    "from huggingface_hub import snapshot_download as load\n{i}load('google/gemma-2-2b-it', token=TOKEN)",
)
IMAGES = (
    "{p}Image.debian_slim().pip_install('torch', 'vllm==0.6.3')",
    "({p}Image.from_dockerhub('python:3.12')\n    .copy_local_dir('/tmp', '/data')  # data\n"
    "    .env({{'HF_TOKEN': os.environ['HF_TOKEN']}}))",
    "{p}Image.debian_slim().pip_install(\n    'transformers',  # models\n    'torch',\n).env({{\n"
    "    'A': '1',  # one\n    'HUGGINGFACE_TOKEN': os.environ['HUGGINGFACE_TOKEN'],\n}})",
    "{p}Image.debian_slim()",
)


def draw(seed: int) -> str:
    """A script; the same one for the same seed."""
    random = Random(seed)
    head, prefix = random.choice(list(IMPORTS.items()))
    gpu = "gpu." if not prefix else f"{prefix}gpu."
    extra = "" if prefix else "\nfrom modal import gpu"
    names = {"p": prefix, "g": gpu}
    lines = [head + extra, "import os", ""]
    lines += [f"app = {prefix}App('a')", f"N = {random.randint(1, 4)}", f"GPU = {random.choice(GPUS).format(**names)}"]
    lines += [
        f"SECRETS = [{prefix}Secret.from_name('u')]",
        f"OPTIONS = {random.choice(['{}', dict(max_containers=2)])}",
    ]
    lines += ["TOKEN = os.environ.get('HUGGINGFACE_TOKEN')", f"image = {random.choice(IMAGES).format(**names)}"]
    for number in range(random.randint(1, 3)):
        lines += ["", "", *_function(random, number, names)]
    source = "\n".join(lines) + "\n"
    if random.random() < 0.3:
        source = source.replace("    ", "\t")
    return source.replace("\n", "\r\n") if random.random() < 0.3 else source


def _function(random: Random, number: int, names: dict[str, str]) -> list[str]:
    """A function of the App, or a class with a method."""
    options = ["image=image"] if random.random() < 0.5 else []
    for pair in random.sample(OPTIONS, random.randint(0, 5)):
        options += [pair[0]] if random.random() < 0.6 else list(pair)
    keywords = {text.partition("=")[0]: text.format(n=random.randint(1, 2), **names) for text in options}
    every = [text for _, text in sorted(keywords.items(), key=lambda each: each[0].startswith("*"))]
    layout = random.choice(["{}", "\n    {},\n", "\n    {},  # the last one\n", "\n    {}\n"])
    joined = random.choice([", ", ",\n    ", ",  # why\n    "]).join(every)
    arguments = layout.format(joined) if every else ""
    body = random.choice(BODIES)
    if random.random() < 0.5:
        return [f"@app.function({arguments})", f"def f{number}():", "    " + body.format(i="    ", **names)]
    return [
        f"@app.cls({arguments})",
        f"class Klasse{number}:",
        "    def run(self):",
        "        " + body.format(i="        ", **names),
    ]
