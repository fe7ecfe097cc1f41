"""The world that the stand-in Hub serves: people, access tokens and repositories, as data.

The bundled world is declared in ``fixtures.toml``; a test or a scenario changes it with plain data. Access tokens
are declared by *name*: their values are made at random when the world is loaded, so that no file holds one.
"""

from __future__ import annotations

import secrets
import string
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

Kind = Literal["model", "dataset"]
Gate = Literal["auto", "manual"]
RequestStatus = Literal["accepted", "pending", "rejected", "reset"]
TokenRole = Literal["read", "write", "fineGrained", "oauth"]
TokenState = Literal["valid", "expired", "revoked"]
OrgPolicy = Literal["approved", "unapproved", "revoked"]

MAIN_PERSON = "robin"  # whose browser, and whose access requests, a rehearsal is about
OAUTH_SCOPES = ("openid", "profile", "email", "read-repos", "gated-repos")
OAUTH_LIFETIME = 30 * 24 * 3600.0  # seconds, as documented by the Hub for device logins


def model_folder() -> Path:
    """Where the rehearsal model lives: beside this module in a wheel, under ``assets/`` in a checkout.

    The path is returned even when the folder does not exist (yet).
    """
    here = Path(__file__).resolve().parent
    bundled = here / "tiny-character"
    return bundled if bundled.is_dir() else here.parent.parent / "assets" / "tiny-character"


@dataclass(frozen=True)
class Person:
    """An account of the Hub: a user, or an organisation (kind ``org``) with its members and their roles."""

    name: str
    fullname: str = ""
    email: str | None = None
    kind: Literal["user", "org"] = "user"
    is_pro: bool = False
    members: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Token:
    """An access token, known by its name; its value never shows in a repr.

    `can_read_gated` and `covers` matter for fine-grained ones: `covers` lists the namespaces or repositories
    whose contents it may read. `scopes` matters for OAuth ones. `org_policy` says what an organisation with a
    token policy thinks of it. `expires_at` is in seconds since the epoch (None: never).
    """

    name: str
    person: str
    role: TokenRole = "read"
    state: TokenState = "valid"
    can_read_gated: bool = False
    covers: tuple[str, ...] = ()
    scopes: tuple[str, ...] = OAUTH_SCOPES
    org_policy: OrgPolicy = "approved"
    created_at: float = field(default_factory=time.time)
    expires_at: float | None = None
    value: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        self.covers, self.scopes = tuple(self.covers), tuple(self.scopes)
        if not self.value:
            self.value = new_token_value(self.role)

    @property
    def is_expired(self) -> bool:
        """Whether the Hub calls it expired, by declaration or by the clock."""
        return self.state == "expired" or (self.expires_at is not None and self.expires_at <= time.time())


def new_token_value(role: TokenRole = "read") -> str:
    """A random value in the shape of the Hub's: ``hf_`` and 34 letters, or ``hf_oauth_`` and a longer tail."""
    letters = string.ascii_letters
    if role == "oauth":
        return "hf_oauth_" + "".join(secrets.choice(letters) for _ in range(96))
    return "hf_" + "".join(secrets.choice(letters) for _ in range(34))


@dataclass
class AccessRequest:
    """One person's request to read one gated repository, with the answers to its form."""

    status: RequestStatus
    answers: dict[str, str] = field(default_factory=dict)
    asked_at: float = field(default_factory=time.time)
    reviewed_at: float | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(12))


