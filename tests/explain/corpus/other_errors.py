"""Errors of Modal, of engines, of containers and of other programs that talk to the Hub. Names and ids are made up."""

# ruff: noqa: E501 - what others print is as long as it is

from __future__ import annotations

from tests.explain.corpus.hub_errors import (
    FINE,
    NO_TOKEN,
    NOT_ASKED,
    PENDING,
    REJECTED,
    URL,
    Case,
    M,
    frames,
    gated,
    transformers,
)

IM = "im-AbCdEfGhIjKlMnOpQrStUv"
MODAL_FRAME = (
    'Traceback (most recent call last):\n  File "/pkg/modal/_runtime/container_io_manager.py", line 906, in '
    "handle_user_exception\n    yield\n"
)
OOM = (
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 224.00 MiB. GPU 0 has a total capacity of 21.95 GiB "
    "of which 80.12 MiB is free. Process 1 has 21.86 GiB memory in use."
)
NOTEBOOK = f"""---------------------------------------------------------------------------
HTTPError                                 Traceback (most recent call last)
File /usr/local/lib/python3.12/dist-packages/transformers/utils/hub.py:402, in cached_file(path_or_repo_id, filename)
    400 try:
    401     # Load from URL or cache if already cached
--> 402     resolved_file = hf_hub_download(
    403         path_or_repo_id,
    404         filename,
    (...)
    410 except GatedRepoError as e:
    411     raise EnvironmentError(
    412         "You are trying to access a gated repo.\\nMake sure to have access to it at "
    413         f"https://huggingface.co/{{path_or_repo_id}}.\\n{{str(e)}}"
    414     ) from e

RepositoryNotFoundError: 404 Client Error. (Request ID: Root=1-68)

Repository Not Found for url: https://huggingface.co/{M}/resolve/main/config.json.
"""

