"""Texts that were tried on rules that had never seen them: those that were not known then, and some that were."""

# ruff: noqa: E501 - what others print is as long as it is

from __future__ import annotations

from tests.explain.corpus.hub_errors import NO_TOKEN, NOT_ASKED, URL, Case, M

WGET = (
    f"--2026-11-20 09:14:33--  {URL}\nResolving huggingface.co (huggingface.co)... 203.0.113.3, 203.0.113.75\n"
    "Connecting to huggingface.co (huggingface.co)|203.0.113.3|:443... connected.\nHTTP request sent, awaiting response... "
)

UNSEEN_ERRORS: tuple[Case, ...] = (
    # --- the command line of huggingface_hub -----------------------------------------------------------------------
    Case(
        "hf download, a gate",
        f"$ hf download {M}\nError: Access denied. Model '{M}' requires approval.\nHint: set HF_DEBUG=1 as environment "
        "variable for full traceback.",
        "no_token",
        sure=False,
    ),
    Case(
        "hf download 1.x, a gate",
        "Error: Access denied. This repository requires approval.",
        "no_token",
        model=None,
        sure=False,
    ),
    Case("hf upload, nobody", "Error: Not logged in. Run 'hf auth login' first.", "no_token", model=None, sure=True),
    Case("hf auth whoami, nobody", "$ hf auth whoami\nNot logged in", "no_token", model=None, sure=True),
    Case(
        "hf download, misspelled",
        f"Error: Model '{M}' not found.\nIf the repo is private, make sure you are authenticated and your token has the "
        f"required permissions.\nIf the repo does not exist, create it with: hf repos create {M}",
        "private_or_missing",
        sure=False,
    ),
    Case(
        "hf download 1.x, misspelled",
        "Error: Repository not found. Check the `repo_id` and `repo_type` parameters. If the repo is private, make sure "
        "you are authenticated.",
        "private_or_missing",
        model=None,
        sure=False,
    ),
    Case("hf download, a revision", f"Error: Revision not found in model '{M}'.", "revision_missing", sure=True),
    Case(
        "hf download, a revision of nothing in particular",
        "Error: Revision not found in repository. Check the revision parameter.",
        "revision_missing",
        model=None,
        sure=True,
    ),
    Case(
        "hf download, a file",
        f"Error: File not found in model '{M}'.\nURL: https://huggingface.co/{M}/resolve/main/tiny-Q9.gguf",
        "file_missing",
        sure=True,
    ),
    # --- others that talk to the Hub --------------------------------------------------------------------------------
    Case(
        "git over ssh, a gate",
        f"$ git clone git@hf.co:{M}\nERROR: Access denied: repository is gated and you are not in the authorized list.\n"
        "fatal: Could not read from remote repository.",
        "not_requested",
        sure=True,
    ),
    Case(
        "git over https, a command and then its refusal",
        f"+ git clone https://huggingface.co/{M}\nCloning into 'tiny-7b'...\nfatal: unable to access "
        f"'https://huggingface.co/{M}/': The requested URL returned error: 403",
        "blocked_other",
        sure=False,
    ),
    Case(
        "wget, 401",
        f"{WGET}401 Unauthorized\n\nUsername/Password Authentication Failed.",
        "private_or_missing",
        sure=False,
    ),
    Case("wget, 403", f"{WGET}403 Forbidden\n", "blocked_other", sure=False),
    Case(
        "pyannote 4, a repository",
        f"Could not download Pipeline from {M}.\nIt might be because the repository is private or gated:\n\n"
        f"* visit https://hf.co/{M} to accept user conditions",
        "no_token",
        sure=False,
    ),
    Case(
        "Go, no answer",
        f'batch request: Post "https://huggingface.co/{M}.git/info/lfs/objects/batch": dial tcp 203.0.113.3:443: i/o timeout',
        "hub_unreachable",
        sure=True,
    ),
    Case(
        "Go, no name",
        f'Get "https://huggingface.co/{M}/resolve/main/tiny.gguf": dial tcp: lookup huggingface.co on 127.0.0.53:53: no such host',
        "hub_unreachable",
        sure=True,
    ),
    Case(
        "Ollama, a gate of the Hub",
        f'$ ollama pull hf.co/{M}\npulling manifest\nError: pull model manifest: 403: {{"error":"{NOT_ASKED}"}}',
        "not_requested",
        sure=True,
    ),
    Case(
        "storage of the Hub is full",
        "HfHubHTTPError: 403 Forbidden: Private repository storage limit reached, please upgrade your plan.\nCannot access "
        f"content at: https://huggingface.co/{M}.git/info/lfs/objects/batch.\nMake sure your token has the correct permissions.",
        "blocked_other",
        sure=False,
    ),
    Case(
        "a token in PowerShell, and Docker without it",
        'PS C:\\llm> $env:HF_TOKEN = "hf_…"\nPS C:\\llm> docker run --gpus all ghcr.io/huggingface/text-generation-inference'
        f":3.3 --model-id {M}\nCannot access gated repo for url {URL}.\n{NO_TOKEN}",
        "env_not_forwarded",
        sure=True,
    ),
    Case(
        "Java, 401",
        f"java.io.IOException: Server returned HTTP response code: 401 for URL: {URL}",
        "private_or_missing",
        sure=False,
    ),
    Case(
        ".NET, 403",
        f"HttpRequestException: Response status code does not indicate success: 403 (Forbidden). GET {URL}",
        "blocked_other",
        sure=False,
    ),
    Case(
        "aria2, 401",
        f"[ERROR] CUID#7 - Download aborted. URI={URL}\n  -> [HttpSkipResponseCommand.cc:239] errorCode=24 Authorization "
        "failed.",
        "private_or_missing",
        sure=False,
    ),
    Case(
        "urllib, 404",
        f"urllib.error.HTTPError: HTTP Error 404: Not Found\n  url = {URL}",
        "file_missing",
        sure=False,
    ),
    Case(
        "peft, no adapter",
        "ValueError: Can't find 'adapter_config.json' at 'acme/style-lora'",
        "file_missing",
        model=None,
        sure=False,
    ),
    # --- engines, structured output, containers --------------------------------------------------------------------
    Case(
        "ComfyUI, in plain words",
        "Allocation on device\nThis error means you ran out of memory on your GPU.",
        "out_of_gpu_memory",
        model=None,
        sure=True,
    ),
    Case(
        "TensorFlow",
        "ResourceExhaustedError: OOM when allocating tensor with shape[64,4096] and type float on "
        "/job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc",
        "out_of_gpu_memory",
        model=None,
        sure=False,
    ),
    Case(
        "CTranslate2", "RuntimeError: CUDA failed with error out of memory", "out_of_gpu_memory", model=None, sure=True
    ),
    Case(
        "TensorRT",
        "[TensorRT-LLM][ERROR] CUDA runtime error in ::cudaMallocAsync(ptr, n, pool, stream): out of memory",
        "out_of_gpu_memory",
        model=None,
        sure=True,
    ),
    Case(
        "SGLang, a grammar",
        "[2026-11-20 09:14:33] Skip invalid grammar: json_schema='{\"pattern\": \"(?=x)\"}', e=RuntimeError('no lookahead')",
        "schema_unsupported",
        model=None,
        sure=True,
    ),
    Case(
        "vLLM, a kind of output",
        "(EngineCore pid=130) ERROR 04-29 01:29:22 [core.py:1138] ValueError: Invalid request type for Outlines backend "
        "(StructuredOutputOptions.JSON_OBJECT)",
        "schema_unsupported",
        model=None,
        sure=True,
    ),
    Case(
        "LangChain, cut",
        "OutputParserException: Invalid json output: {\"name\": \"Ad\nresponse_metadata={'finish_reason': 'length', "
        "'completion_tokens': 128}",
        "output_truncated",
        model=None,
        sure=False,
    ),
    Case(
        "pydantic, cut, without its type",
        "1 validation error for Person\n  Invalid JSON: EOF while parsing a string at line 1 column 71",
        "output_truncated",
        model=None,
        sure=False,
    ),
    Case(
        "an image that Modal gave up",
        "Image build for im-AbCdEfGhIjKlMnOpQrStUv terminated due to external shut-down. Please try again.",
        "image_build_failed",
        model=None,
        sure=True,
    ),
    Case(
        "Docker, a signal",
        'Exit Code: 139, Exit Message: "Docker container exited with non-zero exit code: 139"',
        "container_crashed",
        model=None,
        sure=False,
    ),
    Case(
        "llama.cpp, a grammar",
        "parse: error parsing grammar: Undefined rule identifier 'keywords-rest'\nllama_grammar_init_impl: failed to parse "
        "grammar",
        "schema_unsupported",
        model=None,
        sure=True,
    ),
    Case(
        "Outlines, a type",
        '  File "/venv/lib/python3.12/site-packages/outlines/types/dsl.py", line 801, in python_types_to_terms\nTypeError: '
        "Type typing.Callable is currently not supported. Please open an issue: https://github.com/dottxt-ai/outlines/issues",
        "schema_unsupported",
        model=None,
        sure=True,
    ),
    Case(
        "instructor, cut",
        "instructor.exceptions.IncompleteOutputException: The output is incomplete due to a max_tokens length limit.",
        "output_truncated",
        model=None,
        sure=True,
    ),
    Case(
        "an agent, cut",
        "ModelProviderError: Model output was truncated at max_completion_tokens=4096",
        "output_truncated",
        model=None,
        sure=True,
    ),
    Case(
        "an adapter without weights",
        "OSError: Error no file named pytorch_lora_weights.bin found in directory acme/style-lora.",
        "file_missing",
        model=None,
        sure=False,
    ),
    Case(
        "Cloud Run",
        "ERROR: (gcloud.run.deploy) The user-provided container failed to start and listen on the port defined provided by "
        "the PORT=8000 environment variable within the allocated timeout. Command: vllm serve acme/tiny-7b",
        "startup_timeout",
        model=None,
        sure=False,
    ),
    # --- of three hundred texts, taken from public reports by people who had not read the rules, November 2026 ----------
    Case(
        "http.client, a token with a line break",
        "    raise ValueError('Invalid header value %r' % (values[i],))\nValueError: Invalid header value b'Bearer hf_…\\n'",
        "invalid_token",
        model=None,
        sure=True,
    ),
    Case(
        "reqwest, a token with a line break",
        "Error: request error: Bad Header: invalid header 'Authorization: Bearer hf_…\\n'",
        "invalid_token",
        model=None,
        sure=True,
    ),
    Case(
        "git, where nobody can be asked",
        f"Cloning into 'model'...\nfatal: could not read Username for 'https://huggingface.co/{M}': terminal prompts disabled",
        "private_or_missing",
        sure=False,
    ),
    Case(
        "push_to_hub, somebody else's name",
        "requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://huggingface.co/api/repos/create\n\n"
        "You don't have the rights to create a dataset under this namespace",
        "wrong_token_scope",
        model=None,
    ),
    Case(
        "AutoTrain, too often asked who one is",
        "ERROR | app_utils:token_verification:61 - Failed to request /api/whoami-v2 - 429\n"
        "ERROR | ui_routes:user_authentication:90 - Failed to verify token: Invalid token (/api/whoami-v2).",
        "rate_limited",
        model=None,
    ),
    Case(
        "Outlines 0.0, a pattern that looks back",
        "    return p.parse()\ninteregular.patterns.Unsupported: lookbacks are not implemented",
        "schema_unsupported",
        model=None,
    ),
    Case(
        "vLLM, a pattern that looks around",
        "(APIServer pid=7) ERROR 10-03 14:22:09 [serving_chat.py:289] ValueError: Regex uses unsupported feature for structured "
        "outputs: lookaround. Only basic matching constructs are supported.",
        "schema_unsupported",
        model=None,
    ),
    Case(
        "TGI, a grammar that is none",
        '{"error":"Input validation error: grammar is not valid: Grammar must have a \'properties\' field","error_type":"validation"}',
        "schema_unsupported",
        model=None,
    ),
    Case(
        "TGI, an instruction that the processor lacks",
        "ERROR shard-manager: text_generation_launcher: Shard process was signaled to shutdown with signal 4 rank=0\n"
        "ERROR text_generation_launcher: Shard 0 failed to start",
        "container_crashed",
        model=None,
        sure=False,
    ),
)