@dataclass
class Repository:
    """A repository, and what happens to whoever reads it.

    Contents are those of `folder`, minus the names in `without`, plus `files`: a text, or a size in bytes of
    zeros. With `shards` above one, the folder's ``model.safetensors`` is served in that many pieces and an
    index. `readers` may read it although it is private. `parameters` counts weights by dtype as in the
    safetensors metadata; with `shape` (layers, hidden size, attention heads, key-value heads, context,
    vocabulary), an architecture in `config`, and no folder, a complete listing of plausible size is made up.
    `token_policy` makes the owner an organisation that asks for approved tokens; `cdn` sends large files by a
    redirect to another origin, as the Hub does.
    """

    id: str
    kind: Kind = "model"
    gated: Gate | None = None
    private: bool = False
    disabled: bool = False
    region_blocked: bool = False
    org_members_gated: bool = False
    token_policy: bool = False
    cdn: bool = False
    renamed_from: str | None = None
    readers: tuple[str, ...] = ()
    requests: dict[str, AccessRequest] = field(default_factory=dict)
    card: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()
    pipeline_tag: str | None = "text-generation"
    library_name: str | None = "transformers"
    downloads: int = 0
    likes: int = 0
    parameters: dict[str, int] = field(default_factory=dict)
    shape: tuple[int, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    without: tuple[str, ...] = ()
    files: dict[str, int | str] = field(default_factory=dict)
    shards: int = 1
    created_at: str = "2026-03-01T09:00:00.000Z"
    last_modified: str = "2026-09-01T12:00:00.000Z"

    def __post_init__(self) -> None:
        for name in ("tags", "revisions", "shape", "without", "readers"):
            setattr(self, name, tuple(getattr(self, name)))

    @property
    def owner(self) -> str:
        """The namespace: a person's or an organisation's name."""
        return self.id.partition("/")[0]

    def set_request(self, person: str, status: RequestStatus | None, answers: dict[str, str] | None = None) -> None:
        """Put `person`'s access request into a state; None withdraws it."""
        if status is None:
            self.requests.pop(person, None)
            return
        request = self.requests.setdefault(person, AccessRequest(status))
        request.status = status
        request.reviewed_at = None if status == "pending" else time.time()
        if answers is not None:
            request.answers = answers


class Fixtures:
    """People, access tokens and repositories, and how to change them. Not thread-safe beyond single calls."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.tokens: dict[str, Token] = {}
        self._repositories: dict[tuple[Kind, str], Repository] = {}

    @classmethod
    def load(cls, path: Path | None = None, model: Path | None = None) -> Fixtures:
        """Read a world from TOML (default: the bundled one).

        A repository's ``folder = "@model"`` means `model` (default: `model_folder()`); other folders are
        relative to the file. Raises OSError, tomllib.TOMLDecodeError or ValueError for a file that is not one.
        """
        path = path or Path(__file__).with_name("fixtures.toml")
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        fixtures = cls()
        for name, person in data.get("people", {}).items():
            fixtures.people[name] = Person(name=name, **person)
        folders = {"@model": model or model_folder()}
        for entry in [*data.get("repositories", []), *data.get("catalogue", [])]:
            if "folder" in entry:
                entry["folder"] = folders.get(entry["folder"], path.parent / entry["folder"])
            fixtures._add(entry)
        fixtures.change({"tokens": data.get("tokens", {})})
        return fixtures

    def _add(self, entry: Mapping[str, Any]) -> Repository:
        values = {**entry, "requests": {}}
        _check_names(Repository, values, f"repository {entry.get('id')}")
        repository = Repository(**values)
        for person, status in entry.get("requests", {}).items():
            repository.set_request(person, status)
        self._repositories[repository.kind, repository.id.lower()] = repository
        self.people.setdefault(repository.owner, Person(repository.owner, repository.owner, kind="org"))
        return repository

    def token(self, name: str) -> Token:
        """The access token of that name. Raises KeyError."""
        return self.tokens[name]

    def token_of(self, value: str) -> Token | None:
        """The access token with that value, whatever its state; None for one that never existed."""
        given = value.encode("utf-8", "surrogateescape")
        known = (token for token in list(self.tokens.values()) if secrets.compare_digest(token.value.encode(), given))
        return next(known, None)

    def issue(self, name: str, person: str = MAIN_PERSON, **values: Any) -> Token:
        """Make a new access token, as the settings page and a device login do; a taken name gets a number."""
        free, number = name, 1
        while free in self.tokens:
            number += 1
            free = f"{name}-{number}"
        self.tokens[free] = Token(name=free, person=person, **values)
        return self.tokens[free]

    def repository(self, repo_id: str, kind: Kind = "model") -> Repository | None:
        """The repository of that id, written in any case; None when there is none."""
        return self._repositories.get((kind, repo_id.lower()))

    def repositories(self, kind: Kind = "model") -> Iterator[Repository]:
        """All repositories of a kind, in the order of their declaration."""
        return (repository for (of, _), repository in list(self._repositories.items()) if of == kind)

    def renamed(self, repo_id: str, kind: Kind = "model") -> Repository | None:
        """The repository that used to have that id; None when none had."""
        old = repo_id.lower()
        return next((r for r in self.repositories(kind) if (r.renamed_from or "").lower() == old), None)

    def add_repository(
        self,
        folder: Path,
        repo_id: str,
        *,
        gated: Gate | None = None,
        private: bool = False,
        requests: Mapping[str, RequestStatus] | None = None,
        **values: Any,
    ) -> Repository:
        """Serve a folder of one's own as `repo_id`.

        The main person may read it: their request is accepted where it is gated, and they are among the readers
        of a private one. Further values are those of `Repository`. Raises ValueError for an id
        without an owner, an unknown value, or a folder that is not there.
        """
        owner, _, name = repo_id.partition("/")
        if not owner or not name or "/" in name:
            raise ValueError(f"A repository is named owner/name, not {repo_id!r}.")
        if not folder.is_dir():
            raise ValueError(f"{folder} is not a folder.")
        if requests is None:
            requests = {MAIN_PERSON: "accepted"} if gated else {}
        given = {"id": repo_id, "folder": folder, "gated": gated, "private": private, "requests": requests}
        return self._add({**given, "readers": (MAIN_PERSON,), **values})

    def change(self, changes: Mapping[str, Any]) -> None:
        """Apply a scenario's changes, given as plain data.

        ``{"requests": {repository: {person: status or None}}, "tokens": {name: {field: value}},
        "repositories": {id: {field: value}}}``. A token or repository that does not exist is made. Raises
        ValueError for an unknown section, field, repository or person.
        """
        unknown = set(changes) - {"requests", "tokens", "repositories"}
        if unknown:
            raise ValueError(f"Cannot change {', '.join(sorted(unknown))} of a world.")
        for repo_id, values in changes.get("repositories", {}).items():
            existing = self.repository(repo_id, values.get("kind", "model"))
            if existing is None:
                self._add({"id": repo_id, **values})
            else:
                _assign(existing, {k: v for k, v in values.items() if k != "kind"}, f"repository {repo_id}")
        for repo_id, statuses in changes.get("requests", {}).items():
            repository = self.repository(repo_id) or self.repository(repo_id, "dataset")
            if repository is None:
                raise ValueError(f"There is no repository {repo_id} in this world.")
            for person, status in statuses.items():
                repository.set_request(person, status)
        for name, values in changes.get("tokens", {}).items():
            if name in self.tokens:
                _assign(self.tokens[name], values, f"access token {name}")
                continue
            _check_names(Token, values, f"access token {name}")
            if values.get("person") not in self.people:
                raise ValueError(f"The owner of access token {name} is not in this world.")
            self.tokens[name] = Token(name=name, **values)


def _check_names(cls: type, values: Mapping[str, Any], what: str) -> None:
    unknown = set(values) - {item.name for item in fields(cls)}
    if unknown:
        raise ValueError(f"{what} has no {', '.join(sorted(unknown))}.")


def _assign(target: Token | Repository, values: Mapping[str, Any], what: str) -> None:
    _check_names(type(target), values, what)
    for name, value in values.items():
        setattr(target, name, tuple(value) if isinstance(value, list) else value)
