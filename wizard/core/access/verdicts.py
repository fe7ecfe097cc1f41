"""Whether an access token can read a model's weights: every verdict of `check`, one row each."""

from __future__ import annotations

from enum import StrEnum

from wizard.core.access.unreachable import WORDS, UnreachableReason
from wizard.core.access.verdict_row import VerdictRow
from wizard.core.next_command import again, ours
from wizard.core.problem import ExitCode, Problem

PUBLIC_HUB = "https://huggingface.co"


class Verdict(StrEnum):
    """The public verdicts of `check`."""

    READY = "ready"
    NO_TOKEN = "no_token"
    INVALID_TOKEN = "invalid_token"
    EXPIRED_TOKEN = "expired_token"
    NOT_REQUESTED = "not_requested"
    PENDING_REVIEW = "pending_review"
    REJECTED = "rejected"
    RESET = "reset"
    FINE_GRAINED_LACKS_GATED = "fine_grained_lacks_gated"
    PRIVATE_OR_MISSING = "private_or_missing"
    MISSING_OR_PRIVATE = "missing_or_private"
    WRONG_TOKEN_SCOPE = "wrong_token_scope"
    REVISION_MISSING = "revision_missing"
    WEIGHTS_MISSING = "weights_missing"
    NOT_A_TEXT_MODEL = "not_a_text_model"
    REPO_DISABLED = "repo_disabled"
    REGION_BLOCKED = "region_blocked"
    ORG_POLICY = "org_policy"
    ENDPOINT_NOT_TRUSTED = "endpoint_not_trusted"
    RATE_LIMITED = "rate_limited"
    HUB_UNREACHABLE = "hub_unreachable"
    BLOCKED_OTHER = "blocked_other"


_GATE, _KEY, _NET = ExitCode.GATE_CLOSED, ExitCode.CREDENTIALS, ExitCode.REMOTE
_MODEL_PAGE = "{endpoint}/{model}"
_NEW_TOKEN = "{endpoint}/settings/tokens/new?canReadGatedRepos=true&tokenType=fineGrained"

# Commands that help with several of them; nothing but a person in a browser opens a gate.
_WATCH = ours("check {model} --watch", "after you have done that in a browser: it waits until access is granted")
_OTHERS = ours("check {model}", "to see open models of similar size")
_TOKENS = ours("token show --model {model}", "to see each access token on this computer, and which can read this model")
_PASTE = again("to paste an access token for this run", "--token-from stdin")
_GRANTED = again("once access is granted")


