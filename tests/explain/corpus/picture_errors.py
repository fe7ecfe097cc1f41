"""Texts that were tried in November 2026 on rules that had never seen them, and were not known, or taken for errors:
read from a picture, with the status apart from its address, or only talked of."""

# ruff: noqa: E501 - what others print is as long as it is

from __future__ import annotations

from tests.explain.corpus.hub_errors import URL, Case, M

PICTURE_ERRORS: tuple[Case, ...] = (
    Case(
        "read from a picture: not a model",
        "OSError: acme/tiny-7b is not a loca1 fo1der and is not a va1id mode1 identifier listed on 'https://hugging face.co/models'\nIf this is a private repository. make sure to pass a token having permission",
        "private_or_missing",
        None,
        False,
    ),
    Case(
        "read from a picture: awaited",
        "403 C1ient Error\nYour request to access mode1 acme/tiny-7b is awa1ting a review fr0m the repo authors",
        "pending_review",
        None,
        False,
    ),
    Case(
        "read from a picture: memory",
        "torch.OutOfMemoryErr0r: CUDA 0ut of memory. Tried to a1locate 2.00 GiB",
        "out_of_gpu_memory",
        None,
        False,
    ),
    Case(
        "curled quotation marks and wide letters",
        "报错：OSError：acme/tiny-7b is not a local folder and is not a valid model identifier listed on ‘https://huggingface.co/models’。",
        "private_or_missing",
        M,
        False,
    ),
    Case(
        "PowerShell",
        f"Invoke-WebRequest {URL} -OutFile config.json\nInvoke-WebRequest : The remote server returned an error: (403) Forbidden.\nAt line:1 char:1\n+ CategoryInfo : InvalidOperation [Invoke-WebRequest], WebException",
        "blocked_other",
        M,
        False,
    ),
    Case("curl shows the head", f"curl -I {URL}\nHTTP/2 403\ncontent-type: text/plain", "blocked_other", M, False),
    Case(
        "axios", f"AxiosError: Request failed with status code 401\nurl: '{URL}',\nmethod: 'get'", "private_or_missing"
    ),
    Case(
        "Node, asked to slow down",
        f"Error: fetch failed: HTTP 429 from {URL}\nretry-after: 120",
        "rate_limited",
        M,
        False,
    ),
    Case("no such file, status elsewhere", f"unexpected status 404 while fetching {URL}", "file_missing", M, False),
    Case(
        "no such model, status elsewhere",
        f"unexpected status 404 while fetching https://huggingface.co/api/models/{M}/revision/main",
        "missing_or_private",
        M,
        False,
    ),
    Case("an outage, status elsewhere", f"failed: status code 503\nurl: {URL}", "hub_unreachable", M, False),
    Case(
        "Swift", f'Error Domain=NSURLErrorDomain Code=-1001 "The request timed out." {URL}', "hub_unreachable", M, False
    ),
    Case(
        "git-lfs",
        f"batch response: Authentication required: Authorization error: https://huggingface.co/{M}.git/info/lfs/objects/batch\nCheck that you have proper access to the repository",
        "private_or_missing",
        M,
        False,
    ),
    Case(
        "BuildKit alone",
        'ERROR: failed to solve: process "/bin/sh -c pip install flash-attn" did not complete successfully: exit code: 1',
        "image_build_failed",
        None,
        False,
    ),
    Case(
        "a build before BuildKit",
        "Step 5/9 : RUN pip install vllm\nThe command '/bin/sh -c pip install vllm' returned a non-zero code: 1",
        "image_build_failed",
        None,
        False,
    ),
    Case(
        "Modal token, cut short",
        "modal deploy app.py\nToken expired. Please run `modal token new`",
        "modal_auth",
        None,
        False,
    ),
    Case(
        "engines that do not answer",
        "TimeoutError: Timed out waiting for engines to send initial message on input socket. (vllm)",
        "startup_timeout",
        None,
        False,
    ),
    Case(
        "a string without end, and why",
        "json.decoder.JSONDecodeError: Unterminated string starting at: line 1 column 512 (char 511)\nfinish_reason=length",
        "output_truncated",
        None,
        False,
    ),
)

PICTURE_LOOKALIKES: tuple[tuple[str, str], ...] = (
    (
        "advice on an error",
        "## Troubleshooting\nIf you see 'Access to model X is restricted and you are not in the authorized list', ask for access.",
    ),
    ("advice on memory", "You may get 'CUDA out of memory' with bigger batches; training finished in 3 h."),
    (
        "a program that looks out for a refusal",
        "try:\n    download(repo)\nexcept GatedRepoError:\n    print('You are trying to access a gated repo. Please log in.')\nexcept RepositoryNotFoundError:\n    raise SystemExit('no')",
    ),
    (
        "a server refuses somebody, and a model comes from the Hub",
        f'INFO: 10.0.0.8:5123 - "POST /v1/chat/completions HTTP/1.1" 401 Unauthorized\nINFO model loaded from {URL}',
    ),
    (
        "another server, and the Hub before it",
        f"downloaded {URL}\nchecked\nPOST https://api.acme.example/v1/report failed with status code 403",
    ),
    ("another index, and the Hub after it", f"https://pypi.org/simple/foo/ status code 503\nfetched {URL}"),
    ("advice on an access token", "status code 403: see https://huggingface.co/docs/hub/security-tokens"),
)
