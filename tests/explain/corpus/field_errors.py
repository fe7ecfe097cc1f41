"""Errors from the field whose speaker matters: storage, datasets, spaces, writes, header rules, sentences pasted alone."""

# ruff: noqa: E501 - what others print is as long as it is

from __future__ import annotations

from tests.explain.corpus.hub_errors import FINE, ID, Case, M

XET = "https://cas-server.xethub.hf.co/v1/reconstructions/5b0ec7"
SET = "acme/tiny-set"
PLACE = "acme/tiny-place"
TOKEN = "hf_…wxYZ"

STORAGE: tuple[Case, ...] = tuple(
    Case(f"storage, {name}", text, "hub_unreachable", None, sure=False)
    for name, text in (
        (
            "hf-xet, 401",
            f'  File "/venv/huggingface_hub/file_download.py", line 480, in xet_get\n    download_files(\nRuntimeError: Data processing error: CAS service error : Reqwest Error: HTTP status client error (401 Unauthorized), domain: {XET}',
        ),
        (
            "hf-xet, 401, cut short",
            "Data processing error: CAS service error : Reqwest Error: HTTP status client error (401 Unauthorized),",
        ),
        (
            "hf-xet, 403 of a block",
            "RuntimeError: Data processing error: Task error: HTTP status client error (403 Forbidden), domain: https://transfer.xethub.hf.co/xorbs/default/77aa",
        ),
        (
            "hf-xet, 416",
            f"RuntimeError: CAS Client Error: Request Error: HTTP status client error (416 Range Not Satisfiable), domain: {XET}",
        ),
        (
            "hf-xet, 503",
            f"RuntimeError: Data processing error: CAS service error : Reqwest Error: HTTP status server error (503 Service Unavailable), domain: {XET}",
        ),
        (
            "hf-xet, a hash",
            "$ hf download acme/tiny-7b --local-dir w\nhuggingface_hub: RuntimeError: Task error: Unable to parse string as hex hash value".replace(
                "acme/tiny-7b", "-"
            ),
        ),
        (
            "requests, a signed address",
            "requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://cdn-lfs-us-1.hf.co/repos/aa/bb/0d1e?X-Amz-Expires=3600",
        ),
        (
            "httpx, a bridge",
            "httpx.HTTPStatusError: Client error '403 Forbidden' for url 'https://cas-bridge.xethub.hf.co/xet-bridge-us/66b/9f?Expires=1'",
        ),
        (
            "curl, a delivery network",
            "$ curl -fL https://us.aws.cdn.hf.co/xet-bridge-us/1/2 -o w.gguf\ncurl: (22) The requested URL returned error: 403",
        ),
        (
            "a key pair",
            "HTTP/2 403\nurl: https://us.gcp.cdn.hf.co/xet-bridge-us/66aa/0b1c\nSignatureError: invalid key pair id",
        ),
        (
            "wget, an old address",
            "--2026-11-02 08:00:01--  https://cdn-lfs.huggingface.co/repos/aa/1\nHTTP request sent, awaiting response... 403 Forbidden",
        ),
        (
            "git-lfs, S3",
            "Downloading LFS objects:   0% (0/1)\nLFS: Authorization error: https://s3.us-east-1.amazonaws.com/lfs.huggingface.co/repos/aa/bb/1?X-Amz-Expires=900",
        ),
    )
)

MIRRORS: tuple[Case, ...] = (
    Case(
        "a mirror, no length",
        "huggingface_hub.errors.FileMetadataError: Distant resource does not have a Content-Length.",
        "hub_unreachable",
        None,
        sure=False,
    ),
    Case(
        "a mirror, words of 2026",
        f"huggingface_hub.errors.FileMetadataError: Response from https://mirror.acme.example/{M}/resolve/main/config.json is missing the 'X-Repo-Commit' header, so it does not seem to be served by a Hugging Face Hub endpoint. If HF_ENDPOINT is set, check that it points to a Hub-compatible endpoint.",
        "hub_unreachable",
        sure=False,
    ),
    Case(
        "an upload that S3 refuses",
        "requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://hf-hub-lfs-us-east-1.s3-accelerate.amazonaws.com/repos/aa/bb/1?X-Amz-Expires=900\nHfHubHTTPError: 403 Forbidden: None.\nCannot access content at: https://hf-hub-lfs-us-east-1.s3-accelerate.amazonaws.com/repos/aa/bb/1.\nMake sure your token has the correct permissions.",
        "hub_unreachable",
        None,
        sure=False,
    ),
)

