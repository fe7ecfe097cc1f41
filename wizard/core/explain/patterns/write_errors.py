"""What the Hub says to those who write: a new repository, a commit, a push. A read token is no help there."""

from __future__ import annotations

from wizard.core.explain.patterns.error_pattern import ErrorPattern, Level

_ROUTES = ("/api/repos/", "/commit/", "/preupload/", "/xet-write-token/", "/api/organizations/", "/settings")


def _refused(status: int, words: str) -> tuple[str, ...]:
    """How clients say that a route which writes answered with a status."""
    return tuple(
        fragment
        for route in _ROUTES
        for fragment in (
            f"{status} client error: {words} for url: {{hub}}*{route}",
            f"client error '{status} {words}' for url '{{hub}}*{route}",
            f"{status} {words}*cannot access content at: {{hub}}*{route}",
            f"api error with status {status}*{{hub}}*{route}",
        )
    )


WRITES: tuple[ErrorPattern, ...] = (
    ErrorPattern(
        "wrong_token_scope",
        ("you must use a write token to upload",),
        "Hub, error reports 2023-2026",
        about="write",
    ),
    ErrorPattern(
        "wrong_token_scope",
        ("you don't have the rights to create a * under", "you don't have the rights to create a"),
        "Hub, error reports 2022-2026: another namespace, or an access token that may not write",
        sure=False,
        others=("blocked_other",),
        about="write",
    ),
    ErrorPattern(
        "blocked_other",
        ("storage limit reached, please upgrade", "private repository storage limit"),
        "Hub, error reports 2023-2026: no matter of rights",
        level=Level.VAGUE,
        near="hub",
        sure=False,
    ),
    ErrorPattern(
        "wrong_token_scope",
        (
            "denied update refs/heads/*: forbidden",
            "your push was rejected*denied update",
            "[remote rejected]*(pre-receive hook declined)",
            "batch response: authorization error",
            "you are not authorized to push to this repo",
            "403 forbidden: authorization error",
        ),
        "git and git-lfs",
        level=Level.VAGUE,
        near="hub",
        sure=False,
        others=("invalid_token", "blocked_other"),
        about="write",
    ),
    ErrorPattern(
        "wrong_token_scope",
        _refused(403, "forbidden"),
        "requests, httpx, huggingface_hub and huggingface.js: routes that only writes take",
        level=Level.VAGUE,
        sure=False,
        others=("blocked_other",),
        about="write",
    ),
    ErrorPattern(
        "invalid_token",
        _refused(401, "unauthorized"),
        "the same",
        level=Level.VAGUE,
        sure=False,
        others=("no_token", "wrong_token_scope"),
        about="write",
    ),
    ErrorPattern(
        "blocked_other",
        (
            "403 client error: forbidden for url: {hub}*/info/lfs/objects/batch",
            "403 forbidden*{hub}*/info/lfs/objects/batch",
        ),
        "the same, of git-lfs, which asks there to read, too",
        level=Level.VAGUE,
        sure=False,
        others=("wrong_token_scope", "not_requested"),
        about="write",
    ),
)
