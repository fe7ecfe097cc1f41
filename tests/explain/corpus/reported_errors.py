"""Shapes that error reports have and the tables of facts have not, written anew; and what came close to them."""

# ruff: noqa: E501 - what others print is as long as it is

from __future__ import annotations

from tests.explain.corpus.hub_errors import URL, Case, M

VSCODE = "file:///C:/envs/x/site-packages/huggingface_hub/utils/_errors.py"

REPORTED_ERRORS: tuple[Case, ...] = (
    # --- a Hub that cannot be reached, in older words ------------------------------------------------------------
    Case(
        "transformers 4.30, this file",
        "OSError: We couldn't connect to 'https://huggingface.co' to load this file, couldn't find it in the cached files "
        f"and it looks like {M} is not the path to a directory containing a file named config.json.\nCheckout your "
        "internet connection or see how to run the library in offline mode at 'https://huggingface.co/docs/...'.",
        "hub_unreachable",
        model=None,
    ),
    Case(
        "transformers 4.17, this model",
        f"OSError: We couldn't connect to 'https://hf-mirror.com/' to load this model and it looks like {M} is not the "
        "path to a directory conaining a config.json file.",
        "hub_unreachable",
        model=None,
    ),
    Case(
        "a mirror that sends on",
        "huggingface_hub.errors.FileMetadataError: Distant resource does not seem to be on huggingface.co. It is possible "
        "that a configuration issue prevents you from downloading resources from https://huggingface.co.",
        "hub_unreachable",
        model=None,
    ),
    Case(
        "an offline look-up first, and then an answer of the Hub",
        "LocalEntryNotFoundError: Cannot find an appropriate cached snapshot folder and outgoing traffic has been "
        f"disabled.\nrequests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: {URL}",
        "private_or_missing",
        sure=False,
    ),
    # --- access ----------------------------------------------------------------------------------------------------
    Case(
        "hf-hub of Rust, ureq",
        f"RequestError(Status(401, Response[status: 401, status_text: Unauthorized, url:\n{URL}]))",
        "private_or_missing",
        sure=False,
    ),
    Case(
        "a link as Markdown",
        f"HTTPError: 401 Client Error: Unauthorized for url: [{URL}]({URL})",
        "private_or_missing",
        sure=False,
    ),
    Case(
        "a gate's class, and a bare 403",
        f"HTTPError: 403 Client Error: Forbidden for url: {URL}\n\nThe above exception was the direct cause of the "
        "following exception:\n\nGatedRepoError                            Traceback (most recent call last)",
        "not_requested",
        sure=False,
    ),
    Case(
        "source that an editor links",
        f'    [319]({VSCODE}:319)         raise GatedRepoError(message, response) from e\n--> [321]({VSCODE}:321) elif error_message == "Access to '
        f'this resource is disabled.":\n\nGatedRepoError: 403 Client Error.\n\nCannot access gated repo for url {URL}.',
        "not_requested",
        sure=False,
    ),
    Case(
        "the end of what pyannote says",
        "it might be because the pipeline is gated:\nvisit https://hf.co/" + M,
        "no_token",
    ),
    Case(
        "hfhub of R",
        f"Error: Access denied to gated repository.\nVisit <https://huggingface.co/{M}> to accept.",
        "no_token",
    ),
    Case("a gated dataset, cut short", f"Error: Dataset '{M}' is a gated dataset on the Hub.", "no_token", sure=False),
    Case(
        "datasets 2.14",
        f"FileNotFoundError: Couldn't find '{M}' on the Hugging Face Hub either: Dataset '{M}' doesn't exist on the Hub.",
        "private_or_missing",
        sure=False,
    ),
    Case(
        "langchain",
        "1 validation error for HuggingFaceEndpoint\n  Could not authenticate with huggingface_hub. Please check your API "
        "token. (type=value_error)",
        "invalid_token",
        model=None,
        sure=False,
    ),
    Case(
        "revoked by the organisation, alone",
        "403 Forbidden: The user access token has been revoked by the organization administrator.",
        "org_policy",
        model=None,
    ),
    # --- limits of the Hub -----------------------------------------------------------------------------------------
    Case(
        "a 429 in a sentence",
        "モデルを Hugging Face Hub から読み込むと `429 Client Error: Too Many Requests` になります。",
        "rate_limited",
        model=None,
        sure=False,
    ),
    Case(
        "llama.cpp, 429",
        "common_download_file_single_online: HEAD failed, status: 404\nno remote preset found, skipping\nget_repo_files: "
        "error: GET failed (429): <!DOCTYPE html>",
        "rate_limited",
        model=None,
    ),
    Case(
        "llama.cpp, 401",
        "get_repo_commit: error: GET failed (401): Invalid username or password.\n",
        "private_or_missing",
        model=None,
        sure=False,
    ),
    # --- Modal and containers --------------------------------------------------------------------------------------
    Case(
        "spend limit, through a web endpoint",
        "429: modal-http: Webhook failed: workspace billing cycle spend limit reached",
        "spend_limit",
        model=None,
    ),
    Case(
        "spend limit, on its own",
        "App creation failed: workspace billing cycle spend limit reached",
        "spend_limit",
        model=None,
    ),
    Case(
        "a runner without a Modal token",
        "Modal requires authentication. Run 'modal token new' to set up credentials, or set MODAL_TOKEN_ID.",
        "modal_auth",
        model=None,
    ),
    Case(
        "a Modal Secret, and how to make it",
        "NotFoundError: Secret 'hub' not found\n$ modal secret create hub HF_TOKEN=...",
        "modal_secret_missing",
        model=None,
    ),
    Case(
        "Docker Compose, killed",
        "llm          | Loading weights\nllm exited with code 137",
        "container_crashed",
        model=None,
    ),
    Case(
        "a Volume over files",
        'Runner failed with exception: cannot mount volume on non-empty path: "/root/.cache/huggingface"',
        "container_crashed",
        model=None,
    ),
    # --- structured output -----------------------------------------------------------------------------------------
    Case(
        "xgrammar, a pattern",
        "xgr.Grammar.from_regex(params.regex)\nRuntimeError: [10:59:34] /project/cpp/regex_converter.cc:73: Regex parsing "
        "error at position 2: Unclosed '['",
        "schema_unsupported",
        model=None,
    ),
    Case(
        "Outlines, letters that the tokenizer lacks",
        "ValueError: The vocabulary does not allow us to build a sequence that matches the input regex",
        "schema_unsupported",
        model=None,
    ),
    Case(
        "pydantic, broken off",
        "1 validation error for Invoice\n  Invalid JSON: EOF while parsing a string at line 1 column 391 "
        '[type=json_invalid, input_value=\'{"lines":[{"text":"\', input_type=str]',
        "output_truncated",
        model=None,
        sure=False,
    ),
    Case(
        "Outlines, broken off",
        '  File "/venv/lib/python3.12/site-packages/outlines/generate/api.py", line 500, in format\njson.decoder.'
        "JSONDecodeError: Unterminated string starting at: line 1 column 10 (char 9)",
        "output_truncated",
        model=None,
        sure=False,
    ),
)

