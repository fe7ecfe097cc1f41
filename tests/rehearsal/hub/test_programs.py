"""Whole programs against the stand-in: the ``hf`` command line, and transformers."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rehearsal.hub.running_hub import MODEL, Hf, RunningHub, Serve

LOADING = """
import sys
from transformers import AutoModelForCausalLM, AutoTokenizer
for repo in sys.argv[1].split(","):
    tokenizer = AutoTokenizer.from_pretrained(repo)
    model = AutoModelForCausalLM.from_pretrained(repo)
    tokens = model.generate(**tokenizer("A knight", return_tensors="pt"), max_new_tokens=4, do_sample=False)
    print(repo, model.num_parameters(), tokens[0].tolist())
for repo in sys.argv[2].split(","):
    try:
        AutoModelForCausalLM.from_pretrained(repo)
    except (OSError, ValueError) as error:
        print("refused", repo, " ".join(str(error).split()))
"""


def test_whoami(hf: Hf, hub: RunningHub) -> None:
    answer = hf("auth", "whoami", "--format", "json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["user"] == "robin"
    expired = hf("auth", "whoami", HF_TOKEN=hub.fixtures.token("expired").value)
    assert expired.returncode != 0 and "Invalid user token" in expired.stdout + expired.stderr


@pytest.mark.long
def test_models(hf: Hf) -> None:
    info = hf("models", "info", MODEL, "--format", "json")
    assert info.returncode == 0, info.stderr
    assert json.loads(info.stdout)["gated"] == "auto"
    listed = hf("models", "ls", "--search", "mistral 7b", "--format", "json")
    assert "mistralai/Mistral-7B-Instruct-v0.2" in {model["id"] for model in json.loads(listed.stdout)}
    files = hf("models", "ls", MODEL, "-R", "--format", "json")
    assert "model.safetensors" in files.stdout
    missing = hf("models", "info", "nobody/nothing")
    assert missing.returncode != 0 and "not found" in missing.stdout + missing.stderr


def test_download(hf: Hf, tmp_path: Path) -> None:
    done = hf("download", MODEL, "--local-dir", str(tmp_path / "model"))
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "model" / "config.json").read_text())["model_type"]
    refused = hf("download", f"{MODEL}-not-requested", "config.json")
    assert refused.returncode != 0
    assert "Access denied" in refused.stderr and "requires approval" in refused.stderr


@pytest.mark.long
@pytest.mark.slow
def test_transformers(environment: dict[str, str], hub: RunningHub) -> None:
    good = [MODEL, f"{MODEL}-sharded", f"{MODEL}-old-name"]
    bad = [f"{MODEL}-pending", f"{MODEL}-gguf", f"{MODEL}-unknown-type", "sam/private-character"]
    command = [sys.executable, "-W", "ignore", "-c", LOADING, ",".join(good), ",".join(bad)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr[-3000:]
    assert [line.split()[0] for line in lines] == [*good, *["refused"] * len(bad)]
    assert len({line.partition(" ")[2] for line in lines[: len(good)]}) == 1, "the same weights give the same words"
    refusals = dict(zip(bad, lines[len(good) :], strict=True))
    assert "is awaiting a review" in refusals[bad[0]]
    assert "does not appear to have a file named" in refusals[bad[1]] or "Unrecognized model" in refusals[bad[1]]
    assert "rehearsal-not-known-yet" in refusals[bad[2]]


def test_device_login_by_the_command_line(hub: RunningHub, environment: dict[str, str]) -> None:
    del environment["HF_TOKEN"]
    command = [str(Path(sys.executable).with_name("hf")), "auth", "login", "--format", "agent"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as login:
        assert login.stdout
        words = login.stdout.readline()
        code = re.search(r"enter the code (\S+?)\.", words)
        assert code, words
        page = {"user_code": code[1], "decision": "approve"}
        assert "Approved" in hub.ask("POST", "/oauth/device/answer", form=page).text
        assert "logged in as robin" in login.stdout.read()
    assert login.returncode == 0
    checked = hub.fixtures.token("device-login").value
    assert checked in Path(environment["HF_HOME"], "token").read_text()


def test_the_hf_command_over_https(
    hf: Hf, serve: Serve, certificate: tuple[ssl.SSLContext, ssl.SSLContext], certificate_file: Path
) -> None:
    hub = serve(tls=certificate)
    token = hub.fixtures.token("read").value
    trusted = hf("auth", "whoami", HF_ENDPOINT=hub.url, HF_TOKEN=token, SSL_CERT_FILE=str(certificate_file))
    assert trusted.returncode == 0 and "robin" in trusted.stdout, trusted.stderr
    stranger = hf("auth", "whoami", HF_ENDPOINT=hub.url, HF_TOKEN=token)
    assert stranger.returncode != 0, "a certificate that nobody trusts is refused"


def test_the_stand_in_needs_no_hub_library() -> None:
    program = "import sys, wizard.rehearsal.hub; print(*{'huggingface_hub', 'click', 'textual'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == ""
