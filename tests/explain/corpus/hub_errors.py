"""Errors of the Hub as its libraries print them, with what they mean. Names and ids are made up."""

# ruff: noqa: E501 - what others print is as long as it is

from __future__ import annotations

from dataclasses import dataclass

M = "acme/tiny-7b"
URL = f"https://huggingface.co/{M}/resolve/main/config.json"
ID = "(Request ID: Root=1-68dc0ffe-1c2d3e4f5a6b7c8d9e0f1a2b;01234567-89ab-cdef-0123-456789abcdef)"
NO_TOKEN = (
    f"Access to model {M} is restricted. You must have access to it and be authenticated to access it. Please log in."
)
NOT_ASKED = (
    f"Access to model {M} is restricted and you are not in the authorized list. Visit https://huggingface.co/{M} to "
    "ask for access."
)
PENDING = f"Your request to access model {M} is awaiting a review from the repo authors."
REJECTED = f"Your request to access model {M} has been rejected by the repo's authors."
RESET = (
    f"Your request to access model {M} has been reset by the repo's authors. Visit https://huggingface.co/{M} to "
    "submit a new request."
)
FINE = "Please enable access to public gated repositories in your fine-grained token settings to view this repository."


@dataclass(frozen=True)
class Case:
    """A text and its verdict. `sure` None: the text does not decide it, so it must not be asserted either way."""

    name: str
    text: str
    verdict: str
    model: str | None = M
    sure: bool | None = None


def frames(*names: str) -> str:
    return "Traceback (most recent call last):\n" + "\n".join(
        f'  File "/usr/local/lib/python3.12/site-packages/{name}", line {100 + i}, in f\n    result = call(*args)'
        for i, name in enumerate(names)
    )


def gated(status: int, said: str, *, version: str = "2") -> str:
    """What hf_hub_download of a gated file leaves on the screen, by huggingface_hub's major version."""
    reason = {401: "Unauthorized", 403: "Forbidden"}[status]
    module = "huggingface_hub.utils._errors" if version == "0" else "huggingface_hub.errors"
    if version == "2":
        first = f"httpx2.HTTPStatusError: Client error '{status} {reason}' for url '{URL}'"
        more = f"\nFor more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/{status}"
    else:
        first, more = f"requests.exceptions.HTTPError: {status} Client Error: {reason} for url: {URL}", ""
    return (
        f"{frames('huggingface_hub/utils/_http.py')}\n{first}{more}\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        f"{frames('app.py', 'huggingface_hub/file_download.py')}\n"
        f"{module}.GatedRepoError: {status} Client Error. {ID}\n\nCannot access gated repo for url {URL}.\n{said}"
    )


def transformers(status: int, said: str) -> str:
    return (
        f"{gated(status, said)}\n\nThe above exception was the direct cause of the following exception:\n\n"
        f"{frames('transformers/utils/hub.py')}\nOSError: You are trying to access a gated repo.\n"
        f"Make sure to have access to it at https://huggingface.co/{M}.\n{status} Client Error. {ID}\n\n"
        f"Cannot access gated repo for url {URL}.\n{said}"
    )


def missing(status: int, last: str = "") -> str:
    return (
        f"huggingface_hub.errors.RepositoryNotFoundError: {status} Client Error. {ID}\n\n"
        f"Repository Not Found for url: https://huggingface.co/api/models/{M}/revision/main.\n"
        "Please make sure you specified the correct `repo_id` and `repo_type`.\n"
        "If you are trying to access a private or gated repo, make sure you are authenticated.\n" + last
    )


NOT_AN_IDENTIFIER = (
    f"OSError: {M} is not a local folder and is not a valid model identifier listed on "
    "'https://huggingface.co/models'\nIf this is a private repository, make sure to pass a token having permission "
    "to this repo either by logging in with `hf auth login` or by passing `token=<your_token>`"
)
NOT_CONNECTED = (
    "OSError: We couldn't connect to 'https://huggingface.co' to load the files, and couldn't find them in the cached "
    "files.\nCheck your internet connection or see how to run the library in offline mode at "
    "'https://huggingface.co/docs/transformers/installation#offline-mode'."
)