REPORTED_LOOKALIKES: tuple[tuple[str, str], ...] = (
    ("an empty key of another service", "httpx.LocalProtocolError: Illegal header value b'Bearer '"),
    ("another server's 429", "HTTPError: 429 Client Error: Too Many Requests for url: http://models.example.org/a.zip"),
    (
        "a 429 of a server near a library of the Hub",
        "import sentence_transformers, huggingface_hub\nHTTPError: 429 Client Error: Too Many Requests for url: https://models.example.org/a.zip",
    ),
    ("a service that starts", "PROBABLE ERROR! Startup of 'core' hit its timeout of 30000 ms!"),
    (
        "a container of another kind",
        "Error: Container startup timed out after 30s\n    at Timeout._onTimeout (terminal.ts:12)",
    ),
    ("a runner of tests", "❌ Test runner failed with exception: division by zero"),
    ("a runner of builds", "Warning: build_runner failed with exit code 78"),
    (
        "a schema of a web service",
        'Failed to compile JSON Schema: Error: strict mode: unknown keyword: "foo"\n    at Ajv.compileSchema (core.js:266)',
    ),
    ("a report's keys", "WARN processStatements Unimplemented keys: OptionEAE, Transfers"),
    ("a checker of spelling", "Grammar error: possible agreement mistake in line 3"),
    ("a network that is closed", "Public network access to this resource is disabled; use a private endpoint."),
    ("a Secret of another tool", "Error: Secret 'db-creds' not found in environment variables of stage prod"),
    ("a card for another service", "Please add a payment method to use this feature."),
    ("a token of another service", "Error: User access token is expired, please log in again (code 99991677)"),
    (
        "the Hub's image, from another registry",
        'docker: Head "https://ghcr.io/v2/huggingface/text-generation-inference/manifests/3.0": unauthorized.',
    ),
    (
        "the Hub's library, from GitHub",
        "fatal: unable to access 'https://github.com/huggingface/transformers.git/': Could not resolve host: github.com",
    ),
    (
        "a thread that could not be opened",
        "huggingface_hub.errors.HfHubHTTPError: 403 Forbidden: Discussions are disabled for this repo.",
    ),
    (
        "a preset that is optional",
        "common_download_file_single_online: HEAD failed, status: 404\nno remote preset found, skipping\nmain: model loaded",
    ),
    (
        "an old Docker",
        "Error response from daemon: client version 1.22 is too old. Minimum supported API version is 1.24, please upgrade",
    ),
)