UNSEEN_LOOKALIKES: tuple[tuple[str, str], ...] = (
    (
        "a client that logs every request, and then all is well",
        f'HTTP Request: HEAD https://huggingface.co/{M}/resolve/main/adapter_config.json "HTTP/1.1 404 Not Found"\n'
        f'HTTP Request: HEAD {URL} "HTTP/1.1 200 OK"\nINFO: Application startup complete.',
    ),
    (
        "Go tried again",
        f'level=warn msg="pull failed, retrying" err="Get \\"{URL}\\": dial tcp: i/o timeout" attempt=1\n'
        'level=info msg="downloaded successfully" file=model.gguf',
    ),
    ("a revision of Subversion", "svn: E160006: No such revision 99999\nrevision not found in repository"),
    ("nobody at npm", "$ npm whoami\nnpm error code ENEEDAUTH\nnpm error Not logged in"),
    (
        "wget, another server",
        "Connecting to models.example.org|203.0.113.9|:443... connected.\nHTTP request sent, awaiting response... "
        "403 Forbidden\n2026-07-24 08:23:53 ERROR 403: Forbidden.",
    ),
    (
        "a prompt that is too long",
        "openai.BadRequestError: Error code: 400 - {'message': \"This model's maximum context length is 8192 tokens. However, "
        'you requested 9000 tokens in the messages, Please reduce the length of the messages."}',
    ),
    (
        "a model with code of its own",
        "ValueError: The repository for acme/odd contains custom code which must be executed to correctly load the model. You "
        "can inspect the repository content at https://hf.co/acme/odd.",
    ),
    ("a parser of another language", "SyntaxError: failed to parse grammar at rule 12 (pest)"),
    (
        "a database's memory",
        'ERROR: out of memory\nDETAIL: Failed on request of size 1073741824 in memory context "E".',
    ),
)
