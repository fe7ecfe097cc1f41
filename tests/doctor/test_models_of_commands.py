"""Models that are downloaded and served by commands: in build steps, in child processes, in sandboxes."""

from __future__ import annotations

import pytest

from tests.doctor.seen import GATED, findings, in_function, models, names

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SHELL = {
    "hf": f"hf download {GATED} --local-dir /model",
    "the older name": f"huggingface-cli download {GATED} --exclude 'original/*' --local-dir /model",
    "one of several commands": f"mkdir -p /model && cd /model && hf download {GATED}",
    "a variable before it": f"HF_XET_HIGH_PERFORMANCE=1 hf download {GATED}",
    "by uv": f"uvx hf download {GATED}",
    "in a shell in the shell": f"bash -lc 'hf download {GATED}'",
    "over lines": f"hf download \\\\\n  {GATED} \\\\\n  --local-dir /model",
    "an address of a file": f"curl -L -o /m.bin https://huggingface.co/{GATED}/resolve/main/model-00001.safetensors",
    "an address for wget": f"wget -q https://huggingface.co/{GATED}/resolve/main/config.json -P /model",
    "a clone": f"git lfs install && git clone https://huggingface.co/{GATED} /model",
    "a program in the command": f"""python -c 'import transformers as t; t.AutoModel.from_pretrained(\\"{GATED}\\")'""",
    "a snapshot in the command": (
        f"""python3 -c 'from huggingface_hub import snapshot_download as s, snapshot_download;"""
        f""" snapshot_download(repo_id=\\"{GATED}\\")'"""
    ),
    "another hub's client": f"ollama pull hf.co/{GATED}",
    "torchtune": f"tune download {GATED} --output-dir /model",
    "the server's own": f"text-generation-server download-weights {GATED}",
}
NO_MODEL = {
    "a dataset": f"hf download {GATED} --repo-type dataset",
    "a dataset's address": "curl -LO https://huggingface.co/datasets/meta-llama/evals/resolve/main/a.json",
    "spoken of": f"echo 'hf download {GATED}'",
    "an upload": f"hf upload {GATED} /model",
    "a page": "curl https://huggingface.co/docs/hub",
    "a package": "pip install git+https://github.com/meta-llama/llama-cookbook",
    "a folder": "python convert.py --model_path models/llama --output outputs/llama",
    "unknown": "hf download $MODEL",
}


@pytest.mark.parametrize("case", SHELL)
def test_a_build_command_that_downloads_a_gated_model_needs_a_secret(case: str) -> None:
    command = f'built = image.run_commands("mkdir -p /m", "{SHELL[case]}"'.replace("\n", "\\n")
    (found,) = (each for each in findings(f"{command})") if each.name == "gated_without_secret")
    assert found.status == "failed"
    assert GATED in found.detail
    assert "gated_without_secret" not in names(f"{command}, secrets=[hub])")


@pytest.mark.parametrize("case", SHELL)
def test_so_does_a_line_of_a_dockerfile(case: str) -> None:
    command = SHELL[case].replace('\\"', "QUOTE").replace("\\\\\n", "\\\n")
    lines = repr(f"FROM x\nRUN {command}").replace("QUOTE", '\\"')
    assert "gated_without_secret" in names(f"built = image.dockerfile_commands({lines})")
    assert "gated_without_secret" in names(f"built = image.dockerfile_commands(['FROM x', {lines[:1]}{lines[9:]}])")


@pytest.mark.parametrize("case", SHELL)
def test_so_does_a_command_in_a_function(case: str) -> None:
    command = SHELL[case].replace("\\\\\n", " ")
    for call in (f'subprocess.run("{command}", shell=True, check=True)', f'os.system("{command}")'):
        assert "gated_without_secret" in names(in_function(call))
        assert "gated_without_secret" not in names(in_function(call, "image=image, secrets=[hub]"))


@pytest.mark.parametrize("case", NO_MODEL)
def test_what_only_looks_like_a_download_is_none(case: str) -> None:
    assert models(f'built = image.run_commands("{NO_MODEL[case]}")') == ()
    assert models(in_function(f'subprocess.run("{NO_MODEL[case]}", shell=True)')) == ()


def test_a_build_step_that_has_its_token_from_elsewhere_needs_no_secret() -> None:
    assert "gated_without_secret" not in names(
        f"built = image.run_commands(f'hf download {GATED} --token {{open(\".token\").read()}}')"
    )
    assert "gated_without_secret" in names(f"built = image.run_commands('hf download {GATED} --token $HF_TOKEN')")


def test_a_download_at_a_commit_is_pinned() -> None:
    for command in (
        f"hf download acme/a --revision {COMMIT}",
        f"wget https://huggingface.co/acme/a/resolve/{COMMIT}/model.safetensors",
    ):
        assert "unpinned_revision" not in names(f"built = image.run_commands('{command}')")
    for command in (
        "hf download acme/a",
        "hf download acme/a --revision main",
        "wget https://hf.co/acme/a/resolve/main/a",
    ):
        assert "unpinned_revision" in names(f"built = image.run_commands('{command}')")


def test_weights_that_a_build_command_fetched_are_not_fetched_again() -> None:
    source = """
        built = image.run_commands("hf download acme/open-1b --revision 0123456789abcdef")
        @app.function(image=built, gpu="L4", startup_timeout=1200)
        @modal.web_server(8000, startup_timeout=1200, requires_proxy_auth=True)
        def serve():
            subprocess.Popen("vllm serve acme/open-1b --revision 0123456789abcdef", shell=True)
        """
    assert names(source) == set()
    assert "no_volume" in names(source.replace("image=built", "image=image"))