DATASETS: tuple[Case, ...] = (
    Case(
        "dataset, datasets 3, any 403",
        f"datasets.exceptions.DatasetNotFoundError: Dataset '{SET}' is a gated dataset on the Hub. Visit the dataset page at https://huggingface.co/datasets/{SET} to ask for access.",
        "not_requested",
        SET,
        sure=False,
    ),
    Case(
        "dataset, the Hub's own words",
        f"huggingface_hub.errors.GatedRepoError: 403 Client Error. {ID}\n\nCannot access gated repo for url https://huggingface.co/datasets/{SET}/resolve/main/train.parquet.\nAccess to dataset {SET} is restricted and you are not in the authorized list. Visit https://huggingface.co/datasets/{SET} to ask for access.",
        "not_requested",
        SET,
        sure=True,
    ),
    Case(
        "dataset, nobody logged in",
        f"GatedRepoError: 401 Client Error. {ID}\n\nCannot access gated repo for url https://huggingface.co/datasets/{SET}/resolve/main/a.csv.\nAccess to dataset {SET} is restricted. You must have access to it and be authenticated to access it. Please log in.",
        "no_token",
        SET,
        sure=True,
    ),
    Case(
        "dataset, pending",
        f"Your request to access dataset {SET} is awaiting a review from the repo authors.",
        "pending_review",
        SET,
        sure=True,
    ),
    Case(
        "dataset, missing",
        f"RepositoryNotFoundError: 404 Client Error. {ID}\n\nRepository Not Found for url: https://huggingface.co/api/datasets/{SET}/revision/main.",
        "missing_or_private",
        SET,
        sure=True,
    ),
    Case(
        "dataset, bare 401",
        f"aiohttp.client_exceptions.ClientResponseError: 401, message='Unauthorized', url=URL('https://huggingface.co/datasets/{SET}/resolve/main/b.parquet')",
        "private_or_missing",
        SET,
        sure=False,
    ),
    Case(
        "dataset, too fast",
        f"HfHubHTTPError: 429 Client Error: Too Many Requests for url: https://huggingface.co/api/datasets/{SET}/paths-info/main",
        "rate_limited",
        SET,
        sure=True,
    ),
    Case(
        "dataset, a revision",
        f"RevisionNotFoundError: 404 Client Error. {ID}\n\nRevision Not Found for url: https://huggingface.co/api/datasets/{SET}/revision/v9.\nInvalid rev id: v9",
        "revision_missing",
        SET,
        sure=True,
    ),
    Case(
        "space, missing",
        f"RepositoryNotFoundError: 401 Client Error. {ID}\n\nRepository Not Found for url: https://huggingface.co/api/spaces/{PLACE}.",
        "private_or_missing",
        PLACE,
        sure=False,
    ),
    Case(
        "space, gradio",
        f"Fetching Space from: https://huggingface.co/spaces/{PLACE}\nValueError: Could not load the Space: {PLACE}",
        "private_or_missing",
        PLACE,
        sure=False,
    ),
    Case(
        "space, a file",
        f"requests.exceptions.HTTPError: 404 Client Error: Not Found for url: https://huggingface.co/spaces/{PLACE}/resolve/main/app2.py",
        "file_missing",
        PLACE,
        sure=False,
    ),
)

WRITES: tuple[Case, ...] = (
    Case(
        "write, somebody else's organisation",
        'huggingface_hub.errors.HfHubHTTPError: 403 Forbidden: You don\'t have the rights to create a model under the namespace "big-lab".\nCannot access content at: https://huggingface.co/api/repos/create.\nMake sure your token has the correct permissions.',
        "wrong_token_scope",
        None,
        sure=False,
    ),
    Case(
        "write, an organisation of 2022",
        "403 Client Error: Forbidden for url: https://huggingface.co/api/repos/create - You don't have the rights to create a dataset under this namespace",
        "wrong_token_scope",
        None,
        sure=False,
    ),
    Case(
        "write, a route alone",
        "httpx.HTTPStatusError: Client error '403 Forbidden' for url 'https://huggingface.co/api/repos/create'",
        "wrong_token_scope",
        None,
        sure=False,
    ),
    Case(
        "write, a commit",
        f"requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://huggingface.co/api/models/{M}/commit/main",
        "wrong_token_scope",
        sure=False,
    ),
    Case(
        "write, an upload",
        f"HfHubHTTPError: {ID}\n\n403 Forbidden: Authorization error..\nCannot access content at: https://huggingface.co/api/models/{M}/preupload/main.\nMake sure your token has the correct permissions.",
        "wrong_token_scope",
        sure=False,
    ),
    Case(
        "write, nobody",
        f"requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://huggingface.co/api/datasets/{SET}/preupload/main",
        "invalid_token",
        SET,
        sure=False,
    ),
    Case(
        "write, git push",
        "remote: Your push was rejected for the following reasons:\nremote: DENIED update refs/heads/main: forbidden\nTo https://huggingface.co/acme/tiny-7b\n ! [remote rejected] main -> main (pre-receive hook declined)",
        "wrong_token_scope",
        sure=False,
    ),
    Case(
        "write, git-lfs",
        f"Uploading LFS objects:   0% (0/1), 0 B | 0 B/s, done.\nbatch response: Authorization error.\nerror: failed to push some refs to 'https://huggingface.co/{M}'",
        "wrong_token_scope",
        sure=False,
    ),
    Case(
        "write, git-lfs of a library",
        f"HTTPError: 403 Client Error: Forbidden for url: https://huggingface.co/{M}.git/info/lfs/objects/batch",
        "blocked_other",
        sure=False,
    ),
    Case(
        "write, a read token",
        "HfHubHTTPError: 403 Forbidden: You must use a write token to upload to a repository.",
        "wrong_token_scope",
        None,
        sure=True,
    ),
)

