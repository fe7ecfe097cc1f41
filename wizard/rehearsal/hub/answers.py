"""What the Hub answers when it refuses: one table of statuses, codes and exact sentences.

Where they come from: "observed" ones were recorded on the live Hub in October 2026; "quoted" ones are texts that
users pasted into public issues between 2024 and 2026; the rest is named in the table. Wire form, observed:
``X-Error-Message`` always, ``X-Error-Code`` where the table has one, ``X-Request-Id``; every 401 also names its
scheme. The body is the message as plain text on file routes, and ``{"error": message}`` under ``/api``.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

CHALLENGE: Final = 'Bearer realm="Authentication required", charset="UTF-8"'


@dataclass(frozen=True)
class Row:
    """One refusal. `message` is a format string over ``kind``, ``id``, ``url``, ``rev``, ``path`` and the like."""

    status: int
    code: str | None
    message: str


ROWS: Final[dict[str, Row]] = {
    # The gate, the same for gated "auto" and "manual". Observed.
    "gate_no_token": Row(
        401,
        "GatedRepo",
        "Access to {kind} {id} is restricted. You must have access to it and be authenticated to access it. "
        "Please log in.",
    ),
    "gate_not_requested": Row(
        403,
        "GatedRepo",
        "Access to {kind} {id} is restricted and you are not in the authorized list. Visit {url} to ask for access.",
    ),
    "gate_pending": Row(
        403, "GatedRepo", "Your request to access {kind} {id} is awaiting a review from the repo authors."
    ),
    "gate_rejected": Row(
        403, "GatedRepo", "Your request to access {kind} {id} has been rejected by the repo's authors."
    ),
    "gate_reset": Row(
        403,
        "GatedRepo",
        "Your request to access {kind} {id} has been reset by the repo's authors. Visit {url} to submit a new request.",
    ),
    # A fine-grained token without the permission for public gated repositories. Quoted, 2024-2026.
    "fine_grained": Row(
        403,
        None,
        "Please enable access to public gated repositories in your fine-grained token settings to view this "
        "repository.",
    ),
    # Credentials. Observed; the expired text is quoted. In 2025 the Hub still said "Invalid credentials in
    # Authorization header" where it now says "Invalid username or password.".
    "unauthenticated": Row(401, None, "Invalid username or password."),
    "expired": Row(401, None, 'User Access Token "{token}" is expired'),
    # What is not there, or not for this caller. Observed.
    "repo_not_found": Row(404, "RepoNotFound", "Repository not found"),
    "revision_not_found": Row(404, "RevisionNotFound", "Invalid rev id: {rev}"),
    "entry_not_found": Row(404, "EntryNotFound", "Entry not found"),
    "folder_not_found": Row(404, "EntryNotFound", '{path} does not exist on "{rev}"'),
    "not_found": Row(404, None, "Sorry, we can't find the page you are looking for."),
    # Repositories that are shut. The first is what huggingface_hub 2.4 looks for, the second is quoted.
    "disabled": Row(403, None, "Access to this resource is disabled."),
    "region": Row(403, None, "This {kind} is not available in your region."),
    # Token policies of organisations. Quoted.
    "org_unapproved": Row(
        403,
        None,
        "Due to the organization token policy, your token needs to be approved by the organization before you can "
        "access this resource.",
    ),
    "org_revoked": Row(
        403,
        None,
        "Your token has been revoked by the organization administrator, you can no longer access organization "
        "resources. Please contact them for more information.",
    ),
    # Access requests, for authors and askers. Observed.
    "not_permitted": Row(403, None, "You have read access but not the required permissions for this operation"),
    "user_not_found": Row(404, None, "User not found"),
    "request_not_found": Row(404, None, "No access request found matching your criteria"),
    "already_granted": Row(400, None, "That user already has access to the repo"),
    "not_gated": Row(400, "RepoNotGated", "{kind} {id} is not gated"),
    "bad_request": Row(400, None, "{reason}"),
    # Rate limits. Quoted; the second with the limits of a free account, 2026.
    "rate_anonymous": Row(
        429,
        None,
        "We had to rate limit your IP ({ip}). To continue using our service, create a HF account or login to your "
        "existing account, and make sure you pass a HF_TOKEN if you're using the API.",
    ),
    "rate_known": Row(
        429,
        None,
        "We had to rate limit you, you hit the quota of {quota} {bucket} requests per {minutes} minutes period. "
        "Upgrade to a PRO user or Team/Enterprise organization account (https://hf.co/pricing) to get higher "
        "limits. See https://huggingface.co/docs/hub/rate-limits",
    ),
}


class Refused(Exception):
    """A request that the Hub refuses: raised anywhere below the server, which answers it in the right form."""

    def __init__(self, row: str, headers: dict[str, str] | None = None, **values: Any) -> None:
        self.row = ROWS[row]
        self.name = row
        self.message = self.row.message.format(**values)
        self.headers = headers or {}
        super().__init__(self.message)


def request_id() -> str:
    """A name for one request, in the shape of the Hub's."""
    return f"Root=1-{secrets.token_hex(4)}-{secrets.token_hex(12)};{uuid.uuid4()}"


def header_text(message: str) -> str:
    """A message as it fits a header: one line, other characters than ASCII as ``*`` (observed, October 2026)."""
    printable = (
        letter if letter.isascii() and (letter.isprintable() or letter.isspace()) else "*" for letter in message
    )
    return " ".join("".join(printable).split())


def error_response(
    path: str, status: int, message: str, code: str | None = None, headers: dict[str, str] | None = None
) -> web.Response:
    """An error in the Hub's form: JSON for a path under ``/api`` or ``/oauth``, plain text for any other."""
    all_headers = {"X-Error-Message": header_text(message), **(headers or {})}
    if code:
        all_headers["X-Error-Code"] = code
    if status == 401:
        all_headers["WWW-Authenticate"] = CHALLENGE
    if path.startswith(("/api/", "/oauth/")):
        return web.json_response({"error": message}, status=status, headers=all_headers)
    return web.Response(text=message, status=status, headers=all_headers)


def refusal(path: str, refused: Refused) -> web.Response:
    """The answer to a refused request."""
    return error_response(path, refused.row.status, refused.message, refused.row.code, refused.headers)
