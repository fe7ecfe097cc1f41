"""Volumes at their mount paths without root: by rewriting environment values, or by a real mount in a namespace."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.state.state import ModalState
from wizard.rehearsal.modal.storage.volumes import find_volume


@dataclass(frozen=True)
class MountPoint:
    """A Volume, or a folder of it, at the path where a function expects it."""

    path: str
    folder: Path
    read_only: bool


def mount_points(state: ModalState, definition: pb.Function) -> list[MountPoint]:
    """Where a function's Volumes go. Makes the folders of sub-paths. Raises NOT_FOUND for a deleted Volume."""
    points = []
    for mount in definition.volume_mounts:
        folder = find_volume(state, mount.volume_id).folder
        if mount.HasField("sub_path"):
            folder = folder / mount.sub_path.strip("/")
            folder.mkdir(parents=True, exist_ok=True)
        points.append(MountPoint(mount.mount_path.rstrip("/"), folder, mount.read_only))
    return points


def rewrite(environment: Mapping[str, str], points: Sequence[MountPoint]) -> dict[str, str]:
    """Values that name a mount path, or something under it, made to name the local folder."""
    rewritten = dict(environment)
    for key, value in environment.items():
        for point in points:
            if value == point.path or value.startswith(f"{point.path}/"):
                rewritten[key] = f"{point.folder}{value[len(point.path) :]}"
    return rewritten


def bind_command(folder: Path, points: Sequence[MountPoint]) -> list[str]:
    """A command prefix that runs the rest where the mounts are real (Linux, unprivileged user namespaces).

    The root is a fresh tmpfs in `folder` with every top-level entry bound into it. Raises ValueError for a mount
    path that lies in an existing directory of this machine, which would have to be written to.
    """
    new_root = folder / "newroot"
    new_root.mkdir()
    lines = [
        "set -e",
        f"N={shlex.quote(str(new_root))}",
        "mount -t tmpfs tmpfs $N",
        'for d in /* /.[!.]*; do [ -e "$d" ] || continue; b=${d#/}',
        'if [ -L "$d" ]; then cp -P "$d" "$N/$b"',
        'elif [ -d "$d" ]; then mkdir "$N/$b"; mount --rbind "$d" "$N/$b"',
        'else touch "$N/$b"; mount --bind "$d" "$N/$b"; fi; done',
    ]
    for point in points:
        top = Path("/") / PurePosixPath(point.path).parts[1]
        if top.exists() and not Path(point.path).exists():
            raise ValueError(f"{point.path} lies in {top}, which exists here; use a fresh top-level path")
        target = f"$N{shlex.quote(point.path)}"
        lines += [f"mkdir -p {target}", f"mount --bind {shlex.quote(str(point.folder))} {target}"]
        if point.read_only:
            lines.append(f"mount -o remount,ro,bind {target}")
    lines.append("C=$(PATH=/usr/sbin:/sbin:/usr/bin:/bin command -v chroot)")
    lines.append('exec $C $N /bin/sh -c \'cd "$0" && exec "$@"\' "$PWD" "$@"')
    return ["unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c", "\n".join(lines), "sh"]