_HUB = 'Post "https://router.huggingface.co/v1/chat/completions": '
HEADERS: tuple[Case, ...] = tuple(
    Case(f"header, {name}", text, "invalid_token", None, sure=sure)
    for name, text, sure in (
        (
            "requests",
            f"requests.exceptions.InvalidHeader: Invalid leading whitespace, reserved character(s), or return character(s) in header value: 'Bearer {TOKEN}\\n'",
            True,
        ),
        ("http.client", f"ValueError: Invalid header value b'Bearer {TOKEN}\\n'", True),
        ("httpx", f"httpx.LocalProtocolError: Illegal header value b'Bearer {TOKEN} '", True),
        (
            "aiohttp",
            '  File "/venv/huggingface_hub/inference/_generated/_async_client.py", line 290, in post\nValueError: Newline, carriage return, or null byte detected in headers. Potential header injection attack.',
            False,
        ),
        ("undici", f'TypeError: Headers.append: "Bearer {TOKEN}\n" is an invalid header value.', True),
        (
            "Node",
            'TypeError [ERR_INVALID_CHAR]: Invalid character in header content ["authorization"]\n    at fetch (node_modules/@huggingface/hub/dist/index.js:1:1)\nhttps://huggingface.co/api/whoami',
            False,
        ),
        (
            "a letter, fetch",
            "import { InferenceClient } from '@huggingface/inference'\nTypeError: Cannot convert argument to a ByteString because the character at index 10 has a value of 8230 which is greater than 255.",
            False,
        ),
        ("Go", _HUB + 'net/http: invalid header field value for "Authorization"', False),
        (
            "reqwest",
            "Error: request error: builder error: failed to parse header value\n  url: https://huggingface.co/acme/tiny-7b".replace(
                "/acme/tiny-7b", "/"
            ),
            False,
        ),
        ("ureq", f"Bad Header: invalid header 'Authorization: Bearer {TOKEN}\\n'", True),
        ("java.net.http", f'java.lang.IllegalArgumentException: invalid header value: "Bearer {TOKEN}\n"', True),
        (
            "OkHttp",
            f"java.lang.IllegalArgumentException: Unexpected char 0x0a at 44 in Authorization value: Bearer {TOKEN}",
            True,
        ),
        (
            "Ktor",
            f"io.ktor.http.IllegalHeaderValueException: Header value 'Bearer {TOKEN}\n' contains illegal character '\\n' (code 10)",
            True,
        ),
        (
            ".NET",
            "System.FormatException: New-line characters are not allowed in header values.\n   at Microsoft.SemanticKernel.Connectors.HuggingFace.HuggingFaceClient.SendAsync",
            False,
        ),
        (
            "Ruby",
            'ArgumentError (header Authorization has field value "Bearer x\\n", this cannot include CR/LF)\nGET https://huggingface.co/api/whoami-v2',
            False,
        ),
        ("guzzle", f'InvalidArgumentException: "Bearer {TOKEN}\n" is not valid header value.', True),
    )
)

