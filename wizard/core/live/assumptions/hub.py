"""What this program assumes of the Hub's answers. "Recorded" is a public recording of the live Hub, 2026-10."""

from __future__ import annotations

from functools import partial

from wizard.core.live.assumption import Assumption

_hub = partial(Assumption, subject="hub")
_RULES = "wizard/core/access/wire_rules.py"
_CLIENT, _ANSWERS, _WIRE = (
    "wizard/services/hub/client.py",
    "wizard/services/hub/answers.py",
    "wizard/services/hub/wire.py",
)
_RECORDED, _DOCUMENTED, _REPORTED = "recorded 2026-10", "the Hub's documentation", "error reports, 2024-2026"

HUB: tuple[Assumption, ...] = (
    _hub(
        "hub-whoami",
        "`/api/whoami-v2` names the owner of an access token, and the kind of the token in `auth.type`",
        _CLIENT,
        _RECORDED,
        "asked with your access token",
    ),
    _hub(
        "hub-whoami-role",
        "`auth.accessToken.role` is `read`, `write` or `fineGrained`",
        "wizard/flow/access/check.py",
        "recorded 2026-10; huggingface.js",
        "asked with your access token",
    ),
    _hub(
        "hub-fine-grained",
        "a fine-grained access token says in `canReadGatedRepos` whether it reads gated models",
        _CLIENT,
        "the schema in Hugging Face's MCP server",
        "asked with your access token, where it is fine-grained",
    ),
    _hub(
        "hub-bad-token",
        "an access token that does not exist gets a 401 without a code, also for an open model",
        _RULES,
        _RECORDED,
        "the open model, asked with a token made up for this",
    ),
    _hub(
        "hub-missing-anonymous",
        "a repository that does not exist is a 401 without a code for somebody without an access token",
        _RULES,
        _RECORDED,
        "a name made up for this, asked without an access token",
    ),
    _hub(
        "hub-missing",
        "a repository that does not exist is a 404 `RepoNotFound` for somebody who is signed in",
        _RULES,
        _RECORDED,
        "a name made up for this, asked with your access token",
    ),
    _hub(
        "hub-gated-metadata",
        "what a gated model is can be read by everybody, without an access token",
        "wizard/flow/access/check.py",
        _RECORDED,
        "the gated model, asked without an access token",
    ),
    _hub(
        "hub-gated-value",
        "`gated` is `auto` or `manual` for a gated model, and false for an open one",
        _ANSWERS,
        _RECORDED,
        "both models",
    ),
    _hub(
        "hub-gated-code",
        "without an access token, the gate answers 401 with the code `GatedRepo`",
        _RULES,
        "recorded 2026-10; 20 error reports",
        "auth-check of the gated model without an access token",
    ),
    _hub(
        "hub-error-message",
        "a refusal says why in the header `X-Error-Message`",
        _WIRE,
        _RECORDED,
        "auth-check of the gated model without an access token",
    ),
    _hub(
        "hub-gated-file",
        "the gate stands before the weight files in the same way",
        _CLIENT,
        _RECORDED,
        "HEAD of a weight file of the gated model without an access token",
    ),
    _hub(
        "hub-challenge",
        "every 401 asks for a bearer in `WWW-Authenticate`",
        _WIRE,
        _RECORDED,
        "auth-check of the gated model without an access token",
    ),
    _hub(
        "hub-gate-open",
        "auth-check answers 200 to an access token whose owner has been accepted",
        "wizard/flow/access/check.py",
        _RECORDED,
        "auth-check of the gated model with your access token",
    ),
    _hub(
        "hub-range",
        "one byte of a weight file can be read by itself: `Range` is answered with 206",
        _CLIENT,
        _RECORDED,
        "the first byte of a weight file of the open model",
    ),
    _hub(
        "hub-file-size",
        "HEAD of a weight file says its size, in `X-Linked-Size` where it redirects to another host",
        _CLIENT,
        _RECORDED,
        "HEAD of a weight file of the open model, compared with the listing",
    ),
    _hub(
        "hub-commit",
        "`sha` is the commit of a model, and files at `main` name it in `X-Repo-Commit`",
        _ANSWERS,
        _RECORDED,
        "HEAD of a weight file of the open model at main",
    ),
    _hub(
        "hub-revision-missing",
        "a revision that does not exist is a 404 `RevisionNotFound`",
        _RULES,
        _RECORDED,
        "the open model at a revision made up for this",
    ),
    _hub(
        "hub-file-missing",
        "a file that does not exist is a 404 `EntryNotFound`",
        _RULES,
        _RECORDED,
        "a file of the open model with a name made up for this",
    ),
    _hub(
        "hub-sizes",
        "with `blobs=true` the listing has the size of each file",
        _ANSWERS,
        "client source 2.4.0",
        "the open model",
    ),
    _hub(
        "hub-parameters",
        "`safetensors.parameters` counts the weights of a model by their number format",
        _ANSWERS,
        _RECORDED,
        "the open model",
    ),
    _hub(
        "hub-rate-limit",
        "every answer says in `RateLimit` how long the current window lasts",
        _WIRE,
        _DOCUMENTED,
        "the headers of an answer",
    ),
    _hub(
        "hub-search",
        "a search that asks for `gated` with `expand` gets it for each model",
        _CLIENT,
        "client source 2.4.0",
        "a search for the name of the gated model",
    ),
    _hub(
        "hub-device-login",
        "a browser login begins with a code that a person types, without an account",
        "wizard/services/credentials/device_login.py",
        "client source 2.4.0",
        "a login is begun and left to run out",
    ),
)
