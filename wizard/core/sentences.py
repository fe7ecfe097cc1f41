"""What the Hub, Modal, and the libraries between them say when something goes wrong, and what each sentence means.

One table, November 2026, for pasted texts and for failures of this program's own deploys. Collected from the Hub's
recorded answers, from the source of huggingface_hub 0.14 to 2.4, transformers 4.30 to 5.23 and modal 1.6, and from
some 300 error reports that people published between 2022 and 2026. A new wording is one more line here.

A fragment is written as it is said; case and white space do not matter, and one `*` stands for up to 200 characters.
`{hub}` is an address of the Hub, its storage, or a well-known mirror.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

REACH = 200  # characters that a * may stand for


class Level(IntEnum):
    """How much a sentence tells: the lowest number that is found decides. Among equals that is the first of the table,
    but for exact ones the last in the text, since people paste what they tried one after the other."""

    EXACT = 10  # names its one cause
    VAGUE = 20  # what a library makes of a cause that it does not name
    BARE = 25  # a status and an address
    LATE = 30  # what follows when something else went wrong first: time limits, broken answers
    BUILD = 40
    IMPORT = 45
    CRASH = 50


@dataclass(frozen=True)
class Sentence:
    """Fragments that mean `verdict`. `near` names what has to be in the neighbourhood, see `NEIGHBOURS`.

    `sure` False: the words fit the verdicts in `others`, too. `own` True: only said of this program's own deploys.
    """

    verdict: str
    says: tuple[str, ...]
    seen: str
    level: Level = Level.EXACT
    near: str = ""
    sure: bool = True
    others: tuple[str, ...] = ()
    own: bool = False


_HUB = r"https?://(?:[\w.-]*\.)?(?:huggingface\.co|hf\.co|hf-mirror\.com)"
_HUB_HOST = r"(?:[\w.-]*\.)?(?:huggingface\.co|hf\.co|hf-mirror\.com)"

# What has to be near for words that others say too; tried on the text without white space, in lower case.
NEIGHBOURS: dict[str, re.Pattern[str]] = {
    "hub": re.compile(
        r"huggingface|hf\.co/|hf-mirror|hf_hub|hfhub|hf_token|hf_api|transformers/utils|from_pretrained|hfauth|hfdownload|xethub"
    ),
    "modal": re.compile(
        r"modal\.(?:com|exception|app|secret|toml|function|cls|image)|/modal/|modal(?:run|deploy|serve|token|setup)|modal-client|\bta-01|ap-[a-z0-9]{22}|im-[a-z0-9]{22}"
    ),
    "container": re.compile(
        r"docker|container|pod/|kubectl|kubernetes|k8s|modal|compose|text_generation_launcher|oomkilled"
    ),
    "generation": re.compile(
        r"outlines|vllm|max_tokens|max_new_tokens|model_validate_json|generate\(|generator\(|completion|structured|json_schema|llm|xgrammar|llguidance"
    ),
    "schema": re.compile(r"outlines|vllm|xgrammar|llguidance|structured|guided|json_?schema|grammar|sglang"),
    "gpu": re.compile(r"cuda|gpu|torch|vllm|hip|rocm|ggml|llama|nvidia|jax|xla"),
}
# Services that say the same words; an address of one of them on the line itself means that it was not the Hub.
FOREIGN = re.compile(
    r"(?:https?://|host=')(?:[\w-]+\.)*(?:github\.com|githubusercontent\.com|gitlab\.com|bitbucket\.org|pypi\.org|pythonhosted\.org|npmjs\.org"
    r"|openai\.com|anthropic\.com|googleapis\.com|google\.com|docker\.io|docker\.com|ghcr\.io|quay\.io|amazonaws\.com|azure\.com|azurecr\.io|nvcr\.io"
    r"|wandb\.ai|civitai\.com|kaggle\.com|ollama\.com|ollama\.ai|modelscope\.cn|replicate\.com|cohere\.com|mistral\.ai"
    r"|groq\.com|together\.xyz|openrouter\.ai|langchain\.com|anaconda\.(?:com|org)|pytorch\.org|nvidia\.com)"
)

OF_THE_HUB = re.compile(_HUB_HOST)

SENTENCES: tuple[Sentence, ...] = (
    # --- the Hub, naming its cause -------------------------------------------------------------------------------
    Sentence(
        "not_requested",
        ("is restricted and you are not in the authorized list", "{hub}* to ask for access"),
        "Hub, live 2026-10; error reports 2023-2026",
    ),
    Sentence(
        "pending_review",
        ("your request to access*is awaiting a review", "access request*awaiting a review from the repo authors"),
        "Hub, live 2026-10",
    ),
    Sentence("rejected", ("your request to access*has been rejected by the repo",), "Hub, live 2026-10"),
    Sentence("reset", ("your request to access*has been reset by the repo",), "Hub, live 2026-10"),
    Sentence("rejected", ("your request to access*has been rejected",), "Hub, cut short"),
    Sentence("reset", ("your request to access*has been reset",), "Hub, cut short"),
    Sentence(
        "fine_grained_lacks_gated",
        ("enable access to public gated repositories", "in your fine-grained token settings to view"),
        "Hub, error reports 2024-2026",
    ),
    Sentence(
        "no_token",
        (
            "you must have access to it and be authenticated to access it",
            "is restricted. you must be authenticated to access it",
            "is gated. you must be authenticated to access it",
            "is a gated dataset on the hub. you must be authenticated",
        ),
        "Hub, wordings of 2023, 2024 and 2026",
    ),
    Sentence(
        "no_token",
        (
            "token is required (`token=true`), but no token found",
            "token is required (`use_auth_token=true`), but no token found",
            "token is required but no token found",
            "localtokennotfounderror",
            "you need to provide a token or be logged in to hugging face",
            "illegal header value b'bearer '",
        ),
        "huggingface_hub 0.11 to 2.4",
    ),
    Sentence(
        "no_token", ("model access requires login",), "SD.Next 2024", near="hub", sure=False, others=("not_requested",)
    ),
    Sentence(
        "expired_token",
        (
            "user access token*is expired",
            "your hugging face access token has expired",
            "the access token has expired*{hub}",
        ),
        "Hub, error reports 2025-2026; huggingface_hub 2.4",
    ),
    Sentence(
        "invalid_token",
        ("invalid credentials in authorization header",),
        "Hub, error reports 2024-2026",
        near="hub",
    ),
    Sentence(
        "invalid_token",
        (
            "invalid user token. the token from",
            "invalid user token. if you didn't pass",
            "invalid user token",
            "invalid token passed!",
            "authorization header is correct, but the token seems invalid",
            "you must use your personal account token, not an organization token",
            "401 client error: unauthorized for url: {hub}/api/whoami",
            "illegal header value b'bearer hf_",
        ),
        "huggingface_hub 0.10 to 2.4; Inference API",
    ),
    Sentence(
        "invalid_token", ("password authentication in git is no longer supported",), "git over https, 2023", near="hub"
    ),
    Sentence(
        "repo_disabled", ("access to this resource is disabled", "disabledrepoerror"), "huggingface_hub 0.20 to 2.4"
    ),
    Sentence("region_blocked", ("this model is not available in your region",), "Hub, error report 2026", near="hub"),
    Sentence(
        "org_policy",
        ("due to the organization token policy", "your token has been revoked by the organization"),
        "Hub, error reports",
    ),
    Sentence(
        "wrong_token_scope",
        (
            "you must use a write token to upload",
            "you don't have the rights to create a model under",
            "does not have sufficient permissions to call inference providers",
            "missing permissions: repo.",
        ),
        "Hub and its Inference Providers, error reports 2023-2026",
    ),
    Sentence(
        "blocked_other",
        ("you have read access but not the required permissions for this operation",),
        "Hub, live 2026-10",
    ),
    Sentence(
        "rate_limited",
        (
            "429 client error: too many requests for url: {hub}",
            "429 client error*{hub}",
            "429 too many requests*{hub}",
            "{hub}*429 too many requests",
            "too many requests for url: {hub}",
            "429, message='too many requests', url=*{hub_host}",
            "we had to rate limit your ip",
            "we had to rate limit you",
        ),
        "Hub, error reports 2023-2026",
    ),
    Sentence(
        "rate_limited",
        ("you have reached your * rate limit", "429 too many requests", "http/1.1 429", "http/2 429"),
        "Hub, by way of curl",
        near="hub",
        sure=False,
    ),
    Sentence(
        "revision_missing",
        (
            "is not a valid git identifier (branch name",
            "revision not found for url",
            "revisionnotfounderror",
            "invalid rev id:",
        ),
        "transformers 4 and 5, huggingface_hub, Hub",
    ),
    # --- Modal, naming its cause ---------------------------------------------------------------------------------
    Sentence("spend_limit", ("spend limit reached", "spending limit reached"), "Modal, 2026", near="modal"),
    Sentence("payment_method_missing", ("please add a payment method to use",), "Modal, 2026"),
    Sentence(
        "modal_auth",
        (
            "modal.exception.autherror",
            "token missing. could not authenticate client",
            "token id is malformed",
            "no modal profile is active",
        ),
        "modal 0.5 to 1.6, error reports 2022-2026",
    ),
    Sentence(
        "modal_auth",
        (
            "autherror: token",
            "autherror('",
            "token validation failed",
            "│ token missing",
            "token missing",
            "could not authenticate client",
            "make sure you have a valid modal token",
            "modal profile*was not found in",
        ),
        "modal's command line 0.6 to 1.6",
        near="modal",
    ),
    Sentence(
        "modal_secret_missing",
        (
            "secret '*' not found in environment",
            "secret '*' is missing key(s)",
            "no secret named * - you can add secrets",
            "secret '*' was not found. you can add secrets",
        ),
        "Modal, wordings of 2022, 2023 and 2026",
    ),
    Sentence(
        "modal_secret_missing",
        (
            "could not find secret",
            "no secret named",
            "no secret with name",
            "secret '*' not found",
            "is missing required key",
            "secret '*' was not found",
        ),
        "Modal, cut short",
        near="modal",
    ),
    Sentence(
        "modal_unreachable",
        (
            "could not connect to the modal server",
            "modal.exception.connectionerror",
            "modal.exception.serviceerror",
            "modal.exception.internalerror",
            "builtins.internalerror",
        ),
        "modal 0.6 to 1.6",
    ),
    Sentence("modal_busy", ("modal.exception.resourceexhaustederror",), "modal 0.6 to 1.6", level=Level.VAGUE),
    # --- memory, time, output types ------------------------------------------------------------------------------
    Sentence(
        "out_of_gpu_memory",
        (
            "cuda out of memory",
            "hip out of memory",
            "mps backend out of memory",
            "torch.outofmemoryerror",
            "torch.cuda.outofmemoryerror",
            "cuda error: out of memory",
            "cuda_error_out_of_memory",
            "cudamalloc failed: out of memory",
            "no available memory for the cache blocks",
            "is larger than the maximum number of tokens that can be stored in kv cache",
            "which is larger than the available kv cache memory",
            "on startup is less than desired gpu memory utilization",
            "not enough memory to handle * prefill tokens",
            "not enough memory. please try to increase --mem-fraction-static",
            "outofmemoryerror: cuda",
            "outofmemoryerror: hip",
        ),
        "torch 1.13 to 2.13, vLLM 0.2 to 0.33, TGI 1 to 3, SGLang, llama.cpp",
    ),
    Sentence(
        "out_of_gpu_memory",
        ("cublas_status_alloc_failed", "resource_exhausted: out of memory while trying to allocate"),
        "torch, JAX",
        near="gpu",
        sure=False,
    ),
    Sentence(
        "schema_unsupported",
        (
            "this output type cannot be enforced",
            "the provided json schema contains features not supported by",
            "unimplemented keys:",
            "json schema contains features unsupported by",
            "failed to convert json schema",
        ),
        "llguidance 1.7, xgrammar 0.2, outlines 1.3, vLLM 0.6 to 0.33; the app file of this program",
    ),
    Sentence(
        "schema_unsupported",
        (
            "grammar error: unknown format",
            "grammar error:",
            "is not supported by outlines",
            "unsupported json schema",
            "unsupported schema",
            "unsupported jsonschema structure",
            "look-around, including look-ahead and look-behind, is not supported",
            "could not translate the instance",
            "we do not support*json schema",
            "failed to compile json schema",
            "invalid grammar specification",
        ),
        "outlines_core 0.2, llguidance, vLLM, SGLang",
        near="schema",
    ),
    # --- what libraries make of it: the first that is found, in this order, decides --------------------------------
    Sentence(
        "no_token",
        (
            "keyerror: 'hf_token'",
            "keyerror: 'hugging_face_hub_token'",
            "keyerror('hf_token')",
            "keyerror: 'huggingface_token'",
            "keyerror: 'huggingfacehub_api_token'",
            "keyerror: 'huggingface_hub_token'",
            "hf_token is not set",
            "hf_token not set",
            "hf_token environment variable is not set",
            "hf_token environment variable not set",
            "hf_token not found",
            "hf_token is missing",
            "missing hf_token",
            "hugging_face_hub_token is not set",
        ),
        "scripts that read the variable themselves",
        level=Level.VAGUE,
        sure=False,
        others=("env_not_forwarded",),
    ),
    Sentence(
        "no_token",
        (
            "401 client error*cannot access gated repo for url",
            "gatedrepoerror: 401",
            "you are trying to access a gated repo*401 client error",
        ),
        "huggingface_hub 0.14 to 2.4, cut before the Hub's own words",
        level=Level.VAGUE,
    ),
    Sentence(
        "not_requested",
        (
            "403 client error*cannot access gated repo for url",
            "gatedrepoerror: 403",
            "you are trying to access a gated repo*403 client error",
        ),
        "huggingface_hub 0.14 to 2.4, cut before the Hub's own words",
        level=Level.VAGUE,
        sure=False,
        others=("pending_review", "rejected"),
    ),
    Sentence(
        "no_token",
        (
            "you are trying to access a gated repo",
            "cannot access gated repo for url",
            "gatedrepoerror",
            "the model is gated*accept",
            "could not download '*' pipeline",
            "it might be because the pipeline is private or gated",
            "it might be because the model is private or gated",
            "might be gated or private",
            "is a gated model. please",
            "x-error-code: gatedrepo",
            "access to this model is restricted",
        ),
        "transformers, huggingface_hub, pyannote.audio 2 and 3: cut before, or without, the Hub's own words",
        level=Level.VAGUE,
        sure=False,
        others=("not_requested",),
    ),
    Sentence(
        "missing_or_private",
        ("404 client error*repository not found for url", "404 not found*repository not found for url"),
        "huggingface_hub 0.11 to 2.4",
        level=Level.VAGUE,
    ),
    Sentence(
        "missing_or_private",
        ('{"error":"repository not found"}', "x-error-code: reponotfound"),
        "Hub, by way of curl",
        level=Level.VAGUE,
    ),
    Sentence("missing_or_private", ("remote: repository not found",), "git over https", level=Level.VAGUE, near="hub"),
    Sentence(
        "private_or_missing",
        ("401 client error*repository not found for url", "401 unauthorized*repository not found for url"),
        "huggingface_hub 0.11 to 2.4",
        level=Level.VAGUE,
        sure=False,
        others=("invalid_token",),
    ),
    Sentence(
        "private_or_missing",
        ("invalid username or password",),
        "Hub, live 2026-10: also for a dead access token",
        level=Level.VAGUE,
        near="hub",
        sure=False,
        others=("invalid_token",),
    ),
    Sentence(
        "private_or_missing",
        ('{"error":"invalid username or password."}',),
        "Hub, by way of curl",
        level=Level.VAGUE,
        sure=False,
        others=("invalid_token",),
    ),
    Sentence(
        "private_or_missing",
        ("is not a local folder and is not a valid model identifier", "is not a valid model identifier listed on"),
        "transformers 4.0 to 5.23: also for a dead access token",
        level=Level.VAGUE,
        sure=False,
        others=("invalid_token", "missing_or_private"),
    ),
    Sentence(
        "private_or_missing",
        ("repository not found for url: {hub}", "repositorynotfounderror"),
        "huggingface_hub, cut short",
        level=Level.VAGUE,
        sure=False,
        others=("missing_or_private", "invalid_token"),
    ),
    Sentence(
        "private_or_missing",
        (
            "invalid repository id or local directory specified",
            "doesn't exist on the hub or cannot be accessed",
            "does not exist on the hub or cannot be accessed",
        ),
        "vLLM 0.9 to 0.33, datasets 2 to 4",
        level=Level.VAGUE,
        sure=False,
        others=("missing_or_private", "file_missing"),
    ),
    Sentence(
        "weights_missing",
        (
            "does not appear to have a file named pytorch_model.bin",
            "does not appear to have a file named model.safetensors",
            "does not appear to have a file named tf_model",
            "does not appear to have files named ('model",
            "no .bin weights found for model",
            "no safetensors weights found for model",
            "cannot find any model weights with",
        ),
        "transformers 4 and 5, TGI, vLLM",
        level=Level.VAGUE,
    ),
    Sentence(
        "weights_missing",
        (
            "error no file named pytorch_model.bin",
            "error no file named model.safetensors",
            "error no file named diffusion_pytorch_model",
            "error no file named tf_model",
            "no local weights found in",
        ),
        "transformers and diffusers, of a folder on disk",
        level=Level.VAGUE,
        sure=False,
        others=("file_missing",),
    ),
    Sentence(
        "file_missing",
        (
            "does not appear to have a file named",
            "does not appear to have files named",
            "entry not found for url",
            "entrynotfounderror: 404",
            "remoteentrynotfounderror",
            "x-error-code: entrynotfound",
            '{"error":"entry not found"}',
        ),
        "transformers 4 and 5, huggingface_hub 0.11 to 2.4",
        level=Level.VAGUE,
    ),
    Sentence(
        "hub_unreachable",
        (
            "connectionpool(host='{hub_host}",
            "failed to resolve '{hub_host}",
            "could not resolve host: {hub_host}",
            "could not resolve host {hub_host}",
            "getaddrinfo*{hub_host}",
            "failed to connect to {hub_host}",
            "connection to {hub_host} timed out",
            "cannot connect to host {hub_host}",
            "unable to access '{hub}*could not resolve",
            "error sending request for url ({hub}",
            "thrown while requesting head {hub}",
            "thrown while requesting get {hub}",
            "cannot reach {hub}: offline mode",
            "offline mode is enabled",
            "outgoing traffic has been disabled",
            "connection error, and we cannot find the requested files in the disk cache",
            "cas service error",
            "504 server error: gateway time-out for url: {hub}",
            "500 server error*{hub}",
            "502 server error*{hub}",
            "503 server error*{hub}",
            "504 server error*{hub}",
            "server error '50*{hub}",
            "resolving {hub_host}*failed: name",
            "resolving {hub_host}*failed: temporary",
        ),
        "requests, httpx, curl, git, reqwest; huggingface_hub 0.11 to 2.4, hf_xet",
        level=Level.VAGUE,
    ),
    Sentence(
        "hub_unreachable",
        (
            "couldn't connect to '{hub}*and couldn't find",
            "couldn't connect to '*to load*and couldn't find",
            "an error happened while trying to locate the file",
            "localentrynotfounderror: an error happened",
        ),
        "transformers 4.20 to 5.23, huggingface_hub: also for a refusal that they do not name",
        level=Level.VAGUE,
        sure=False,
        others=("fine_grained_lacks_gated", "blocked_other"),
    ),
    Sentence(
        "file_missing",
        (
            "can't load tokenizer for '",
            "can't load the configuration of '",
            "can't load the model for '",
            "can't load image processor for '",
            "can't load feature extractor for '",
        ),
        "transformers 4 and 5: whatever the cause",
        level=Level.BARE,
        sure=False,
        others=("private_or_missing", "hub_unreachable"),
    ),
    Sentence(
        "hub_unreachable",
        (
            "certificate_verify_failed",
            "certificate verify failed",
            "unable to get local issuer certificate",
            "ssl certificate problem",
            "tunnel connection failed",
            "cannot connect to proxy",
            "temporary failure in name resolution",
            "name or service not known",
            "nodename nor servname provided",
            "network is unreachable",
            "connecttimeout",
            "readtimeout",
            "connecterror",
            "read timed out",
            "connection reset by peer",
            "remotedisconnected",
        ),
        "OpenSSL, the C libraries, requests and httpx",
        level=Level.BARE,
        near="hub",
        sure=False,
    ),
    # --- a status and an address, nothing else -------------------------------------------------------------------
    Sentence(
        "private_or_missing",
        (
            "401 client error: unauthorized for url: {hub}",
            "client error '401 unauthorized' for url '{hub}",
            "status client error (401 unauthorized) for url ({hub}",
            "401 unauthorized*{hub}",
            "{hub}*401 unauthorized",
            "{hub}*returned error: 401",
            "401, message='unauthorized', url=*{hub_host}",
            "{hub}*http 401",
            "{hub}*status code: 401",
            "{hub}*status code 401",
        ),
        "requests, httpx, aiohttp, reqwest, curl, wget",
        level=Level.BARE,
        sure=False,
        others=("no_token", "invalid_token"),
    ),
    Sentence(
        "blocked_other",
        (
            "403 client error: forbidden for url: {hub}",
            "client error '403 forbidden' for url '{hub}",
            "status client error (403 forbidden) for url ({hub}",
            "403 forbidden*cannot access content at: {hub}",
            "403 forbidden*{hub}",
            "{hub}*403 forbidden",
            "{hub}*returned error: 403",
            "403, message='forbidden', url=*{hub_host}",
            "{hub}*http 403",
            "{hub}*status code: 403",
            "make sure your token has the correct permissions",
        ),
        "requests, httpx, aiohttp, reqwest, curl, wget; huggingface_hub",
        level=Level.BARE,
        sure=False,
        others=("not_requested", "fine_grained_lacks_gated"),
    ),
    Sentence(
        "file_missing",
        (
            "404 client error: not found for url: {hub}*/resolve/",
            "client error '404 not found' for url '{hub}*/resolve/",
            "{hub}*/resolve/*404 not found",
            "{hub}*/resolve/*returned error: 404",
        ),
        "requests, httpx, wget, curl",
        level=Level.BARE,
        sure=False,
        others=("missing_or_private", "revision_missing"),
    ),
    Sentence(
        "missing_or_private",
        ("404 client error: not found for url: {hub}/api/", "client error '404 not found' for url '{hub}/api/"),
        "requests, httpx",
        level=Level.BARE,
        sure=False,
        others=("revision_missing",),
    ),
    # --- what comes after something else -------------------------------------------------------------------------
    Sentence(
        "startup_timeout",
        (
            "runner has been initializing for too long",
            "exceeded its startup",
            "failed to start within",
            "container startup timed out",
            "container start-up timed out",
            "did not start within its startup_timeout",
        ),
        "Modal, wordings of 2025 and 2026",
        level=Level.LATE,
        near="",
    ),
    Sentence(
        "startup_timeout",
        (
            "startup timeout",
            "startup_timeout",
            "server not ready within",
            "timed out waiting for engine core",
            "startup probe failed",
            "timed out during startup",
        ),
        "Modal, vLLM, SGLang, Kubernetes",
        level=Level.LATE,
        near="container",
        sure=False,
    ),
    Sentence(
        "function_timeout",
        ("functiontimeouterror", "current input*hit its timeout of", "hit its timeout of"),
        "modal 0.5 to 1.6",
        level=Level.LATE,
    ),
    Sentence(
        "output_truncated",
        (
            "lengthfinishreasonerror",
            "as the length limit was reached",
            "the answer was cut short at the token limit",
        ),
        "openai 1 and 2; this program",
        level=Level.LATE,
    ),
    Sentence(
        "output_truncated",
        (
            "unterminated string starting at",
            "eof while parsing a",
            '"finish_reason":"length"',
            "finish_reason='length'",
            "finish_reason=length",
            "expecting ',' delimiter",
            "expecting property name enclosed in double quotes",
        ),
        "json, pydantic 2, OpenAI-compatible servers",
        level=Level.LATE,
        near="generation",
        sure=False,
        others=("schema_unsupported",),
    ),
    Sentence(
        "image_build_failed",
        (
            "imagebuilderror",
            "image build for im-*failed",
            "failed to run builder command",
            "dockerfile has no stages and cannot be built",
        ),
        "modal 0.5 to 1.6",
        level=Level.BUILD,
    ),
    Sentence(
        "image_build_failed",
        ("failed to solve: process", "failed to build: failed to solve"),
        "docker build",
        level=Level.BUILD,
        near="container",
        sure=False,
    ),
    Sentence(
        "import_error",
        ("builtins.importerror", "builtins.modulenotfounderror", "modulenotfounderror:", "importerror:"),
        "Python",
        level=Level.IMPORT,
        own=True,
    ),
    Sentence(
        "container_crashed",
        ("runner failed with exit code", "runner failed with exception", "containercrashed"),
        "Modal",
        level=Level.CRASH,
    ),
    Sentence(
        "container_crashed",
        (
            "oomkilled",
            "crashloopbackoff",
            "back-off restarting failed container",
            "exited with code 1",
            "exited with code 2",
            "exited (137)",
            "exited (139)",
            "exit code: 137",
            "exit code 137",
            "exit code 139",
            "runner terminated, in-progress inputs will be re-scheduled",
            "container terminated",
            "was signaled to shutdown with signal 9",
            "segmentation fault (core dumped)",
        ),
        "Docker, Kubernetes, TGI, Modal",
        level=Level.CRASH,
        near="container",
        sure=False,
    ),
)

# Said in passing by things that work.
HARMLESS: tuple[str, ...] = (
    "you are sending unauthenticated requests to the hf hub",
    "please set a hf_token to enable higher rate limits",
    "you are not authenticated with the hugging face hub in this notebook",
    "if the error persists, please let us know by opening an issue on github",
    "the secret `hf_token` does not exist in your colab secrets",
    "error while fetching `hf_token` secret value from your vault",
    "to authenticate with the hugging face hub, create a token in your settings tab",
    "please note that authentication is recommended but still optional to access public models",
    "if out-of-memory error occurs during cudagraph capture",
    "torch allocator will free cache and retry",
    "if you are trying to access a private or gated repo, make sure you are authenticated",
    "note: environment variable`hf_token` is set and is the current active token",
)

# Model families whose repositories are gated, as of November 2026; a bare 401 of one of these is the gate.
GATED_FAMILIES: tuple[str, ...] = (
    "meta-llama/",
    "mistralai/mistral-7b",
    "mistralai/mixtral",
    "mistralai/mistral-nemo",
    "mistralai/mistral-large",
    "mistralai/mistral-small",
    "mistralai/ministral-8b",
    "mistralai/codestral",
    "google/gemma",
    "google/paligemma",
    "google/medgemma",
    "google/embeddinggemma",
    "google/txgemma",
    "google/shieldgemma",
    "black-forest-labs/flux",
    "stabilityai/stable-diffusion-3",
    "stabilityai/stable-audio",
    "stabilityai/sd3",
    "pyannote/",
    "bigcode/starcoder",
    "codellama/codellama-70b",
    "cohereforai/",
    "coherelabs/",
    "databricks/dbrx",
    "facebook/sam3",
    "facebook/sam-3d",
    "facebook/dinov3",
    "deepfloyd/",
    "nvidia/nv-embed",
)


def _parts(fragment: str) -> list[str]:
    return re.split(r"(\*|\{hub\}|\{hub_host\})", "".join(fragment.lower().split()))


@cache
def words_of(fragment: str) -> tuple[str, ...]:
    """What has to be in a text, without white space and in lower case, before it is worth a closer look."""
    return tuple(part for part in _parts(fragment) if part and part[0] not in "*{")


@cache
def pattern_of(fragment: str) -> re.Pattern[str]:
    """A fragment as a pattern for text without white space, in lower case. Every gap in it is bounded."""
    meaning = {"*": f".{{0,{REACH}}}?", "{hub}": _HUB, "{hub_host}": _HUB_HOST}
    return re.compile("".join(meaning.get(part) or re.escape(part) for part in _parts(fragment)))


def find_all(fragment: str, dense: str) -> Iterator[tuple[int, int]]:
    """Every place of a fragment in a text without white space, in lower case."""
    if all(word in dense for word in words_of(fragment)):
        for match in pattern_of(fragment).finditer(dense):
            yield match.span()
