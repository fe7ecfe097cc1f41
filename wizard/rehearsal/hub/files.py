"""Files: listings, and their bytes by ``resolve`` and ``raw``, whole or in part.

Headers are those observed on the Hub in October 2026. Everything is served directly, or, where the repository
says so, by a redirect of large files to another origin; the Hub's newer storage protocol (Xet) is not announced.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any
from urllib.parse import quote

from aiohttp import web

from wizard.rehearsal.fixtures import Repository
from wizard.rehearsal.hub.answers import Refused
from wizard.rehearsal.hub.content import segments
from wizard.rehearsal.hub.models import MASKED
from wizard.rehearsal.hub.repository_store import Blob, Snapshot
from wizard.rehearsal.hub.request_context import KINDS, REPO, REQUEST_CONTEXT, HubState

RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


class Files:
    """The routes that list and hand out files."""

    def __init__(self, hub_state: HubState) -> None:
        self._desk = hub_state
        self._elsewhere: dict[str, Blob] = {}

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        base = f"/api/{KINDS}/{REPO}"
        found = [
            web.get(base + "/tree/{rev}", self.tree),
            web.get(base + "/tree/{rev}/{path:.*}", self.tree),
            web.post(base + "/paths-info/{rev}", self.paths_info),
            web.get("/cdn/{key}", self.cdn),
        ]
        for prefix in ("", "/datasets"):
            found.append(web.get(f"{prefix}/{REPO}/resolve/{{rev}}/{{path:.+}}", self.resolve))
            found.append(web.get(f"{prefix}/{REPO}/raw/{{rev}}/{{path:.+}}", self.raw))
        return found

    async def tree(self, request: web.Request) -> web.Response:
        """The files and folders of a revision, below a folder, and below its folders if ``recursive``."""
        repository = self._desk.open(request, "metadata")
        revision = request.match_info["rev"]
        snapshot = self._desk.snapshot(repository, revision)
        below = request.match_info.get("path", "").strip("/")
        folders = snapshot.folders()
        if below and below not in folders:
            raise Refused("folder_not_found", headers={"X-Repo-Commit": snapshot.commit}, path=below, rev=revision)
        recursive = _says_yes(request.query.get("recursive"))
        paths = [p for p in [*folders, *snapshot.files] if _is_below(p, below, recursive)]
        return web.json_response(self._entries(repository, snapshot, paths, request.query.get("expand")))

    async def paths_info(self, request: web.Request) -> web.Response:
        """The entries of the paths named in the body; those that do not exist are left out."""
        repository = self._desk.open(request, "metadata")
        snapshot = self._desk.snapshot(repository, request.match_info["rev"])
        if request.content_type == "application/json":
            body = await request.json()
            wanted, expand = body.get("paths", []), str(body.get("expand", ""))
            wanted = [wanted] if isinstance(wanted, str) else wanted
        else:
            form = await request.post()
            wanted, expand = [str(path) for path in form.getall("paths", [])], str(form.get("expand", ""))
        known = {*snapshot.files, *snapshot.folders()}
        paths = [path for path in wanted if path in known]
        return web.json_response(self._entries(repository, snapshot, paths, expand))

    def _entries(
        self, repository: Repository, snapshot: Snapshot, paths: list[str], expand: str | None
    ) -> list[dict[str, Any]]:
        reveal, folders = self._desk.passes_gate(repository), snapshot.folders()
        more: dict[str, Any] = {}
        if _says_yes(expand):
            more["lastCommit"] = {"id": snapshot.commit, "title": snapshot.title, "date": snapshot.date}
        found = []
        for path in paths:
            if path in folders:
                found.append({"type": "directory", "oid": folders[path], "size": 0, "path": path, **more})
                continue
            blob = snapshot.files[path]
            entry: dict[str, Any] = {"type": "file", "oid": blob.oid, "size": blob.size, "path": path, **more}
            if blob.sha256:
                digest = blob.sha256 if reveal else MASKED
                entry["lfs"] = {"oid": digest, "size": blob.size, "pointerSize": len(blob.pointer)}
            if more:
                status = {"status": "safe", "avScan": None, "pickleImportScan": None}
                entry["securityFileStatus"] = status
            found.append(entry)
        return found

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        """A file's bytes; of a gated repository only to whoever passes the gate, four names excepted."""
        path = request.match_info["path"]
        repository = self._desk.open(request, "file", path)
        snapshot = self._desk.snapshot(repository, request.match_info["rev"])
        blob = _blob(snapshot, path)
        headers = {
            "X-Repo-Commit": snapshot.commit,
            "ETag": f'"{blob.etag}"',
            "Content-Disposition": _disposition(path),
        }
        if blob.sha256:
            headers |= {"X-Linked-Size": str(blob.size), "X-Linked-Etag": f'"{blob.sha256}"'}
        if repository.cdn and blob.sha256 and self._desk.cdn_url:
            key = hashlib.sha256(f"{repository.id} {snapshot.commit} {path}".encode()).hexdigest()
            self._elsewhere[key] = blob
            headers["Location"] = f"{self._desk.cdn_url}/cdn/{key}"
            return web.Response(status=302, text=f"Found. Redirecting to {headers['Location']}", headers=headers)
        return await send(request, blob, headers)

    async def raw(self, request: web.Request) -> web.StreamResponse:
        """A file as git stores it: large ones as their pointer. Gated without exceptions (observed)."""
        repository = self._desk.open(request, "file")
        snapshot = self._desk.snapshot(repository, request.match_info["rev"])
        blob = _blob(snapshot, request.match_info["path"])
        headers = {"X-Repo-Commit": snapshot.commit, "ETag": f'"{blob.oid}"'}
        if blob.pointer:
            return web.Response(body=blob.pointer, content_type="text/plain", headers=headers)
        return await send(request, blob, headers)

    async def cdn(self, request: web.Request) -> web.StreamResponse:
        """A large file under the address of a redirect, which is all the permission it takes."""
        blob = self._elsewhere.get(request.match_info["key"])
        if blob is None:
            raise Refused("not_found")
        return await send(request, blob, {"ETag": f'"{blob.etag}"'})