HUB_ERRORS: tuple[Case, ...] = (
    Case("gated, hub 0.x", gated(401, NO_TOKEN, version="0"), "no_token", sure=True),
    Case("gated, hub 1.x", gated(401, NO_TOKEN, version="1"), "no_token", sure=True),
    Case("gated, hub 2.x", gated(401, NO_TOKEN), "no_token", sure=True),
    Case("gated, transformers", transformers(401, NO_TOKEN), "no_token", sure=True),
    Case(
        "gated, words of 2024",
        gated(401, f"Access to model {M} is restricted. You must be authenticated to access it.", version="0"),
        "no_token",
        sure=True,
    ),
    Case(
        "gated, words of 2023",
        f"Cannot access gated repo for url https://huggingface.co/api/models/{M}.\n"
        f"Repo model {M} is gated. You must be authenticated to access it.",
        "no_token",
        sure=True,
    ),
    Case("not asked, hub 0.x", gated(403, NOT_ASKED, version="0"), "not_requested", sure=True),
    Case("not asked, hub 2.x", gated(403, NOT_ASKED), "not_requested", sure=True),
    Case("not asked, transformers", transformers(403, NOT_ASKED), "not_requested", sure=True),
    Case("pending, hub 2.x", gated(403, PENDING), "pending_review", sure=True),
    Case("pending, transformers", transformers(403, PENDING), "pending_review", sure=True),
    Case("rejected", gated(403, REJECTED), "rejected", sure=True),
    Case("rejected, hub 1.x", gated(403, REJECTED, version="1"), "rejected", sure=True),
    Case("reset", gated(403, RESET), "reset", sure=True),
    Case(
        "fine-grained, hub 2.x",
        f"{frames('huggingface_hub/utils/_http.py')}\nhuggingface_hub.errors.HfHubHTTPError: {ID}\n\n403 Forbidden: "
        f"{FINE}\nCannot access content at: {URL}.\nMake sure your token has the correct permissions.",
        "fine_grained_lacks_gated",
        sure=True,
    ),
    Case(
        "fine-grained, misleading transformers",
        f"huggingface_hub.errors.HfHubHTTPError: (Request ID: x)\n\n403 Forbidden: {FINE}\nCannot access content at: "
        f"{URL}.\n\nThe above exception was the direct cause of the following exception:\n\n"
        "huggingface_hub.errors.LocalEntryNotFoundError: An error happened while trying to locate the file on the Hub "
        "and we cannot find the requested files in the local cache. Please check your connection and try again.\n\n"
        f"{NOT_CONNECTED}",
        "fine_grained_lacks_gated",
        sure=True,
    ),
    Case("gated, cut before the words", gated(401, "").rstrip(), "no_token"),
    Case("403 gated, cut before the words", gated(403, "").rstrip(), "not_requested", sure=False),
    Case(
        "gated, first line of transformers only",
        f"OSError: You are trying to access a gated repo.\nMake sure to have access to it at https://huggingface.co/{M}.",
        "no_token",
        sure=False,
    ),
    Case(
        "gated, transformers 4.35",
        "OSError: You are trying to access a gated repo.\nMake sure to request access at "
        f"https://huggingface.co/{M} and pass a token having permission to this repo either by logging in with "
        "`huggingface-cli login` or by passing `token=<your_token>`.",
        "no_token",
        sure=False,
    ),
    Case(
        "no token at all",
        f"{frames('huggingface_hub/utils/_headers.py')}\nhuggingface_hub.errors.LocalTokenNotFoundError: Token is "
        "required (`token=True`), but no token found. You need to provide a token or be logged in to Hugging Face with "
        "`hf auth login` or `huggingface_hub.login`. See https://huggingface.co/settings/tokens.",
        "no_token",
        model=None,
        sure=True,
    ),
    Case(
        "no token at all, transformers 4.25",
        "OSError: Token is required (`token=True`), but no token found. You need to provide a token or be logged in to "
        "Hugging Face with `huggingface-cli login` or `huggingface_hub.login`.",
        "no_token",
        model=None,
        sure=True,
    ),
    Case(
        "an empty token",
        f"{frames('huggingface_hub/utils/_http.py', 'httpx2/_transports/default.py')}\n"
        "httpx2.LocalProtocolError: Illegal header value b'Bearer '",
        "no_token",
        model=None,
        sure=True,
    ),
    Case(
        "dead token, public model, 2025",
        f"{missing(401, 'Invalid credentials in Authorization header')}",
        "invalid_token",
        sure=True,
    ),
    Case(
        "dead token, transformers hides it",
        f"requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: {URL}\n\n"
        f"{missing(401, 'Invalid credentials in Authorization header')}\n\n{NOT_AN_IDENTIFIER}",
        "invalid_token",
        sure=True,
    ),
    Case(
        "whoami of a dead token",
        "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://huggingface.co/api/whoami-v2\n"
        "\nThe above exception was the direct cause of the following exception:\n\n"
        "huggingface_hub.errors.HfHubHTTPError: Invalid user token. The token from HF_TOKEN environment variable is "
        "invalid. Note that HF_TOKEN takes precedence over `hf auth login`.",
        "invalid_token",
        model=None,
        sure=True,
    ),
    Case(
        "whoami of a dead token, 2023",
        "requests.exceptions.HTTPError: Invalid user token. If you didn't pass a user token, make sure you are properly "
        "logged in by executing `huggingface-cli login`, and if you did pass a user token, double-check it's correct.",
        "invalid_token",
        model=None,
        sure=True,
    ),
    Case("login with nonsense", "ValueError: Invalid token passed!", "invalid_token", model=None, sure=True),
    Case(
        "expired",
        f"huggingface_hub.errors.HfHubHTTPError: 401 Client Error: Unauthorized for url: {URL} {ID}\n\nUser Access Token "
        '"deploy-2025" is expired',
        "expired_token",
        sure=True,
    ),
    Case(
        "expired, and whoami says invalid",
        'HfHubHTTPError: Invalid user token. The token from ... is invalid.\nX-Error-Message: User Access Token "ci" is '
        "expired",
        "expired_token",
        model=None,
        sure=True,
    ),
    Case(
        "expired browser login",
        "Your Hugging Face access token has expired and could not be refreshed. Please run `hf auth login` again.",
        "expired_token",
        model=None,
        sure=True,
    ),
    Case("missing or private, nobody", missing(401, "Invalid username or password."), "private_or_missing", sure=False),
    Case("missing or private, logged in", missing(404, "Repository not found"), "missing_or_private", sure=True),
    Case("missing, no last line", missing(404), "missing_or_private", sure=True),
    Case("not a valid identifier, nothing else", NOT_AN_IDENTIFIER, "private_or_missing", sure=False),
    Case(
        "not a valid identifier, behind a 404",
        f"{missing(404, 'Repository not found')}\n\n{NOT_AN_IDENTIFIER}",
        "missing_or_private",
        sure=True,
    ),
    Case(
        "not a valid identifier, transformers 4.30",
        f"OSError: {M} is not a local folder and is not a valid model identifier listed on "
        "'https://huggingface.co/models'\nIf this is a private repository, make sure to pass a token having permission "
        "to this repo with `use_auth_token` or log in with `huggingface-cli login` and pass `use_auth_token=True`.",
        "private_or_missing",
        sure=False,
    ),
    Case(
        "revision, transformers",
        "OSError: v9 is not a valid git identifier (branch name, tag name or commit id) that exists for this model "
        f"name. Check the model page at 'https://huggingface.co/{M}' for available revisions.",
        "revision_missing",
        sure=True,
    ),
    Case(
        "revision, hub",
        f"huggingface_hub.errors.RevisionNotFoundError: 404 Client Error. {ID}\n\nRevision Not Found for url: "
        f"https://huggingface.co/{M}/resolve/v9/config.json.\nInvalid rev id: v9",
        "revision_missing",
        sure=True,
    ),
    Case(
        "file, hub",
        f"huggingface_hub.errors.RemoteEntryNotFoundError: 404 Client Error. {ID}\n\nEntry Not Found for url: "
        f"https://huggingface.co/{M}/resolve/main/nosuch.bin.",
        "file_missing",
        sure=True,
    ),
    Case(
        "file, transformers",
        f"OSError: {M} does not appear to have a file named config.json. Checkout "
        f"'https://huggingface.co/{M}/tree/main' for available files.",
        "file_missing",
        sure=True,
    ),
    Case(
        "weights, transformers",
        f"OSError: {M} does not appear to have a file named pytorch_model.bin, model.safetensors, tf_model.h5, "
        "model.ckpt or flax_model.msgpack.",
        "weights_missing",
        sure=True,
    ),
    Case(
        "weights in a folder",
        "OSError: Error no file named model.safetensors, or pytorch_model.bin, found in directory ./checkpoints/last.",
        "weights_missing",
        model=None,
        sure=False,
    ),
    Case(
        "disabled",
        f"huggingface_hub.errors.DisabledRepoError: 403 Client Error. {ID}\n\nCannot access repository for url "
        f"https://huggingface.co/api/models/{M}/revision/main.\nAccess to this resource is disabled.",
        "repo_disabled",
        sure=True,
    ),
    Case(
        "region",
        f"huggingface_hub.errors.HfHubHTTPError: 403 Forbidden: This model is not available in your region..\nCannot "
        f"access content at: {URL}.",
        "region_blocked",
        sure=True,
    ),
    Case(
        "organisation, not approved",
        "HfHubHTTPError: 403 Forbidden: Due to the organization token policy, your token needs to be approved by the "
        "organization before you can access this resource.",
        "org_policy",
        model=None,
        sure=True,
    ),
    Case(
        "organisation, revoked",
        "403 Forbidden: Your token has been revoked by the organization administrator, you can no longer access "
        "organization resources. Please contact them for more information.",
        "org_policy",
        model=None,
        sure=True,
    ),
    Case(
        "upload with a read token",
        "huggingface_hub.errors.HfHubHTTPError: 403 Forbidden: you must use a write token to upload to a repository..\n"
        f"Cannot access content at: https://huggingface.co/{M}.git/info/lfs/objects/batch.",
        "wrong_token_scope",
        sure=True,
    ),
    Case(
        "inference without permission",
        "403 Forbidden: This authentication method does not have sufficient permissions to call Inference Providers on "
        "behalf of user alice.\nCannot access content at: https://router.huggingface.co/v1/chat/completions.",
        "wrong_token_scope",
        model=None,
        sure=True,
    ),
    Case(
        "429 of a model file",
        f"requests.exceptions.HTTPError: 429 Client Error: Too Many Requests for url: {URL}",
        "rate_limited",
        sure=True,
    ),
    Case(
        "429, transformers",
        f"OSError: There was a specific connection error when trying to load {M}:\n429 Client Error: Too Many Requests "
        f"for url: {URL}",
        "rate_limited",
        sure=True,
    ),
    Case(
        "429, by address",
        "We had to rate limit your IP (203.0.113.7). To continue using our service, create a HF account or login to your "
        "existing account, and make sure you pass a HF_TOKEN if you're using the API.",
        "rate_limited",
        model=None,
        sure=True,
    ),
    Case(
        "429, quota",
        "We had to rate limit you, you hit the quota of 1000 api requests per 5 minutes period. Upgrade to a PRO user "
        "or Team/Enterprise organization account (https://hf.co/pricing) to get higher limits.",
        "rate_limited",
        model=None,
        sure=True,
    ),
    Case("not connected, nothing else", NOT_CONNECTED, "hub_unreachable", model=None, sure=False),
    Case(
        "not connected, name",
        "requests.exceptions.ConnectionError: (MaxRetryError(\"HTTPSConnectionPool(host='huggingface.co', port=443): Max "
        f'retries exceeded with url: /{M}/resolve/main/config.json (Caused by NameResolutionError(\\"Failed to resolve '
        f"'huggingface.co' ([Errno -3] Temporary failure in name resolution)\\\"))\"))\n\n{NOT_CONNECTED}",
        "hub_unreachable",
        model=None,
        sure=True,
    ),
    Case(
        "certificate",
        "requests.exceptions.SSLError: (MaxRetryError(\"HTTPSConnectionPool(host='huggingface.co', port=443): Max retries "
        "exceeded with url: /acme/tiny-7b/resolve/main/config.json (Caused by SSLError(SSLCertVerificationError(1, '[SSL: "
        "CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain "
        "(_ssl.c:1129)')))\"), '(Request ID: 6176ce77)')",
        "hub_unreachable",
        model=None,
        sure=True,
    ),
    Case(
        "proxy",
        "ProxyError: (MaxRetryError(\"HTTPSConnectionPool(host='huggingface.co', port=443): Max retries exceeded with url: "
        "/api/models/acme/tiny-7b (Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: "
        "403 Forbidden')))\"))",
        "hub_unreachable",
        model=None,
        sure=True,
    ),
    Case(
        "offline",
        "huggingface_hub.errors.OfflineModeIsEnabled: Cannot reach "
        f"{URL}: offline mode is enabled. To disable it, please unset the `HF_HUB_OFFLINE` environment variable.",
        "hub_unreachable",
        sure=True,
    ),
    Case(
        "outage",
        "requests.exceptions.HTTPError: 504 Server Error: Gateway Time-out for url: "
        f"https://huggingface.co/api/models/{M}",
        "hub_unreachable",
        sure=True,
    ),
    Case(
        "storage",
        "RuntimeError: Data processing error: CAS service error : ReqwestMiddleware Error: Request failed after 5 "
        "retries",
        "hub_unreachable",
        model=None,
        sure=True,
    ),
)