BARE: tuple[Case, ...] = (
    Case("alone, credentials", "Invalid credentials in Authorization header", "invalid_token", None, sure=False),
    Case(
        "alone, credentials in a log",
        "ERROR: Failed to load model: Invalid credentials in Authorization header",
        "invalid_token",
        None,
        sure=False,
    ),
    Case(
        "alone, credentials and a status",
        "Error: 401 Unauthorized: Invalid credentials in Authorization header",
        "invalid_token",
        None,
        sure=False,
    ),
    Case("alone, a password", "Invalid username or password.", "private_or_missing", None, sure=False),
    Case(
        "alone, a password in a log",
        "2026-11-20 10:11:12 ERROR download: Invalid username or password.",
        "private_or_missing",
        None,
        sure=False,
    ),
    Case(
        "alone, pending, the website",
        "Your request to access this repo has been successfully submitted, and is pending a review from the repo's authors.",
        "pending_review",
        None,
        sure=False,
    ),
    Case(
        "alone, pending, cut short", "is pending a review from the repo's authors", "pending_review", None, sure=False
    ),
    Case("alone, restricted", f"Access to model {M} is restricted", "no_token", sure=False),
    Case("alone, a restricted dataset", f"Access to dataset {SET} is restricted", "no_token", SET, sure=False),
    Case("alone, fine-grained", FINE, "fine_grained_lacks_gated", None, sure=True),
    Case("alone, a region", "This model is not available in your region.", "region_blocked", None, sure=False),
    Case("alone, Swift", "Error: authorizationRequired", "no_token", None, sure=False),
    Case(
        "Swift, a model",
        f"Downloading {M}\nError: The operation couldn't be completed. (Hub.Hub.HubClientError error 1.)\nFatal error: 'try!' expression unexpectedly raised an error: Hub.Hub.HubClientError.authorizationRequired",
        "no_token",
        sure=False,
    ),
    Case("Swift, a status", "Hub.Hub.HubClientError.httpStatusCode(404)", "missing_or_private", None, sure=False),
    Case(
        "R, hfhub",
        f"Error: Access denied to gated repository.\nℹ This model requires accepting a license agreement.\nℹ Visit <https://huggingface.co/{M}> to accept the terms.",
        "no_token",
        sure=False,
    ),
    Case(
        "a model without an owner",
        "RequestError(Status(401, Response[status: 401, status_text: Unauthorized, url: https://huggingface.co/bert-tiny/resolve/main/config.json]))",
        "private_or_missing",
        "bert-tiny",
        sure=False,
    ),
)

FIELD_ERRORS: tuple[Case, ...] = (*STORAGE, *MIRRORS, *DATASETS, *WRITES, *HEADERS, *BARE)

FIELD_LOOKALIKES: tuple[tuple[str, str], ...] = (
    (
        "a header of another service, Go",
        'error: Post "https://api.github.com/graphql": net/http: invalid header field value for "Authorization"',
    ),
    (
        "a header of a mail",
        "SEND_FAIL: Cannot convert argument to a ByteString because the character at index 7 has a value of 65279 which is greater than 255.",
    ),
    (
        "a header of another service, Node",
        'TypeError [ERR_INVALID_CHAR]: Invalid character in header content ["authorization"]\nPOST https://api.openai.com/v1/chat/completions',
    ),
    (
        "a title in a header",
        "requests.exceptions.InvalidHeader: Invalid leading whitespace, reserved character(s), or return character(s) in header value: 'Monthly report\\n'",
    ),
    (
        "a server of one's own refuses headers",
        "ValueError: Newline or carriage return detected in headers. Potential header injection attack.\nresponse.headers['X-Title'] = title",
    ),
    (
        "git push, another host",
        "remote: error: GH006: Protected branch update failed for refs/heads/main.\nTo https://github.com/acme/repo\n ! [remote rejected] main -> main (pre-receive hook declined)",
    ),
    (
        "git-lfs, another host",
        "batch response: Authorization error: http://bitbucket.acme.example/scm/di/deep.git/info/lfs/objects/batch\nCheck that you have proper access to the repository",
    ),
    (
        "a password, GitHub",
        "remote: Invalid username or password.\nfatal: Authentication failed for 'https://github.com/acme/repo.git/'",
    ),
    (
        "a password, a registry",
        'Error response from daemon: Get "https://registry.acme.example/v2/": unauthorized: Invalid username or password.',
    ),
    ("a password, Jenkins", "Jenkins: Invalid username or password."),
    (
        "a password, mail",
        "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Invalid username or password. https://support.acme.example/mail')",
    ),
    (
        "credentials of an API",
        '{"error": "Invalid credentials in Authorization header", "docs": "https://api.acme.example/docs/auth"}',
    ),
    ("Ollama's own registry", "# ollama run llama3\npulling manifest \nError: pull model manifest: 401"),
    (
        "S3 of one's own",
        "403 Forbidden\nSignatureDoesNotMatch\nhttps://models.s3.amazonaws.com/tiny/model.safetensors?X-Amz-Signature=1",
    ),
    (
        "a delivery network of others",
        "HTTP status client error (403 Forbidden) for url (https://cdn.acme.example/xet-bridge/1)",
    ),
    ("a review of a merge request", "This merge request is pending a review from the code owners."),
    ("access to a folder", "Access to folder /srv/models is restricted"),
    ("rights in a database", "ERROR: You don't have the rights to drop a table under this schema"),
    (
        "Swift, another error",
        "Fatal error: 'try!' expression unexpectedly raised an error: MusicKit.MusicAuthorization.Status.notDetermined",
    ),
)