async def send(request: web.Request, blob: Blob, headers: dict[str, str]) -> web.StreamResponse:
    """Answer with a file, or the part of it that ``Range`` asks for; with its head alone to HEAD.

    A request marked by a fault gets half of it and a broken connection.
    """
    start, stop, status = _range_of(request, blob)
    headers = {**headers, "Accept-Ranges": "bytes", "Content-Length": str(stop - start)}
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{blob.size}"
    response = web.StreamResponse(status=status, headers=headers)
    response.content_type = _content_type(blob.path)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    if REQUEST_CONTEXT.get().is_cut:
        stop = start + (stop - start) // 2
    chunks = segments.read(blob.segments, start, stop)
    try:
        while chunk := await asyncio.to_thread(next, chunks, b""):
            await response.write(chunk)
    except ConnectionError:  # the reader has what it wanted, and is gone
        return response
    if REQUEST_CONTEXT.get().is_cut and request.transport is not None:
        request.transport.abort()
        return response
    await response.write_eof()
    return response


def _range_of(request: web.Request, blob: Blob) -> tuple[int, int, int]:
    """First byte, byte after the last, and status. Raises HTTPRequestRangeNotSatisfiable."""
    match = RANGE.match(request.headers.get("Range", ""))
    if match is None or match[0] == "bytes=-" or REQUEST_CONTEXT.get().ignores_range:
        return 0, blob.size, 200
    if not match[1]:
        start, stop = max(0, blob.size - int(match[2])), blob.size
    else:
        start, stop = int(match[1]), min(int(match[2]) + 1 if match[2] else blob.size, blob.size)
    if start >= stop:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{blob.size}"})
    return start, stop, 206


def _blob(snapshot: Snapshot, path: str) -> Blob:
    if path not in snapshot.files:
        raise Refused("entry_not_found", headers={"X-Repo-Commit": snapshot.commit})
    return snapshot.files[path]


def _is_below(path: str, folder: str, recursive: bool) -> bool:
    if folder and not path.startswith(folder + "/"):
        return False
    return recursive or "/" not in path[len(folder) :].strip("/")


def _says_yes(value: str | None) -> bool:
    return (value or "").lower() in ("1", "true")


def _content_type(path: str) -> str:
    if path.endswith(".json"):
        return "application/json"
    text = path.endswith((".md", ".txt", ".py", ".jinja", ".jsonl")) or "." not in path.rpartition("/")[2].lstrip(".")
    return "text/plain" if text else "application/octet-stream"


def _disposition(path: str) -> str:
    name = path.rpartition("/")[2]
    plain = re.sub(r'[^\x20-\x7e]|["\\]', "_", name)
    return f"inline; filename*=UTF-8''{quote(name)}; filename=\"{plain}\";"
