"""Sentences of the Hub, and of its client, that name their cause. November 2026."""

from __future__ import annotations

from wizard.core.explain.patterns.error_pattern import ErrorPattern

HUB: tuple[ErrorPattern, ...] = (
    ErrorPattern(
        "not_requested",
        (
            "is restricted and you are not in the authorized list",
            "is gated and you are not in the authorized list",
            "is restricted*{hub}* to ask for access",
        ),
        "Hub, live 2026-10, over git and ssh, too; error reports 2023-2026",
    ),
    ErrorPattern(
        "pending_review",
        ("your request to access*is awaiting a review", "access request*awaiting a review from the repo authors"),
        "Hub, live 2026-10",
    ),
    ErrorPattern("rejected", ("your request to access*has been rejected by the repo",), "Hub, live 2026-10"),
    ErrorPattern("reset", ("your request to access*has been reset by the repo",), "Hub, live 2026-10"),
    ErrorPattern("rejected", ("your request to access*has been rejected",), "Hub, cut short"),
    ErrorPattern("reset", ("your request to access*has been reset",), "Hub, cut short"),
    ErrorPattern(
        "fine_grained_lacks_gated",
        ("enable access to public gated repositories", "in your fine-grained token settings to view"),
        "Hub, error reports 2024-2026",
    ),
    ErrorPattern(
        "no_token",
        (
            "you must have access to it and be authenticated to access it",
            "is restricted. you must be authenticated to access it",
            "is gated. you must be authenticated to access it",
            "is a gated dataset on the hub. you must be authenticated",
        ),
        "Hub, wordings of 2023, 2024 and 2026",
    ),
    ErrorPattern(
        "no_token",
        (
            "token is required (`token=true`), but no token found",
            "token is required (`use_auth_token=true`), but no token found",
            "token is required but no token found",
            "localtokennotfounderror",
            "you need to provide a token or be logged in to hugging face",
            "not logged in. run 'hf auth login'",
            "not logged in. run `hf auth login`",
            "hf auth whoami not logged in",
            "huggingface-cli whoami not logged in",
        ),
        "huggingface_hub 0.11 to 2.4, and its command line",
    ),
    ErrorPattern("no_token", ("model access requires login",), "SD.Next 2024", sure=False, others=("not_requested",)),
    ErrorPattern(
        "expired_token",
        (
            'user access token "*" is expired',
            "your hugging face access token has expired",
            "the access token has expired*{hub}",
        ),
        "Hub, error reports 2025-2026; huggingface_hub 2.4",
    ),
    ErrorPattern("expired_token", ("user access token*is expired",), "Hub, without its quotation marks", near="hub"),
    ErrorPattern(
        "invalid_token",
        ("invalid credentials in authorization header",),
        "Hub, error reports 2024-2026",
        near="hub",
    ),
    ErrorPattern(
        "invalid_token",
        (
            "invalid user token. the token from",
            "invalid user token. if you didn't pass",
            "authorization header is correct, but the token seems invalid",
            "you must use your personal account token, not an organization token",
            "401 client error: unauthorized for url: {hub}/api/whoami",
        ),
        "huggingface_hub 0.10 to 2.4; Inference API",
    ),
    ErrorPattern(
        "invalid_token",
        ("invalid user token",),
        "huggingface_hub 0.10 to 2.4, cut short",
        near="hub",
    ),
    ErrorPattern("invalid_token", ("valueerror: invalid token passed!",), "huggingface_hub 0.10 to 0.36"),
    ErrorPattern(
        "invalid_token",
        ("password authentication in git is no longer supported",),
        "git over https, 2023",
        near="hub",
        sure=False,
        others=("no_token",),
    ),
    ErrorPattern("repo_disabled", ("disabledrepoerror",), "huggingface_hub 0.20 to 2.4"),
    ErrorPattern("repo_disabled", ("access to this resource is disabled",), "Hub, live 2026-10", near="hub"),
    ErrorPattern(
        "region_blocked", ("this model is not available in your region",), "Hub, error report 2026", near="hub"
    ),
    ErrorPattern(
        "org_policy",
        ("due to the organization token policy", "token has been revoked by the organization"),
        "Hub, error reports",
    ),
    ErrorPattern(
        "wrong_token_scope",
        (
            "does not have sufficient permissions to call inference providers",
            "missing permissions: repo.",
        ),
        "Hub and its Inference Providers, error reports 2023-2026",
    ),
    ErrorPattern(
        "blocked_other",
        ("you have read access but not the required permissions for this operation",),
        "Hub, live 2026-10",
    ),
    ErrorPattern(
        "rate_limited",
        (
            "429 client error: too many requests for url: {hub}",
            "429 client error*{hub}",
            "429 too many requests*{hub}",
            "{hub}*429 too many requests",
            "too many requests for url: {hub}",
            "429, message='too many requests', url=*{hub_host}",
            "/api/whoami-v2 - 429",
            "we had to rate limit your ip",
            "we had to rate limit you",
            "get_repo_files: error: get failed (429)",
            "get_repo_commit: error: get failed (429)",
        ),
        "Hub, error reports 2023-2026",
    ),
    ErrorPattern(
        "rate_limited",
        (
            "you have reached your * rate limit",
            "429 too many requests",
            "429 client error",
            "http error 429",
            "http/1.1 429",
            "http/2 429",
        ),
        "Hub, by way of curl, or cut short",
        near="hub",
        sure=False,
    ),
    ErrorPattern(
        "revision_missing",
        (
            "is not a valid git identifier (branch name",
            "revision not found for url",
            "revisionnotfounderror",
            "invalid rev id:",
            "revision not found in model '",
            "revision not found in dataset '",
            "revision not found. check the `revision` parameter",
            "revision not found in *. check the revision parameter",
        ),
        "transformers 4 and 5, huggingface_hub and its command line, Hub",
    ),
)
