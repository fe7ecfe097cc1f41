"""Bytes on disk: blobs by id, and content-addressed blocks (mount files, Volume uploads) by SHA-256.

Files are written under a temporary name and renamed, so that half an upload is never seen. The methods block;
callers in the event loop run the big ones in a thread.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from pathlib import Path

_SHA256 = re.compile(r"[0-9a-f]{64}")


class BlobStore:
    """The store under one folder."""

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs"
        self._blocks = folder / "blocks"
        self._incoming = folder / "incoming"
        for each in (self._blobs, self._blocks, self._incoming):
            each.mkdir(parents=True, exist_ok=True)

    def incoming(self) -> Path:
        """A fresh path to write an upload to before it is filed."""
        return self._incoming / secrets.token_hex(8)

    def blob(self, blob_id: str) -> Path:
        """Where a blob is, whether it is there or not."""
        return self._blobs / blob_id

    def file_blob(self, blob_id: str, upload: Path) -> None:
        """Make an upload the contents of a blob."""
        upload.replace(self.blob(blob_id))

    def block(self, sha256: str) -> Path:
        """Where a block is. Raises ValueError for anything but a hexadecimal SHA-256."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self._blocks / sha256

    def has_block(self, sha256: str) -> bool:
        """Whether a block has arrived."""
        return bool(_SHA256.fullmatch(sha256)) and self.block(sha256).exists()

    def put_block(self, data: bytes) -> str:
        """Store bytes; the SHA-256 that names them."""
        digest = hashlib.sha256(data).hexdigest()
        target = self.block(digest)
        if not target.exists():
            upload = self.incoming()
            upload.write_bytes(data)
            upload.replace(target)
        return digest

    def file_block(self, sha256: str, upload: Path) -> None:
        """Make an upload a block."""
        upload.replace(self.block(sha256))

    def copy_blob_to_block(self, blob_id: str, sha256: str) -> None:
        """A mount file that was too big for a message arrives as a blob. Raises FileNotFoundError."""
        upload = self.incoming()
        shutil.copyfile(self.blob(blob_id), upload)
        upload.replace(self.block(sha256))

    def assemble(self, blocks: list[str], target: Path) -> None:
        """Write a file from blocks. Raises FileNotFoundError when one is missing."""
        upload = self.incoming()
        with upload.open("wb") as out:
            for sha256 in blocks:
                with self.block(sha256).open("rb") as part:
                    shutil.copyfileobj(part, out, 1 << 20)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(upload, target)
