"""Who may read what: from an access token, a repository and a kind of request to a row of refusals, or none.

The order is the Hub's as observed in October 2026: region before credentials, then the token itself, then the
state of the repository, then the gate; revision and file are looked up only by somebody who got that far.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from wizard.rehearsal.fixtures import Kind, Person, Repository, Token
from wizard.rehearsal.hub.answers import Refused

Purpose = Literal["metadata", "file", "check"]  # info and listings; resolve and raw; auth-check
UNGATED_FILES = {"README.md", "LICENSE", "LICENSE.md", "LICENSE.txt"}  # observed; at the root, on resolve only
WRITE_ROLES = {"write", "admin"}
PUBLIC_HUB = "https://huggingface.co"  # what the Hub's own sentences link to


@dataclass(frozen=True)
class Caller:
    """Who sent a request: `presented` says whether an access token came with it, `token` which one, if it exists."""

    token: Token | None = None
    presented: bool = False

    @property
    def person(self) -> str | None:
        """The name of the person behind the request; None for an anonymous one."""
        return self.token.person if self.token else None


def check_token(caller: Caller) -> None:
    """Raise Refused for an access token that is no good anywhere: unknown, revoked or expired."""
    if not caller.presented:
        return
    if caller.token is None or caller.token.state == "revoked":
        raise Refused("unauthenticated")
    if caller.token.is_expired:
        raise Refused("expired", token=caller.token.name)


def check_read(
    caller: Caller,
    repository: Repository | None,
    purpose: Purpose,
    people: Mapping[str, Person],
    path: str = "",
) -> Repository:
    """The repository, if the caller may read it for that purpose. Raises Refused.

    `path` is the file asked for by a resolve request: four names at the root are not gated.
    """
    if repository is not None and repository.region_blocked and purpose != "metadata":
        raise Refused("region", kind=repository.kind)
    check_token(caller)
    if repository is None or (repository.private and not _sees_private(caller, repository, people)):
        raise Refused("repo_not_found" if caller.token else "unauthenticated")
    if repository.disabled:
        raise Refused("disabled" if caller.token else "unauthenticated")
    _check_org_policy(caller, repository, purpose)
    if repository.gated and purpose != "metadata" and path not in UNGATED_FILES:
        _check_gate(caller, repository, people)
    return repository


def passes_gate(caller: Caller, repository: Repository, people: Mapping[str, Person]) -> bool:
    """Whether the caller would be let through the gate, if there is one."""
    try:
        check_read(caller, repository, "check", people)
    except Refused:
        return False
    return True


def can_write(caller: Caller, repository: Repository, people: Mapping[str, Person]) -> bool:
    """Whether the caller may do an author's things: a write token, and a role that writes."""
    if caller.token is None or not (caller.token.role == "write" or _has_scope(caller.token, "write-repos")):
        return False
    return repository.owner == caller.person or _role(caller, repository, people) in WRITE_ROLES


def repository_words(repository: Repository) -> dict[str, Any]:
    """What the Hub's sentences say of a repository."""
    return {"kind": repository.kind, "id": repository.id, "url": PUBLIC_HUB + web_path(repository.kind, repository.id)}


def web_path(kind: Kind, repo_id: str) -> str:
    """The path of a repository's page."""
    return f"/datasets/{repo_id}" if kind == "dataset" else f"/{repo_id}"


def _role(caller: Caller, repository: Repository, people: Mapping[str, Person]) -> str | None:
    owner = people.get(repository.owner)
    return owner.members.get(caller.person or "") if owner else None


def _belongs(caller: Caller, repository: Repository, people: Mapping[str, Person]) -> bool:
    """Whether the person owns the repository, or is a member of the organisation that does."""
    return caller.person is not None and (
        caller.person == repository.owner or _role(caller, repository, people) is not None
    )


def _has_scope(token: Token, scope: str) -> bool:
    return token.role == "oauth" and scope in token.scopes


def _covers(token: Token, repository: Repository) -> bool:
    """Whether a fine-grained token lists the repository or its namespace; the other roles cover everything."""
    return token.role != "fineGrained" or bool({repository.owner, repository.id} & set(token.covers))


def _sees_private(caller: Caller, repository: Repository, people: Mapping[str, Person]) -> bool:
    token = caller.token
    if token is None or not (token.person in repository.readers or _belongs(caller, repository, people)):
        return False
    if token.role == "oauth" and "read-repos" not in token.scopes:
        raise Refused("unauthenticated")  # an OAuth token without the scope: quoted, September 2026
    return _covers(token, repository)


def _check_org_policy(caller: Caller, repository: Repository, purpose: Purpose) -> None:
    shut = repository.private or (bool(repository.gated) and purpose != "metadata")
    if repository.token_policy and shut and caller.token and caller.token.org_policy != "approved":
        raise Refused(f"org_{caller.token.org_policy}")


def _token_opens_gates(token: Token, repository: Repository, member: bool) -> bool:
    """Whether a token may read gated contents at all, given that its person may."""
    if token.role != "fineGrained" or token.can_read_gated or repository.id in token.covers:
        return True
    return member and _covers(token, repository)


def _check_gate(caller: Caller, repository: Repository, people: Mapping[str, Person]) -> None:
    token, words = caller.token, repository_words(repository)
    if token is None:
        raise Refused("gate_no_token", **words)
    if token.role == "oauth" and "gated-repos" not in token.scopes:
        raise Refused("unauthenticated")
    # Which refusal comes first when a token lacks the permission and the person lacks access was not observed.
    member = _belongs(caller, repository, people)
    if not _token_opens_gates(token, repository, member):
        raise Refused("fine_grained")
    writes = _role(caller, repository, people) in WRITE_ROLES or caller.person == repository.owner
    if writes or (member and not repository.org_members_gated):
        return
    request = repository.requests.get(token.person)
    if request is None:
        raise Refused("gate_not_requested", **words)
    if request.status != "accepted":
        raise Refused(f"gate_{request.status}", **words)
