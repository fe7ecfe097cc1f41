"""After a change the code finds its access token, under the very name that it reads."""

from __future__ import annotations

import pytest

from tests.doctor.test_fixes import fixed

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
HEAD = "import os\nimport modal\n\napp = modal.App('a')\nimage = modal.Image.debian_slim()\n"
USUAL = '["HF_TOKEN"]'
OTHER = '["HUGGINGFACE_TOKEN"]'


def script(*body: str, before: str = "", options: str = "") -> str:
    """A function that loads a model, with this body."""
    lines = "".join(f"    {line}\n" for line in body)
    return f"{HEAD}{before}\n\n@app.function(image=image{options})\ndef fetch():\n{lines}"


def loads(token: str) -> str:
    """A download with this argument."""
    return f"huggingface_hub.snapshot_download('{LLAMA}'{token})"


I = "import huggingface_hub"  # noqa: E741
READ = "os.environ['HUGGINGFACE_TOKEN']"
GET = "os.environ.get('HUGGINGFACE_TOKEN')"
READS = {
    "nothing": ((I, loads("")), "", USUAL),
    "the usual name": ((I, loads(", token=os.environ['HF_TOKEN']")), "", USUAL),
    "another name": ((I, loads(f", token={READ}")), "", OTHER),
    "a login": ((I, f"huggingface_hub.login({READ})", loads("")), "", OTHER),
    "a name of the module": ((I, loads(", token=T")), f"T = {GET}\n", OTHER),
    "a constant": ((I, loads(", token=os.environ[KEY]")), "KEY = 'HUGGINGFACE_TOKEN'\n", OTHER),
    "one's own name": ((I, loads(", token=os.environ['MY_PASS']")), "", '["MY_PASS"]'),
    "a key of the Hub": ((I, "key = os.environ['HF_API_KEY']", loads(", token=key")), "", '["HF_API_KEY"]'),
    "either": ((I, f"t = os.environ.get('HF_TOKEN') or {GET}", loads("")), "", USUAL),
    "both": ((I, f"t = os.environ['HF_TOKEN'] + {READ}", loads("")), "", '["HF_TOKEN", "HUGGINGFACE_TOKEN"]'),
    "read, and not passed on": ((I, f"print({READ})", loads("")), "", '["HF_TOKEN", "HUGGINGFACE_TOKEN"]'),
    "set under the usual name": ((I, f"os.environ['HF_TOKEN'] = {READ}", loads("")), "", OTHER),
    "another secret beside it": ((I, "k = os.environ['OPENAI_API_KEY']", loads("")), "", USUAL),
}  # fmt: skip


@pytest.mark.parametrize("kind", READS)
def test_the_secret_holds_what_the_code_reads(kind: str) -> None:
    body, before, keys = READS[kind]
    result = fixed(script(*body, before=before))
    assert f'secrets=[modal.Secret.from_name("outlines-wizard-hf", required_keys={keys})]' in result.source
    held = keys.strip("[]").replace('"', "").replace(", ", " and ")
    assert any(f"which holds {held}," in finding.next_step for finding in result.fixed)


def test_a_secret_that_is_there_stays_whatever_its_keys() -> None:
    source = script(I, loads(f", token={READ}, revision='abc'"), options=", secrets=[modal.Secret.from_name('mine')]")
    assert fixed(source).source == source


def test_a_secret_made_of_the_shell_keeps_its_key() -> None:
    secret = f"S = modal.Secret.from_dict({{'HUGGINGFACE_TOKEN': {READ}}})\n"
    source = script(I, loads(f", token={READ}"), before=secret, options=", secrets=[S]")
    assert f'S = modal.Secret.from_name("outlines-wizard-hf", required_keys={OTHER})' in fixed(source).source


def test_a_token_leaves_the_image_only_together_with_a_secret() -> None:
    env = f"image = image.env({{'A': '1', 'HUGGINGFACE_TOKEN': {READ}}})\n"
    result = fixed(script(I, loads(f", token={READ}"), before=env))
    assert "image = image.env({'A': '1'})\n" in result.source
    assert f"required_keys={OTHER}" in result.source


IN_IMAGE_LEFT = {
    "a key of somebody else": ("'OPENAI_API_KEY': os.environ['OPENAI_API_KEY']", "", "may read OPENAI_API_KEY"),
    "a Secret that may not hold it": (
        "'HF_TOKEN': os.environ['HF_TOKEN']",
        ", secrets=[modal.Secret.from_name('mine')]",
        "not known to hold HF_TOKEN",
    ),
    "options from elsewhere": ("'HF_TOKEN': os.environ['HF_TOKEN']", ", **options()", "not all written there"),
}


@pytest.mark.parametrize("kind", IN_IMAGE_LEFT)
def test_what_nothing_else_would_bring_stays_in_the_image(kind: str) -> None:
    item, options, reason = IN_IMAGE_LEFT[kind]
    source = script(
        "return 1", before=f"image = image.env({{{item}}})\n\n\ndef options():\n    return {{}}\n", options=options
    )
    result = fixed(source)
    assert result.source == source
    assert any(reason in finding.left_because for finding in result.left)


TOKEN = "hf_" + "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cD1fG3h"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", 'token=os.environ["HF_TOKEN"]'),
        (", secrets=[modal.Secret.from_name('mine', required_keys=['HUGGINGFACE_TOKEN'])]",
         'token=os.environ["HUGGINGFACE_TOKEN"]'),
        (", secrets=[modal.Secret.from_name('mine')]", TOKEN),
    ],
    ids=["no Secret", "a Secret with another name", "a Secret with unknown names"],
)  # fmt: skip
def test_a_token_in_the_source_is_read_from_what_surely_holds_it(options: str, expected: str) -> None:
    result = fixed(script(I, loads(f", token='{TOKEN}'"), options=options))
    assert expected in result.source
    assert 'required_keys=["HF_TOKEN"]' in result.source or options