OTHER_ERRORS: tuple[Case, ...] = (
    # --- Modal ---------------------------------------------------------------------------------------------------
    Case(
        "gated in a Modal container",
        f"$ modal run app.py\n✓ Created objects.\n{MODAL_FRAME}{transformers(401, NO_TOKEN)}",
        "no_token",
        sure=False,
    ),
    Case(
        "exported, and never forwarded to Modal",
        f"$ export HF_TOKEN=hf_xxxxxxxx\n$ modal run app.py\n{MODAL_FRAME}{transformers(401, NO_TOKEN)}",
        "env_not_forwarded",
        sure=True,
    ),
    Case(
        "logged in, and never forwarded to Modal",
        f"$ hf auth whoami\nuser:  alice\n$ modal deploy app.py\n✓ App deployed in 2.1s! 🎉\n$ modal app logs demo\n"
        f"{transformers(401, NO_TOKEN)}\nRunner failed with exit code: 1",
        "env_not_forwarded",
        sure=True,
    ),
    Case(
        "the variable itself is missing in the container",
        "$ HF_TOKEN=hf_xxxxxxxx modal run app.py\n"
        f'{MODAL_FRAME}  File "/root/app.py", line 22, in load\n    login(token=os.environ["HF_TOKEN"])\n'
        "  File \"<frozen os>\", line 685, in __getitem__\nKeyError: 'HF_TOKEN'",
        "env_not_forwarded",
        model=None,
        sure=True,
    ),
    Case(
        "the variable itself is missing in the container, nothing said of a laptop",
        f"{MODAL_FRAME}  File \"/root/app.py\", line 22, in load\nKeyError: 'HF_TOKEN'",
        "env_not_forwarded",
        model=None,
        sure=False,
    ),
    Case(
        "a Secret is attached, and its user has not asked",
        f"$ modal run app.py   # secrets=[modal.Secret.from_name('hf')]\n{MODAL_FRAME}{transformers(403, NOT_ASKED)}",
        "not_requested",
        sure=True,
    ),
    Case(
        "image build step that downloads",
        f"Building image {IM}\n=> Step 0: running function 'download'\n{transformers(401, NO_TOKEN)}\nRunner failed with "
        f"exit code: 1\nmodal.exception.RemoteError: Image build for {IM} failed with the exception:\nOSError('...')",
        "no_token",
        sure=False,
    ),
    Case(
        "no Modal token",
        "modal.exception.AuthError: Token missing. Could not authenticate client. If you have token "
        "credentials, see modal.com/docs/reference/modal.config for setup help. If you are a new user, register an "
        "account at modal.com, then run `modal token new`.",
        "modal_auth",
        model=None,
        sure=True,
    ),
    Case(
        "Modal token, malformed",
        "modal.exception.AuthError: Token ID is malformed",
        "modal_auth",
        model=None,
        sure=True,
    ),
    Case(
        "Modal token, in its box",
        "$ modal deploy app.py\n╭─ Error ──────────────────╮\n│ Token validation failed  │\n"
        "╰──────────────────────────╯",
        "modal_auth",
        model=None,
        sure=True,
    ),
    Case(
        "Modal Secret, 2026",
        "modal.exception.NotFoundError: Secret 'huggingface' not found in environment 'main'. You "
        "can create it at https://modal.com/secrets",
        "modal_secret_missing",
        model=None,
        sure=True,
    ),
    Case(
        "Modal Secret, 2023",
        "NotFoundError: No secret named my-hf-secret - you can add secrets to your account at "
        "https://modal.com/secrets",
        "modal_secret_missing",
        model=None,
        sure=True,
    ),
    Case(
        "Modal Secret, a key",
        "modal.exception.NotFoundError: Secret 'huggingface' is missing key(s): HF_TOKEN",
        "modal_secret_missing",
        model=None,
        sure=True,
    ),
    Case(
        "Modal Secret, 2022",
        "NotFoundError: Secret 'wandb' was not found. You can add secrets to your account at \n"
        "https://modal.com/secrets",
        "modal_secret_missing",
        model=None,
        sure=True,
    ),
    Case(
        "image, pip",
        "=> Step 1: RUN python -m pip install outlines==9.9\nERROR: Could not find a version that "
        "satisfies the requirement outlines==9.9\nERROR: No matching distribution found for outlines==9.9\nTerminating "
        f'task due to error: failed to run builder command "python -m pip install"\nmodal.exception.RemoteError: Image '
        f"build for {IM} failed. See build logs for more details.",
        "image_build_failed",
        model=None,
        sure=True,
    ),
    Case(
        "image, a package that did not come, beside the name of the Hub's library",
        f"Building image {IM}\n=> Step 1: RUN python -m pip install huggingface_hub==2.4.0 torch==2.13.0 transformers\n"
        "error: Failed to fetch wheel for `torch`\n  Caused by: connection reset by peer\nTerminating task due to error: "
        'failed to run builder command "RUN python -m pip install huggingface_hub==2.4.0 torch==2.13.0 transformers": '
        "container exit status: 1",
        "image_build_failed",
        model=None,
        sure=True,
    ),
    Case(
        "image, its class",
        f"modal.exception.ImageBuildError: Image build for {IM} failed.\nView the build logs:\n  modal image logs {IM}",
        "image_build_failed",
        model=None,
        sure=True,
    ),
    Case(
        "call too long",
        "modal.exception.FunctionTimeoutError: Task's current input in-01K8ABCDEFGHJKMNPQRSTVWXYZ hit "
        "its timeout of 300s",
        "function_timeout",
        model=None,
        sure=True,
    ),
    Case(
        "start too long",
        "Loading safetensors checkpoint shards:  64% Completed | 105/163\nRunner failed with exception: "
        "Runner has been initializing for too long: 300 seconds",
        "startup_timeout",
        model=None,
        sure=True,
    ),
    Case(
        "engine not ready in time",
        '  File "/root/serve.py", line 319, in wait_ready\nTimeoutError: SGLang server not '
        "ready within 300 seconds\nRunner failed with exception: TimeoutError('SGLang server not ready within 300 "
        "seconds')\nhttps://modal.com/apps/acme",
        "startup_timeout",
        model=None,
    ),
    Case("container died", "Runner failed with exit code: 137", "container_crashed", model=None, sure=True),
    Case(
        "container killed by Kubernetes",
        "  Last State:  Terminated\n    Reason:    OOMKilled\n    Exit Code: 137\n  pod/llm",
        "container_crashed",
        model=None,
    ),
    Case(
        "container died of GPU memory",
        f"{MODAL_FRAME}{OOM}\nRunner failed with exit code: 1",
        "out_of_gpu_memory",
        model=None,
        sure=True,
    ),
    Case(
        "vLLM, bfloat16 on a T4",
        "ValueError: Bfloat16 is only supported on GPUs with compute capability of at least 8.0. Your Tesla T4 GPU has "
        "compute capability 7.5. You can use float16 instead by explicitly setting the `dtype` flag in CLI, for "
        "example: --dtype=half.",
        "gpu_unsuitable",
        model=None,
        sure=True,
    ),
    Case(
        "vLLM, FP8 on an A100",
        "ValueError: The quantization method fp8 is not supported for the current GPU. Minimum capability: 89. Current "
        "capability: 80.",
        "gpu_unsuitable",
        model=None,
        sure=True,
    ),
    Case(
        "torch, a GPU that is too old",
        "RuntimeError: CUDA error: no kernel image is available for execution on the device",
        "gpu_unsuitable",
        model=None,
        sure=True,
    ),
    Case(
        "vLLM, heads among three GPUs",
        "ValueError: Total number of attention heads (40) must be divisible by tensor parallel size (3).",
        "gpu_count_unsuitable",
        model=None,
        sure=True,
    ),
    Case(
        "TGI, heads among three GPUs",
        "ValueError: `num_heads` must be divisible by `num_shards` (got `num_heads`: 71 and `num_shards`: 3",
        "gpu_count_unsuitable",
        model=None,
        sure=True,
    ),
    Case(
        "transformers, a newer architecture",
        "ValueError: The checkpoint you are trying to load has model type `qwen3_5` but Transformers does not recognize "
        "this architecture. This could be because of an issue with the checkpoint, or because your version of "
        "Transformers is out of date.",
        "model_not_supported",
        model=None,
        sure=True,
    ),
    Case(
        "vLLM, an architecture that it lacks",
        "ValueError: Model architectures ['ChatTSForCausalLM'] are not supported for now. Supported architectures: "
        "dict_keys(['AquilaModel', 'ArcticForCausalLM'])",
        "model_not_supported",
        model=None,
        sure=True,
    ),
    Case(
        "spend limit",
        "modal.exception.ResourceExhaustedError: workspace billing cycle spend limit reached",
        "spend_limit",
        model=None,
        sure=True,
    ),
    Case(
        "card",
        "modal.exception.InvalidError: Please add a payment method to use L40S GPU functions",
        "payment_method_missing",
        model=None,
        sure=True,
    ),
    Case(
        "a client of last year",
        "modal.exception.VersionError: The client version (0.55.4000) is too old. Please update: pip install -U modal",
        "modal_outdated",
        model=None,
        sure=True,
    ),
    Case(
        "a GPU that there is not",
        "modal.exception.InvalidError: H1000 is not a valid GPU type",
        "gpu_refused",
        model=None,
        sure=True,
    ),
    Case(
        "half of the weights",
        "Traceback (most recent call last):\n"
        '  File "/root/outlines_m.py", line 88, in downloaded_weights\n'
        "FileNotFoundError: acme/m is not in the Volume 'models', or not all of it: model.safetensors is missing.",
        "weights_incomplete",
        model=None,
        sure=True,
    ),
    Case(
        "no way to Modal",
        "modal.exception.ConnectionError: Could not connect to the Modal server.",
        "modal_unreachable",
        model=None,
        sure=True,
    ),
    # --- engines -------------------------------------------------------------------------------------------------
    Case(
        "GPU memory, torch",
        f"{frames('torch/nn/modules/module.py')}\n{OOM}",
        "out_of_gpu_memory",
        model=None,
        sure=True,
    ),
    Case(
        "GPU memory, torch 2.0",
        "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.63 GiB (GPU 0; "
        "44.56 GiB total capacity; 27.91 GiB already allocated)",
        "out_of_gpu_memory",
        model=None,
        sure=True,
    ),
    Case(
        "GPU memory, vLLM",
        "ValueError: No available memory for the cache blocks. Try increasing "
        "`gpu_memory_utilization` when initializing the engine.",
        "out_of_gpu_memory",
        model=None,
        sure=True,
    ),
    Case(
        "GPU memory, vLLM's context",
        "ValueError: To serve at least one request with the models's max seq len (262144), "
        "(24.0 GiB KV cache is needed, which is larger than the available KV cache memory (3.18 GiB).",
        "out_of_gpu_memory",
        model=None,
        sure=True,
    ),
    Case(
        "GPU memory, llama.cpp",
        "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 8192.00 MiB on device 0: "
        "cudaMalloc failed: out of memory",
        "out_of_gpu_memory",
        model=None,
        sure=True,
    ),
    Case(
        "GPU memory, vLLM at start",
        "ValueError: Free memory on device (3.1/22.0 GiB) on startup is less than desired "
        "GPU memory utilization (0.9, 19.8 GiB).",
        "out_of_gpu_memory",
        model=None,
        sure=True,
    ),
    Case(
        "schema, vLLM",
        "ValueError: The provided JSON schema contains features not supported by xgrammar.",
        "schema_unsupported",
        model=None,
        sure=True,
    ),
    Case(
        "schema, llguidance",
        'ValueError: Grammar error: Unimplemented keys: ["uniqueItems"]',
        "schema_unsupported",
        model=None,
        sure=True,
    ),
    Case(
        "schema, format",
        "llguidance via vllm: ValueError: Grammar error: Unknown format: uri",
        "schema_unsupported",
        model=None,
        sure=True,
    ),
    Case(
        "schema, outlines_core",
        'File ".../outlines_core/json_schema.py"\nValueError: Unsupported JSON Schema structure '
        '{"not": {"type": "string"}}',
        "schema_unsupported",
        model=None,
        sure=True,
    ),
    Case(
        "answer cut, json",
        '  File "app.py", line 9, in main\n    Character.model_validate_json(text)\n'
        "outlines 1.3 json.decoder.JSONDecodeError: Unterminated string starting at: line 1 column 9 (char 8)",
        "output_truncated",
        model=None,
    ),
    Case(
        "answer cut, pydantic",
        "pydantic_core._pydantic_core.ValidationError: 1 validation error for Character\n  Invalid "
        "JSON: EOF while parsing a string at line 1 column 40 [type=json_invalid]\nresult = generator(prompt, "
        "max_new_tokens=20)",
        "output_truncated",
        model=None,
    ),
    Case(
        "answer cut, openai",
        "openai.LengthFinishReasonError: Could not parse response content as the length limit was "
        "reached - CompletionUsage(completion_tokens=64)",
        "output_truncated",
        model=None,
        sure=True,
    ),
    Case("vLLM, gated", f"(EngineCore_DP0 pid=293) {transformers(403, REJECTED)}", "rejected", sure=True),
    Case(
        "vLLM, name or folder",
        "pydantic_core.ValidationError: 1 validation error for ModelConfig\n  Value error, Invalid "
        "repository ID or local directory specified: 'acme/tiny-7b'.\nPlease verify the following requirements:\n1. Provide "
        "a valid Hugging Face repository ID.",
        "private_or_missing",
        sure=False,
        model=None,
    ),
    Case(
        "TGI, gated",
        "2026-10-18T08:39:59.1Z ERROR download: text_generation_launcher: Download encountered an error:\n"
        f"{gated(403, NOT_ASKED)}\nError: DownloadError",
        "not_requested",
        sure=True,
    ),
    Case(
        "TGI, docker run without a token",
        "$ export HF_TOKEN=hf_xxxxxxxx\n$ docker run --gpus all -p 8080:80 "
        f"ghcr.io/huggingface/text-generation-inference:3 --model-id {M}\n{gated(401, NO_TOKEN)}",
        "env_not_forwarded",
        sure=True,
    ),
    Case(
        "TGI, docker run with a variable that is empty",
        "$ docker run --gpus all -e HF_TOKEN=$TOKEN "
        f"ghcr.io/huggingface/text-generation-inference:3 --model-id {M}\n{gated(401, NO_TOKEN)}",
        "no_token",
        sure=False,
    ),
    Case(
        "diffusers",
        "OSError: acme/tiny-7b is not a local folder...\nGatedRepoError: 403 Client Error. (Request ID: x)\n\n"
        f"Cannot access gated repo for url https://huggingface.co/{M}/resolve/main/model_index.json.\n{PENDING}",
        "pending_review",
        sure=True,
    ),
    Case(
        "pyannote",
        f"Could not download '{M}' pipeline.\nIt might be because the pipeline is private or gated so make\n"
        "sure to authenticate. Visit https://hf.co/settings/tokens to\ncreate your access token and retry with:\n\n   >>> "
        f"Pipeline.from_pretrained('{M}',\n   ...                          use_auth_token=YOUR_AUTH_TOKEN)\n\nIf this "
        f"still does not work, it might be because the pipeline is gated:\nvisit https://hf.co/{M} to accept the user "
        "conditions.\nAttributeError: 'NoneType' object has no attribute 'to'",
        "no_token",
        sure=False,
    ),
    Case(
        "datasets, gated",
        f"datasets.exceptions.DatasetNotFoundError: Dataset '{M}' is a gated dataset on the Hub. You must "
        "be authenticated to access it.",
        "no_token",
        sure=True,
    ),
    Case(
        "datasets, missing",
        f"datasets.exceptions.DatasetNotFoundError: Dataset '{M}' doesn't exist on the Hub or cannot be accessed.",
        "private_or_missing",
        sure=False,
    ),
    Case(
        "candle",
        f"Error: request error: HTTP status client error (401 Unauthorized) for url ({URL})",
        "private_or_missing",
        sure=False,
    ),
    Case(
        "aiohttp",
        f"aiohttp.client_exceptions.ClientResponseError: 401, message='Unauthorized', url='{URL}'",
        "private_or_missing",
        sure=False,
    ),
    Case(
        "a bare 401 of a known gated family",
        "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: "
        "https://huggingface.co/meta-llama/Llama-3.1-8B-Instruct/resolve/main/config.json",
        "no_token",
        model="meta-llama/Llama-3.1-8B-Instruct",
        sure=False,
    ),
    Case(
        "a bare 403 of a known gated family",
        "requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: "
        "https://huggingface.co/google/gemma-3-4b-it/resolve/main/config.json",
        "not_requested",
        model="google/gemma-3-4b-it",
        sure=False,
    ),
    # --- by hand -------------------------------------------------------------------------------------------------
    Case(
        "curl -i",
        f"$ curl -i https://huggingface.co/api/models/{M}/auth-check\nHTTP/2 401\ncontent-type: application/json"
        f'\nx-error-code: GatedRepo\nx-error-message: {NO_TOKEN}\n\n{{"error":"{NO_TOKEN}"}}',
        "no_token",
        sure=True,
    ),
    Case(
        "curl, fine-grained",
        f"$ curl -H 'Authorization: Bearer hf_xxx' https://huggingface.co/{M}/resolve/main/config.json\n{FINE}",
        "fine_grained_lacks_gated",
        sure=True,
    ),
    Case(
        "curl, whoami",
        '$ curl -H "Authorization: Bearer $HF_TOKEN" https://huggingface.co/api/whoami-v2\n'
        '{"error":"Invalid username or password."}',
        "invalid_token",
        model=None,
        sure=True,
    ),
    Case(
        "curl, a model without a token",
        f'$ curl https://huggingface.co/api/models/{M}\n{{"error":"Invalid username or password."}}',
        "private_or_missing",
        sure=False,
    ),
    Case(
        "curl, a model with a token",
        f"$ curl -H 'Authorization: Bearer hf_xxx' https://huggingface.co/api/models/{M}\n"
        '{"error":"Repository not found"}',
        "missing_or_private",
        sure=True,
    ),
    Case("curl -f", f"curl: (22) The requested URL {URL} returned error: 401", "private_or_missing", sure=False),
    Case("curl, no name", "curl: (6) Could not resolve host: huggingface.co", "hub_unreachable", model=None, sure=True),
    Case(
        "wget",
        f"--2026-10-18 08:39:59--  {URL}\nResolving huggingface.co (huggingface.co)... 203.0.113.9\nHTTP request "
        "sent, awaiting response... 401 Unauthorized\n\nUsername/Password Authentication Failed.",
        "private_or_missing",
        sure=False,
    ),
    Case(
        "git",
        f"$ git clone https://huggingface.co/{M}\nCloning into 'tiny-7b'...\nremote: Repository not found\nfatal: "
        f"repository 'https://huggingface.co/{M}/' not found",
        "missing_or_private",
        sure=True,
    ),
    Case(
        "git, gated",
        f"$ git clone https://huggingface.co/{M}\nremote: {NO_TOKEN}\nfatal: unable to access "
        f"'https://huggingface.co/{M}/': The requested URL returned error: 401",
        "no_token",
        sure=True,
    ),
    # --- shapes --------------------------------------------------------------------------------------------------
    Case("a notebook that quotes its source", NOTEBOOK, "missing_or_private", sure=True),
    Case(
        "a mirror",
        f"requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://hf-mirror.com/{M}/resolve/"
        f"main/model_index.json\n\nCannot access gated repo for url https://hf-mirror.com/{M}/resolve/main/model_index.json.\n"
        f"{NO_TOKEN}",
        "no_token",
        sure=True,
    ),
    Case(
        "escaped, in an error of an error",
        'pb_stub.cc:366] "Failed to initialize Python stub: OSError: You are trying to '
        f"access a gated repo.\\nMake sure to have access to it at https://huggingface.co/{M}.\\n403 Client Error. (Request "
        f'ID: x)\\n\\nCannot access gated repo for url {URL}.\\n{NOT_ASKED}"',
        "not_requested",
        sure=True,
    ),
    Case(
        "in the words of a question",
        "Hi all! I get this when I start the space, any idea? I have accepted the licence.\n\n"
        f"`Cannot access gated repo for url {URL}. {NO_TOKEN}`\n\nThanks",
        "no_token",
    ),
    Case(
        "two tries: first without, then with a token",
        f"{gated(401, NO_TOKEN)}\n\nAfter `hf auth login` I now get\n\n{gated(403, NOT_ASKED)}",
        "not_requested",
        sure=False,
    ),
    # --- others that talk to the Hub -----------------------------------------------------------------------------
    Case(
        "TEI, no such file",
        "Error: Could not download model artifacts\n\nCaused by:\n    0: request error: HTTP status client error (404 Not "
        f"Found) for url (https://huggingface.co/{M}/resolve/refs%2Fpr%2F4/config.json)",
        "file_missing",
        sure=False,
    ),
    Case(
        "transformers.js, 401",
        f'Error: Unauthorized access to file: "https://huggingface.co/{M}/resolve/main/tokenizer.json".\n    at handleError',
        "private_or_missing",
        sure=False,
    ),
    Case(
        "transformers.js, 404",
        f'Error: Could not locate file: "https://huggingface.co/{M}/resolve/main/onnx/model.onnx".',
        "file_missing",
        sure=False,
    ),
    Case("Colab's vault", "SecretNotFoundError: Secret HF_TOKEN does not exist.", "no_token", model=None, sure=False),
    Case(
        "git with a password",
        "remote: Password authentication in git is no longer supported. You must use a user access token or an SSH key "
        f"instead.\nfatal: Authentication failed for 'https://huggingface.co/{M}/'",
        "invalid_token",
        sure=False,
    ),
    Case(
        "the Inference API",
        "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: "
        "https://router.huggingface.co/hf-inference/models/acme",
        "invalid_token",
        model=None,
        sure=False,
    ),
    Case(
        "SD.Next",
        f'15:43:01-330858 ERROR    Diffusers download error: id="{M}" model access requires login',
        "no_token",
        sure=False,
    ),
    Case(
        "ComfyUI",
        "torch.OutOfMemoryError: Allocation on device 0 would exceed allowed memory. (out of memory)\nCurrently allocated",
        "out_of_gpu_memory",
        model=None,
        sure=True,
    ),
    Case(
        "one word a line",
        f"requests.exceptions\n.\nHTTPError\n:\n401 Client Error: Unauthorized for url: {URL}\nhuggingface_hub.errors\n"
        ".\nHfHubHTTPError\n:\nInvalid credentials in Authorization header",
        "invalid_token",
        sure=True,
    ),
    Case(
        "a probe that fails while the container dies",
        "Warning  Unhealthy  kubelet  Readiness probe failed: dial tcp: connection refused\nWarning  BackOff  kubelet  "
        "Back-off restarting failed container llm in pod llm-0_default(9078aac8)",
        "container_crashed",
        model=None,
        sure=False,
    ),
    Case(
        "pytest quotes its source",
        '        except GatedRepoError as e:\n            raise EnvironmentError(\n                "You are trying to access a '
        'gated repo.\\nMake sure to request access at "\n            ) from e\n>           raise EnvironmentError(\n'
        f"E           OSError: {M} is not a local folder and is not a valid model identifier listed on "
        "'https://huggingface.co/models'",
        "private_or_missing",
        sure=False,
    ),
)