@pytest.mark.parametrize(
    "words",
    [
        ["vllm", "serve", GATED, "--port", "8000"],
        ["vllm", "serve", "--uvicorn-log-level=info", GATED],
        ["python", "-m", "vllm.entrypoints.openai.api_server", "--model", GATED],
        ["python", "-m", "sglang.launch_server", f"--model-path={GATED}", "--tp", "2"],
        ["text-generation-launcher", "--model-id", GATED, "--port", "3000"],
        ["text-embeddings-router", "--port", "80", "--model-id", GATED],
        ["lmdeploy", "serve", "api_server", GATED, "--server-port", "23333"],
        ["trtllm-serve", GATED, "--backend", "pytorch"],
        ["trtllm-serve", "serve", GATED],
        ["/app/llama-server", "-hf", f"{GATED}:Q4_K_M", "--port", "8080"],
        ["python3", "-m", "llama_cpp.server", "--hf_model_repo_id", GATED, "--model", "*q4.gguf"],
        ["mlc_llm", "serve", f"HF://{GATED}"],
        ["accelerate", "launch", "--num_processes", "8", "train.py", "--model_name_or_path", GATED],
        ["accelerate", "launch", "-m", "trl.scripts.sft", f"--model_name_or_path={GATED}"],
        ["torchrun", "--nproc_per_node", "8", "finetune.py", "--base_model", GATED],
        ["python", "-u", "train.py", "--pretrained_model_name_or_path", GATED],
        ["bash", "-c", f"exec vllm serve {GATED}"],
        ["trl", "vllm-serve", "--model", GATED],
        ["trl", "sft", "--model_name_or_path", GATED, "--dataset_name", "acme/data"],
        ["python3", "-m", "verl.trainer.main_ppo", f"actor_rollout_ref.model.path={GATED}", "trainer.nnodes=1"],
    ],
)
def test_a_command_in_a_child_process_needs_a_secret_for_a_gated_model(words: list[str]) -> None:
    bodies = [
        f"subprocess.Popen({words!r})",
        f"cmd = {words!r}\ncmd += ['--verbose']\nsubprocess.Popen(cmd)",
        f"start({words!r})",
        f"cmd = {words[:2]!r}\ncmd.extend({words[2:]!r})\nsubprocess.Popen(cmd)",
    ]
    if words[0] != "bash":
        bodies += [
            f"cmd = {words!r}\nsubprocess.Popen(' '.join(cmd), shell=True)",
            f"port = pick()\nsubprocess.Popen(f'{' '.join(words)} --x {{port}}', shell=True)",
        ]
    for body in bodies:
        assert models(in_function(body)) == (GATED,)
        assert "gated_without_secret" in names(in_function(body))


@pytest.mark.parametrize(
    "body",
    [
        "subprocess.Popen(['vllm', 'serve', '/model', '--served-model-name', 'meta-llama/Llama-3.1-8B'])",
        "subprocess.Popen(['vllm', 'bench', 'serve', '--dataset-name', 'meta-llama/x'])",
        "print(['vllm', 'serve', 'meta-llama/Llama-3.1-8B'])",
        "print('vllm serve meta-llama/Llama-3.1-8B')",
        "subprocess.run(['accelerate', 'launch', 'train.py', '--output_dir', 'meta-llama/mine'])",
        "subprocess.run(['torchrun', 'train.py', '--model_name_or_path', 'outputs/last'])",
        "subprocess.run(['python', '-m', 'verl.trainer.main_ppo', 'data.train_files=meta-llama/a.parquet'])",
        "subprocess.run(['ls', 'meta-llama/Llama-3.1-8B'])",
        "if modal.is_local():\n    subprocess.run(['hf', 'download', 'meta-llama/Llama-3.1-8B'])",
    ],
)
def test_what_only_looks_like_a_server_is_none(body: str) -> None:
    assert models(in_function(body)) == ()


@pytest.mark.parametrize(
    "code",
    [
        f'modal.Sandbox.create("vllm", "serve", "{GATED}", app=app, image=image, gpu="L4"',
        f'modal.Sandbox.create("bash", "-lc", "hf download {GATED} && sleep 60", app=app, image=image',
        f'modal.Sandbox.create("python", "-m", "sglang.launch_server", "--model-path", "{GATED}", app=app',
        f'modal.Sandbox.create("sh", "-c", "wget https://huggingface.co/{GATED}/resolve/main/a.bin", app=app',
        f'modal.Sandbox.create("python", "-c", "from transformers import pipeline as p; p.x; pipeline(None, '
        f"'{GATED}')\", app=app",
    ],
)
def test_a_sandbox_needs_a_secret_for_a_gated_model(code: str) -> None:
    source = f"def main():\n    box = {code})\n"
    assert "gated_without_secret" in names(source)
    with_secret = source.replace("app=app", "app=app, secrets=[hub]")
    assert "gated_without_secret" not in names(with_secret)


def test_what_is_run_in_a_sandbox_later_counts() -> None:
    source = f"""
        def main():
            box = modal.Sandbox.create(app=app, image=image)
            box.exec("hf", "download", "{GATED}").wait()
        """
    assert "gated_without_secret" in names(source)
    assert names(source.replace(GATED, "$MODEL")) == set()
    assert names(source.replace("app=app", "app=app, secrets=[hub]")) == {"unpinned_revision"}


@pytest.mark.parametrize("given", ["", "--revision main", "--revision=main"])
def test_a_branch_is_said_to_be_one(given: str) -> None:
    command = f"hf download acme/a {given}".strip()
    (found,) = findings(f"built = image.run_commands('{command}')")
    assert ("from its branch main" if given else "without a revision") in found.detail