VERDICTS: dict[Verdict, VerdictRow] = {
    Verdict.READY: VerdictRow(
        exit_code=ExitCode.DONE,
        in_brief="granted",
        cause="{who} can read the weights of {model}.",
        hint="",
    ),
    Verdict.NO_TOKEN: VerdictRow(
        exit_code=_KEY,
        in_brief="no access token found",
        cause="{model} is gated, and no access token was sent with the request.",
        hint="Create an access token that can read gated models, then pass it on: HF_TOKEN=… in the "
        "environment, or `hf auth login`, or --token-from stdin.",
        url=_NEW_TOKEN,
        pasted_hint="Create an access token that may read gated models, and pass it to where this ran: as HF_TOKEN in "
        "its environment; in a container, by way of a Modal Secret, or `docker run -e HF_TOKEN`.",
        key_hint="Press o to create an access token that can read gated models, then p to paste it.",
        next=(_PASTE, ours("token set", "to store an access token in the OS keyring: it asks for it")),
    ),
    Verdict.INVALID_TOKEN: VerdictRow(
        exit_code=_KEY,
        in_brief="the access token is not valid",
        cause="The Hub does not know the access token from {source}: it was revoked, or mistyped.",
        hint="Replace it or unset it: an invalid access token closes public models too.",
        url="{endpoint}/settings/tokens",
        key_hint="Press p to paste another one. An invalid token blocks public models too.",
        next=(
            _TOKENS,
            _PASTE,
        ),
    ),
    Verdict.EXPIRED_TOKEN: VerdictRow(
        exit_code=_KEY,
        in_brief="the access token has expired",
        cause="The access token from {source} has expired.",
        hint="Create a new one and put it where the old one was.",
        url=_NEW_TOKEN,
        key_hint="Press o to create a new one, then p to paste it.",
        next=(
            _TOKENS,
            _PASTE,
        ),
    ),
    Verdict.NOT_REQUESTED: VerdictRow(
        exit_code=_GATE,
        in_brief="not requested yet",
        cause="{model} is gated, and {user} has not asked for access yet.",
        hint="Open the model page as {user}, read the terms and agree to them; then run this again.",
        url=_MODEL_PAGE,
        key_hint="Press o and accept the terms in your browser. This screen continues by itself.",
        may_open=True,
        another_account_may=True,
        next=(
            _WATCH,
            _GRANTED,
        ),
    ),
    Verdict.PENDING_REVIEW: VerdictRow(
        exit_code=_GATE,
        in_brief="requested, not answered yet",
        cause="{user} has asked for access to {model}, and its authors have not answered yet.",
        hint="Wait for their answer: another access token cannot speed it up. Or choose an open model meanwhile.",
        url="{endpoint}/settings/gated-repos",
        retryable=True,
        key_hint="Nothing to do: this screen continues by itself when they answer. Or press m for another model.",
        may_open=True,
        another_account_may=True,
        next=(
            ours("check {model} --watch", "to wait for their answer"),
            _GRANTED,
            _OTHERS,
        ),
    ),
    Verdict.REJECTED: VerdictRow(
        exit_code=_GATE,
        in_brief="request rejected",
        cause="The authors of {model} rejected {user}'s access request.",
        hint="Choose another model, or use an account that has access: the Hub ignores a second request.",
        url=_MODEL_PAGE,
        key_hint="Press m for another model, or p to paste the access token of an account that has access.",
        another_account_may=True,
        next=(
            _OTHERS,
            _TOKENS,
        ),
    ),
    Verdict.RESET: VerdictRow(
        exit_code=_GATE,
        in_brief="request reset by the authors",
        cause="The authors of {model} reset {user}'s access request.",
        hint="Open the model page as {user} and ask again.",
        url=_MODEL_PAGE,
        key_hint="Press o and ask for access again. This screen continues by itself.",
        may_open=True,
        another_account_may=True,
        next=(
            _WATCH,
            _GRANTED,
        ),
    ),
    Verdict.FINE_GRAINED_LACKS_GATED: VerdictRow(
        exit_code=_KEY,
        in_brief="the access token can't read gated models",
        cause="The fine-grained access token from {source} can't read gated models, even if {user} can.",
        hint='Tick "Read access to contents of all public gated repos you can access" in its settings, or '
        "create an access token that has it.",
        url=_NEW_TOKEN,
        key_hint="Press o to create one that can read gated models, then p to paste it. Or change its settings and "
        "press r.",
        next=(
            again("after you have changed its settings"),
            _PASTE,
            _TOKENS,
        ),
    ),
    Verdict.PRIVATE_OR_MISSING: VerdictRow(
        exit_code=_GATE,
        in_brief="not found, or private",
        cause="{model} does not exist or is private: without an access token the Hub does not say which.",
        hint="Check the spelling; if the model is private, use an access token of someone who can read it.",
        url="{endpoint}/models?search={name}",
        key_hint="Press m and check the spelling; if it is private, press p to paste an access token that may read it.",
        another_account_may=True,
        next=(_TOKENS,),
    ),
    Verdict.MISSING_OR_PRIVATE: VerdictRow(
        exit_code=_GATE,
        in_brief="not found, or private",
        cause="{model} does not exist, or is private and {user} may not see it with this access token.",
        hint="Check the spelling; if the model is private, ask its owner, or use an access token scoped to it.",
        url="{endpoint}/models?search={name}",
        key_hint="Press m and check the spelling; if it is private, press p to paste an access token that may read it.",
        another_account_may=True,
        next=(_TOKENS,),
    ),
    Verdict.WRONG_TOKEN_SCOPE: VerdictRow(
        exit_code=_KEY,
        in_brief="the access token does not cover this model",
        cause="The access token from {source} is valid but does not cover {model}.",
        hint="Use a read access token, or a fine-grained one that covers this model.",
        url=_NEW_TOKEN,
        key_hint="Press o to create one that covers this model, then p to paste it.",
        next=(
            _TOKENS,
            _PASTE,
        ),
    ),
    Verdict.REVISION_MISSING: VerdictRow(
        exit_code=ExitCode.USAGE,
        in_brief="no such revision",
        cause="{model} has no revision {revision}.",
        hint="Pass --revision with a branch, a tag or a commit hash that exists, or leave it out.",
        url=_MODEL_PAGE + "/tree/main",
        pasted_hint="Use a branch, a tag or a commit hash that exists, or leave the revision out.",
        key_hint="Press m and give a branch, tag or commit that exists, or none.",
        step="model",
        next=(again("to use the main branch", "--revision main"),),
    ),
    Verdict.WEIGHTS_MISSING: VerdictRow(
        exit_code=_GATE,
        in_brief="no weights that can be loaded",
        cause="{model} holds no weights that {engine} can load: {detail}.",
        hint="Choose a model with safetensors weights, often the original that this one was made from.",
        url=_MODEL_PAGE + "/tree/main",
        fixed_on="model",
        next=(ours("check {model}", "to see what it holds, and other models of similar size"),),
    ),
    Verdict.NOT_A_TEXT_MODEL: VerdictRow(
        exit_code=_GATE,
        in_brief="not a text generation model",
        cause="{model} does not generate text: {detail}.",
        hint="Choose a model for text generation.",
        url=_MODEL_PAGE,
        fixed_on="model",
        next=(ours("check {model}", "to see what it is, and other models of similar size"),),
    ),
    Verdict.REPO_DISABLED: VerdictRow(
        exit_code=_GATE,
        in_brief="disabled by Hugging Face",
        cause="The Hub has disabled {model}.",
        hint="Choose another model; the model page says who to contact.",
        url=_MODEL_PAGE,
        step="model",
        next=(_OTHERS,),
    ),
    Verdict.REGION_BLOCKED: VerdictRow(
        exit_code=_GATE,
        in_brief="not available in your region",
        cause="{model} is not available in the region that this request came from.",
        hint="Choose another model: an access token does not change this.",
        url=_MODEL_PAGE,
        next=(_OTHERS,),
    ),
    Verdict.ORG_POLICY: VerdictRow(
        exit_code=_KEY,
        in_brief="blocked by the organisation's policy",
        cause="The organisation that owns {model} does not accept the access token from {source}.",
        hint="Ask its administrators to approve the access token, or use another one.",
        url="{endpoint}/settings/tokens",
        key_hint="Ask its administrators to approve it and press r, or p to paste another one.",
        next=(
            again("after its administrators have approved it"),
            _PASTE,
        ),
    ),
    Verdict.ENDPOINT_NOT_TRUSTED: VerdictRow(
        exit_code=_KEY,
        in_brief="this Hub is not trusted yet",
        cause="{model} {detail}. {endpoint} was asked without your access token, since you have not named it as "
        "trusted, and {public} cannot be reached{because}.",
        hint="Check where {public} can be reached (unset HF_ENDPOINT); or, if you trust this address with your access "
        "token, pass --trust-endpoint {endpoint}.",
        url=_MODEL_PAGE,
        key_hint="Press t to trust this address with your access token, now and later. Without it, nothing tells here "
        "whether you have access.",
        next=(again("if you trust this address with your access token", "--trust-endpoint {endpoint}"),),
    ),
    Verdict.RATE_LIMITED: VerdictRow(
        exit_code=_NET,
        in_brief="too many requests",
        cause="The Hub is rate limiting you.",
        hint="Wait {wait} and run this again; requests with an access token have a higher limit.",
        retryable=True,
        key_hint="Wait a moment, then press r.",
        step="model",
        next=(again("in a few minutes"),),
    ),
    Verdict.HUB_UNREACHABLE: VerdictRow(
        exit_code=_NET,
        in_brief="the Hub cannot be reached",
        cause="The Hub at {endpoint} cannot be reached{because}.",
        hint="{remedy}",
        retryable=True,
        key_hint="Check your connection, HF_ENDPOINT and any proxy, then press r. Nothing was changed.",
        step="model",
        next=(
            again("when the Hub can be reached"),
            ours("doctor", "to check the connection"),
        ),
    ),
    Verdict.BLOCKED_OTHER: VerdictRow(
        exit_code=_GATE,
        in_brief="refused",
        cause="The Hub denied access to {model} for an unknown reason.",
        hint="Read the Hub's message, and open the model page.",
        url=_MODEL_PAGE,
        next=(
            _TOKENS,
            again("after you have read the Hub's message"),
        ),
    ),
}


