"""Repository metadata: what ``/api/models/{id}`` and its neighbours say, to everybody who may see the repository.

Keys and their order are those observed on the Hub in October 2026; gated repositories show theirs to everyone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from wizard.rehearsal.fixtures import Repository
from wizard.rehearsal.hub import access
from wizard.rehearsal.hub.answers import Refused
from wizard.rehearsal.hub.content import weights
from wizard.rehearsal.hub.content.card import front_matter
from wizard.rehearsal.hub.repository_store import Blob, Snapshot
from wizard.rehearsal.hub.request_context import KINDS, REPO, HubState, is_true

MASKED = "*" * 64  # what the Hub shows of a large file's sha256 to people without access
CONFIG_KEYS = ("architectures", "model_type", "auto_map", "quantization_config")
TOKENIZER_KEYS = ("bos_token", "eos_token", "pad_token", "unk_token", "chat_template")


class Models:
    """The routes that describe a repository."""

    def __init__(self, hub_state: HubState) -> None:
        self._desk = hub_state

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        base = f"/api/{KINDS}/{REPO}"
        return [
            web.get(base, self.info),
            web.get(base + "/revision/{rev}", self.info),
            web.get(base + "/refs", self.refs),
            web.get(base + "/commits/{rev}", self.commits),
            web.get(base + "/auth-check", self.auth_check),
            web.get(base + "/auth-check/write", self.auth_check_write),
        ]

    async def info(self, request: web.Request) -> web.Response:
        """Everything about one repository at one revision; ``expand`` asks for single properties."""
        repository = self._desk.open(request, "metadata")
        snapshot = self._desk.snapshot(repository, request.match_info.get("rev", "main"))
        card = Describer(repository, snapshot, reveal=self._desk.passes_gate(repository))
        if wanted := expanded(request):
            return web.json_response(card.select(wanted))
        described = card.everything(blobs=is_true(request, "blobs"))
        if is_true(request, "securityStatus"):
            described["securityRepoStatus"] = {"scansDone": True, "filesWithIssues": []}
        return web.json_response(described)

    async def refs(self, request: web.Request) -> web.Response:
        """Branches and tags; there are no conversions and no pull requests here."""
        contents = self._desk.store.of(self._desk.open(request, "metadata"))
        commit = contents.head.commit
        found: dict[str, list[dict[str, str]]] = {
            "tags": [{"name": t, "ref": f"refs/tags/{t}", "targetCommit": commit} for t in contents.tags],
            "branches": [{"name": "main", "ref": "refs/heads/main", "targetCommit": commit}],
            "converts": [],
        }
        if is_true(request, "include_prs"):
            found["pullRequests"] = []
        return web.json_response(found)

    async def commits(self, request: web.Request) -> web.Response:
        """The history of a revision, newest first."""
        repository = self._desk.open(request, "metadata")
        start = self._desk.snapshot(repository, request.match_info["rev"])
        commits = self._desk.store.of(repository).commits
        history = [
            {
                "id": snapshot.commit,
                "title": snapshot.title,
                "message": "",
                "authors": [{"user": repository.owner, "avatar": f"/avatars/{repository.owner}.svg"}],
                "date": snapshot.date,
                "formatted": {"title": snapshot.title, "message": ""},
            }
            for snapshot in commits[commits.index(start) :]
        ]
        return web.json_response(history, headers={"X-Total-Count": str(len(history))})

    async def auth_check(self, request: web.Request) -> web.Response:
        """``OK`` to whoever may read the files."""
        self._desk.open(request, "check")
        return web.Response(text="OK")

    async def auth_check_write(self, request: web.Request) -> web.Response:
        """``OK`` to whoever may change the files."""
        repository = self._desk.open(request, "check")
        if not self._desk.caller().token:
            raise Refused("unauthenticated")
        if not access.can_write(self._desk.caller(), repository, self._desk.fixtures.people):
            raise Refused("not_permitted")
        return web.Response(text="OK")


def expanded(request: web.Request) -> list[str]:
    """The properties that a request asks for by name; the client repeats ``expand``, older ones ``expand[]``."""
    return [*request.query.getall("expand", []), *request.query.getall("expand[]", [])]


class Describer:
    """One repository's metadata. Without `reveal`, the names of large files' contents are masked."""

    def __init__(self, repository: Repository, snapshot: Snapshot, reveal: bool = True) -> None:
        self._repository = repository
        self._snapshot = snapshot
        self._reveal = reveal

    def select(self, names: list[str]) -> dict[str, Any]:
        """``_id``, ``id`` and the properties named; raises Refused for a name that is none."""
        properties = self._properties()
        if unknown := [name for name in names if name not in properties]:
            raise Refused("bad_request", reason=f'Invalid option: "{unknown[0]}" at expand')
        chosen = {name: properties[name]() for name in names}
        return {**self._names(), **{name: value for name, value in chosen.items() if value is not None}}

    def everything(self, blobs: bool = False) -> dict[str, Any]:
        """The full answer; `blobs` adds sizes and object ids to the files."""
        order = (
            "private pipeline_tag library_name tags downloads likes modelId author sha lastModified gated disabled "
            "model-index config cardData siblings spaces createdAt safetensors gguf usedStorage"
        )
        properties = self._properties()
        found = {name: properties[name]() for name in order.split()}
        found["siblings"] = self._siblings(blobs)
        shown = {name: value for name, value in found.items() if value is not None or name == "model-index"}
        if self._repository.kind == "dataset":
            for name in ("pipeline_tag", "library_name", "modelId", "model-index", "config", "spaces"):
                shown.pop(name, None)
        return {**self._names(), **shown}

    def brief(self, full: bool, config: bool, card: bool) -> dict[str, Any]:
        """One line of a search; `full`, `config` and `card` add to it as the query asks."""
        names = "likes private downloads tags pipeline_tag library_name createdAt modelId"
        if full:
            names += " author gated lastModified sha siblings disabled"
        names += (" config" if config else "") + (" cardData" if card else "")
        properties = self._properties()
        found = {name: properties[name]() for name in names.split()}
        return {**self._names(), **{name: value for name, value in found.items() if value is not None}}

    def _names(self) -> dict[str, Any]:
        digest = hashlib.sha256(f"{self._repository.kind}:{self._repository.id}".encode()).hexdigest()
        return {"_id": digest[:24], "id": self._repository.id}

    def _properties(self) -> dict[str, Callable[[], Any]]:
        it, snapshot = self._repository, self._snapshot
        nothing: Callable[[], Any] = lambda: None  # noqa: E731
        return {
            "author": lambda: it.owner,
            "baseModels": nothing,
            "cardData": lambda: card_data(it, snapshot) or None,
            "childrenModelCount": nothing,
            "citation": nothing,
            "config": lambda: model_config(it, snapshot),
            "createdAt": lambda: it.created_at,
            "description": nothing,
            "disabled": lambda: it.disabled,
            "downloads": lambda: it.downloads,
            "downloadsAllTime": lambda: it.downloads * 9,
            "evalResults": nothing,
            "gated": lambda: it.gated or False,
            "gguf": lambda: gguf_metadata(it, snapshot),
            "inference": nothing,
            "inferenceProviderMapping": nothing,
            "lastModified": lambda: it.last_modified,
            "library_name": lambda: it.library_name or None,
            "likes": lambda: it.likes,
            "mainSize": nothing,
            "mask_token": nothing,
            "model-index": nothing,
            "modelId": lambda: it.id,
            "paperswithcode_id": nothing,
            "pipeline_tag": lambda: it.pipeline_tag or None,
            "private": lambda: it.private,
            "resourceGroup": nothing,
            "safetensors": lambda: safetensors_metadata(it, snapshot),
            "sha": lambda: snapshot.commit,
            "siblings": self._siblings,
            "spaces": list,
            "tags": lambda: tags(it, snapshot),
            "transformersInfo": nothing,
            "trendingScore": lambda: trending_score(it),
            "usedStorage": lambda: sum(blob.size for blob in snapshot.files.values()),
            "widgetData": nothing,
        }

    def _siblings(self, blobs: bool = False) -> list[dict[str, Any]]:
        files = self._snapshot.files.values()
        return [self._sibling(blob) if blobs else {"rfilename": blob.path} for blob in files]

    def _sibling(self, blob: Blob) -> dict[str, Any]:
        found: dict[str, Any] = {"rfilename": blob.path, "blobId": blob.oid, "size": blob.size}
        if blob.sha256:
            digest = blob.sha256 if self._reveal else MASKED
            found["lfs"] = {"sha256": digest, "size": blob.size, "pointerSize": len(blob.pointer)}
        return found


def trending_score(repository: Repository) -> int:
    """What the default order of a search goes by; here simply a share of the downloads."""
    return repository.downloads // 1000


def tags(repository: Repository, snapshot: Snapshot) -> list[str]:
    """The tags of a repository: its own, and those that the Hub derives from card, files and configuration."""
    config, card = model_config(repository, snapshot) or {}, card_data(repository, snapshot)
    found = [
        repository.library_name,
        "safetensors" if any(path.endswith(".safetensors") for path in snapshot.files) else None,
        config.get("model_type"),
        repository.pipeline_tag,
        "conversational" if (config.get("tokenizer_config") or {}).get("chat_template") else None,
        *repository.tags,
        *(card.get("tags") or []),
        *(f"{key}:{card[key]}" for key in ("base_model", "license") if isinstance(card.get(key), str)),
        "region:us",
    ]
    return list(dict.fromkeys(tag for tag in found if tag))


def model_config(repository: Repository, snapshot: Snapshot) -> dict[str, Any] | None:
    """The part of ``config.json`` and ``tokenizer_config.json`` that the Hub shows; None without the former."""
    config = _json_file(snapshot, "config.json")
    if config is None:
        return None
    shown: dict[str, Any] = {key: config[key] for key in CONFIG_KEYS if key in config}
    shown.update(repository.config)
    tokenizer = _json_file(snapshot, "tokenizer_config.json") or {}
    shown["tokenizer_config"] = {key: tokenizer[key] for key in TOKENIZER_KEYS if key in tokenizer}
    if "chat_template.jinja" in snapshot.files:
        shown["chat_template_jinja"] = snapshot.files["chat_template.jinja"].text()
    return shown


def safetensors_metadata(repository: Repository, snapshot: Snapshot) -> dict[str, Any] | None:
    """Weights by dtype and in total; None unless there are safetensors weights of a whole model."""
    if weights.SINGLE_FILE in snapshot.files:
        names = {weights.SINGLE_FILE}
    else:
        index = _json_file(snapshot, weights.INDEX_FILE) or {}
        names = set(index.get("weight_map", {}).values()) & set(snapshot.files)
    counts = dict(repository.parameters) if names else {}
    if not counts:
        for name in names:
            for dtype, number in weights.count_parameters(snapshot.files[name].segments).items():
                counts[dtype] = counts.get(dtype, 0) + number
    return {"parameters": counts, "total": sum(counts.values())} if counts else None


def card_data(repository: Repository, snapshot: Snapshot) -> dict[str, Any]:
    """The card's data: the front matter of the README, and what the world declares on top of it."""
    readme = snapshot.files.get("README.md")
    return {**(front_matter(readme.text()) if readme else {}), **repository.card}


def gguf_metadata(repository: Repository, snapshot: Snapshot) -> dict[str, Any] | None:
    """What the Hub reads from a GGUF file's head; the inner keys are an inference, not an observation."""
    files = [blob for path, blob in snapshot.files.items() if path.endswith(".gguf")]
    if not files:
        return None
    return {"total": min(blob.size for blob in files), "architecture": "llama", "context_length": 2048}


def _json_file(snapshot: Snapshot, name: str) -> dict[str, Any] | None:
    blob = snapshot.files.get(name)
    if blob is None:
        return None
    try:
        read = json.loads(blob.text())
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
