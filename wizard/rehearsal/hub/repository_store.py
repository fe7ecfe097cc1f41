"""What a repository holds: its files with their object ids, its commits and its revisions.

Object ids are git's own: sha1 for blobs, trees and commits; large files are stored by a pointer with their
sha256, as Git LFS does. So a change of one byte changes the commit, and the same folder always gives the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from wizard.rehearsal.fixtures import Kind, Repository
from wizard.rehearsal.hub.content import synthetic, weights
from wizard.rehearsal.hub.content.segments import Segment, Span, Zeros, length_of, read

LARGE_SUFFIXES = (".safetensors", ".bin", ".gguf", ".onnx", ".pt", ".pth")
LARGE_SIZE = 10 * 1024 * 1024  # bytes from which the Hub keeps any file in LFS
SKIPPED_FOLDERS = {".git", ".cache", "__pycache__"}


@dataclass(frozen=True)
class Blob:
    """One file: where its bytes come from and what it is called in git (and, if large, in LFS).

    `sha256` is that of the contents, except where they are made up and too large to be worth hashing.
    """

    path: str
    size: int
    oid: str
    segments: tuple[Segment, ...]
    sha256: str | None = None
    pointer: bytes = b""

    @property
    def etag(self) -> str:
        """The name under which clients cache it."""
        return self.sha256 or self.oid

    def text(self) -> str:
        """The whole contents as text; for small files."""
        return b"".join(read(self.segments, 0, self.size)).decode("utf-8", "replace")


@dataclass(frozen=True)
class Snapshot:
    """A commit and the files it holds, by path."""

    commit: str
    title: str
    date: str
    files: Mapping[str, Blob]

    def folders(self) -> dict[str, str]:
        """Every folder below the root, with its git tree id."""
        found = {str(p) for path in self.files for p in Path(path).parents if str(p) != "."}
        return {folder: _tree_oid(self.files, folder + "/") for folder in sorted(found)}


@dataclass(frozen=True)
class RepositoryContents:
    """A repository's history: the newest commit first, then the initial one; and its tags."""

    commits: tuple[Snapshot, ...]
    tags: tuple[str, ...]

    @property
    def head(self) -> Snapshot:
        """What ``main`` points at."""
        return self.commits[0]

    def at(self, revision: str) -> Snapshot | None:
        """The snapshot of a branch, tag, ref or full commit hash; None if there is none of that name."""
        names = {"main", "refs/heads/main", *self.tags, *(f"refs/tags/{tag}" for tag in self.tags)}
        if revision in names:
            return self.head
        return next((snapshot for snapshot in self.commits if snapshot.commit == revision), None)


class RepositoryStore:
    """Works out the contents of repositories when they are first asked for, and keeps them."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Kind, str], tuple[str, RepositoryContents]] = {}

    def of(self, repository: Repository) -> RepositoryContents:
        """The contents of one repository. Raises OSError when its folder cannot be read."""
        state = repr((repository.folder, repository.without, repository.files, repository.shards))
        key = (repository.kind, repository.id)
        if key not in self._kept or self._kept[key][0] != state:
            self._kept[key] = (state, _contents_of(repository))
        return self._kept[key][1]


def _contents_of(repository: Repository) -> RepositoryContents:
    blobs = {path: make_blob(path, segments) for path, segments in sorted(_listing(repository).items())}
    first = {path: blob for path, blob in blobs.items() if path == ".gitattributes"}
    initial = _commit(repository, "initial commit", repository.created_at, first, None)
    head = _commit(repository, f"Upload {repository.id}", repository.last_modified, blobs, initial.commit)
    return RepositoryContents((head, initial), repository.revisions)


def _listing(repository: Repository) -> dict[str, tuple[Segment, ...]]:
    files = synthetic.files_of(repository)
    folder = repository.folder
    for path in sorted(folder.rglob("*")) if folder is not None else ():
        relative = path.relative_to(folder) if folder is not None else path
        if path.is_file() and not SKIPPED_FOLDERS & set(relative.parts):
            files[relative.as_posix()] = (Span(path, 0, path.stat().st_size),)
    single = folder / weights.SINGLE_FILE if folder is not None else None
    if repository.shards > 1 and single is not None and single.is_file():
        del files[weights.SINGLE_FILE]
        files.update(weights.split(single, repository.shards))
    for name in repository.without:
        files.pop(name, None)
    for name, given in repository.files.items():
        files[name] = synthetic.file_of(name, given)
    return files


def make_blob(path: str, segments: tuple[Segment, ...]) -> Blob:
    """A file of a repository, with its object ids worked out. Raises OSError from the disk."""
    size = sum(length_of(segment) for segment in segments)
    if path.endswith(LARGE_SUFFIXES) or size >= LARGE_SIZE:
        digest = _sha256(path, segments, size)
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {size}\n".encode()
        return Blob(path, size, _git_oid("blob", pointer), segments, digest, pointer)
    return Blob(path, size, _git_oid("blob", b"".join(read(segments, 0, size))), segments)


def _sha256(path: str, segments: tuple[Segment, ...], size: int) -> str:
    if size >= LARGE_SIZE and any(isinstance(segment, Zeros) for segment in segments):
        return hashlib.sha256(repr((path, segments)).encode()).hexdigest()
    if len(segments) == 1 and isinstance(segments[0], Span):
        file = segments[0].path
        return _sha256_of_file(file, file.stat().st_mtime_ns, size)
    digest = hashlib.sha256()
    for chunk in read(segments, 0, size):
        digest.update(chunk)
    return digest.hexdigest()


@lru_cache(maxsize=256)
def _sha256_of_file(path: Path, modified: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _git_oid(kind: str, body: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(body)}\0".encode() + body, usedforsecurity=False).hexdigest()


def _tree_oid(files: Mapping[str, Blob], prefix: str = "") -> str:
    below: dict[str, tuple[str, str]] = {}
    for path, blob in files.items():
        if path.startswith(prefix):
            name, _, rest = path[len(prefix) :].partition("/")
            if not rest:
                below[name] = ("100644", blob.oid)
            elif name not in below:
                below[name] = ("40000", _tree_oid(files, f"{prefix}{name}/"))
    ordered = sorted(below.items(), key=lambda item: item[0] + ("/" if item[1][0] == "40000" else ""))
    body = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(oid) for name, (mode, oid) in ordered)
    return _git_oid("tree", body)


def _commit(repository: Repository, title: str, date: str, files: Mapping[str, Blob], parent: str | None) -> Snapshot:
    seconds = int(datetime.fromisoformat(date).timestamp())
    who = f"{repository.owner} <{repository.owner}@rehearsal.invalid> {seconds} +0000"
    lines: Iterable[str] = (
        f"tree {_tree_oid(files)}",
        *([f"parent {parent}"] if parent else []),
        f"author {who}",
        f"committer {who}",
        "",
        title,
        "",
    )
    return Snapshot(_git_oid("commit", "\n".join(lines).encode()), title, date, files)