def new_token_page(endpoint: str) -> str:
    """The page of a Hub that makes an access token which may read gated models, its form filled in beforehand."""
    return _NEW_TOKEN.format(endpoint=endpoint)


def verdict_problem(
    verdict: Verdict,
    *,
    model: str,
    endpoint: str,
    user: str | None = None,
    source: str | None = None,
    revision: str | None = None,
    wait: float | None = None,
    detail: str = "",
    way_on: str = "",
    engine: str = "transformers",
    raw: str | None = None,
    unreachable: UnreachableReason | None = None,
    pages: str | None = None,
) -> Problem:
    """The verdict as a Problem: one cause, one next action, the link, and the Hub's own line.

    `way_on` is the next action where more is known than the verdict's row says. `endpoint` was asked; `pages` is the
    Hub whose pages are linked, where that is another one.
    """
    row = VERDICTS[verdict]
    why, remedy = WORDS[unreachable] if unreachable else ("", WORDS[UnreachableReason.NOBODY][1])
    words = {
        "model": model,
        "name": model.rsplit("/", 1)[-1],
        "endpoint": endpoint,
        "public": PUBLIC_HUB,
        "user": user or "your account",
        "who": f"The access token {user if user.startswith('from ') else f'of {user}'}" if user else "Everybody",
        "source": source or "nowhere",
        "revision": revision or "main",
        "wait": f"{wait:.0f} seconds" if wait else "a few minutes",
        "engine": engine,
        "detail": detail or "no safetensors file",
        "because": f": {why}" if why else "",
        "remedy": remedy,
    }
    return Problem(
        code=verdict.value,
        message=row.cause.format(**words),
        hint=way_on or row.hint.format(**words),
        url=row.url.format(**words | {"endpoint": pages or endpoint}) or None,
        retryable=row.retryable,
        exit_code=row.exit_code,
        raw=raw,
        next=row.next_commands({"endpoint": endpoint} | ({"model": model} if " " not in model else {})),
    )
