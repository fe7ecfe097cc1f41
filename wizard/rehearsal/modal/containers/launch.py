"""What it takes to start a container: its folder, its files, its clean environment and its command line.

A container must not outlive the server, even if that is killed with SIGKILL. Its standard input is the read end of
a pipe whose write end only the server holds; a shell in the container's process group waits on it and kills the
group when the pipe breaks. That works alike on Linux and macOS, and unlike PR_SET_PDEATHSIG it takes the
container's own children along and does not depend on the thread that started it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from modal_proto import api_pb2 as pb
from packaging.utils import canonicalize_name

from wizard.codegen.live import MARK_VARIABLE
from wizard.rehearsal.modal.account.secrets import use_secrets
from wizard.rehearsal.modal.containers.forking import ENTRYPOINT, HUB_MODULES, TORCH_MODULES, ForkServer, fork, has_gpu
from wizard.rehearsal.modal.containers.mounting import MountPoint, bind_command, mount_points, rewrite
from wizard.rehearsal.modal.images.images import image_chain, image_env
from wizard.rehearsal.modal.images.pins import pins
from wizard.rehearsal.modal.state.container import Container, Process
from wizard.rehearsal.modal.state.state import ModalState

logger = logging.getLogger(__name__)

RUNTIME = "gvisor"
_WATCHED = (
    'exec 3<&0 </dev/null; ( (read _ <&3; kill -9 -$$) >/dev/null 2>&1 & ); unset OLDPWD PWD SHLVL; exec "$@" 3<&-'
)


@dataclass(frozen=True)
class Launch:
    """How to start a process. The environment holds secrets: never on the command line, never in a log."""

    command: list[str]
    environment: dict[str, str]
    folder: Path
    notes: list[str]
    python: str
    preloaded: tuple[str, ...] | None
    """What the process that it may fork from has imported beside the entrypoint; None: it has to be a fresh one."""
    is_customized: bool
    """Whether it runs a ``sitecustomize.py`` of the stand-in's."""


def prepare(state: ModalState, container: Container) -> Launch:
    """Write a container's files. Blocks; raises GRPCError or OSError when something that it needs is gone."""
    root = container.folder / "root"
    home = container.folder / "home"
    for folder in (root, home):
        folder.mkdir(parents=True)
    _place_files(state, container)
    points = mount_points(state, container.definition)
    command = [state.settings.python, "-m", ENTRYPOINT]
    notes = []
    if state.settings.volume_mode == "bind" and points:
        command = bind_command(container.folder, points) + command
    else:
        notes = [_note(point) for point in points]
    arguments = _write_arguments(state, container)
    environment = _environment(state, container, points, home)
    environment |= _modal_variables(state, container, arguments)
    own = [str(each) for each in (root, state.settings.customization) if each]
    preloaded = None if environment.get("PYTHONPATH") else _preloaded(state, container)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [*own, environment.get("PYTHONPATH")]))
    shell = ["/bin/sh", "-c", _WATCHED, "sh", *command]
    is_customized = state.settings.customization is not None
    return Launch(shell, environment, root, notes, state.settings.python, preloaded, is_customized)


def _preloaded(state: ModalState, container: Container) -> tuple[str, ...] | None:
    """What is worth importing before a container forks, to judge by its image and by whether it may hold a model."""
    definition = container.definition
    if state.settings.volume_mode == "bind":
        return None
    images = image_chain(state, definition.image_id)
    commands = [command for image in images for command in image.definition.dockerfile_commands]
    packages = {canonicalize_name(name) for command in commands for name, _ in pins(command)}
    holds_model = definition.is_class or definition.resources.gpu_config.gpu_type
    if "torch" in packages and holds_model:
        return None if has_gpu() else HUB_MODULES + TORCH_MODULES
    return HUB_MODULES if "huggingface-hub" in packages else ()


def _place_files(state: ModalState, container: Container) -> None:
    """Copy mounted files under the container's folder; those of the SDK itself are installed on this machine."""
    for mount_id in container.definition.mount_ids:
        for name, sha256 in state.mounts.get(mount_id, {}).items():
            source = state.blobs.block(sha256)
            target = (container.folder / name.lstrip("/")).resolve()
            if source.exists() and target.is_relative_to(container.folder):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)


def _note(point: MountPoint) -> str:
    note = f"[demo] {point.path} is {point.folder} here: environment values under it are rewritten"
    if point.read_only:
        note += "; on Modal this mount is read-only, here nothing stops a write"
    return note


def _environment(state: ModalState, container: Container, points: list[MountPoint], home: Path) -> dict[str, str]:
    """A clean start, then the image, the Secrets and the runtime; nothing is inherited."""
    definition = container.definition
    search = [str(Path(state.settings.python).parent), "/usr/local/bin", "/usr/bin", "/bin"]
    environment = {
        "PATH": os.pathsep.join(search),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }
    from_image = image_env(state, definition.image_id, environment)
    if state.settings.volume_mode == "env":
        from_image = rewrite(from_image, points)
    environment |= from_image
    if not state.faults.differs("modal-secret-attached"):
        environment |= use_secrets(state, list(definition.secret_ids))
    if state.faults.differs("modal-clean-environment"):
        environment[MARK_VARIABLE] = "1"
    withheld = state.settings.never_beside_token if "HF_TOKEN" in environment else ()
    environment |= {name: value for name, value in state.settings.container_env.items() if name not in withheld}
    return environment


def _write_arguments(state: ModalState, container: Container) -> Path:
    app = state.apps[container.function.app_id]
    arguments = pb.ContainerArguments(
        task_id=container.id,
        function_id=container.function.id,
        app_id=app.id,
        function_def=container.definition,
        serialized_params=container.function.parameters,
        app_layout=app.layout,
        environment_name=app.environment,
        runtime=RUNTIME,
    )
    path = container.folder / "arguments.bin"
    path.write_bytes(arguments.SerializeToString())
    return path


def _modal_variables(state: ModalState, container: Container, arguments: Path) -> dict[str, str]:
    """What Modal's runtime tells its entrypoint (modal 1.6.4, _container_entrypoint.py and config.py)."""
    return {
        "MODAL_IS_REMOTE": "1",
        "MODAL_TASK_ID": container.id,
        "MODAL_IMAGE_ID": container.definition.image_id,
        "MODAL_ENVIRONMENT": state.apps[container.function.app_id].environment,
        "MODAL_CLOUD_PROVIDER": "CLOUD_PROVIDER_LOCAL",
        "MODAL_REGION": "local",
        "MODAL_SERVER_URL": container.url,
        "MODAL_CONTAINER_ARGUMENTS_PATH": str(arguments),
        "MODAL_FUNCTION_RUNTIME": RUNTIME,
    }


async def start_process(launch: Launch, server: ForkServer | None, stdin: int) -> Process:
    """Start what was prepared: forked where that is the same and there is a server for it, else a fresh interpreter."""
    if server is not None and launch.preloaded is not None:
        try:
            request = {"environment": launch.environment, "customized": launch.is_customized}
            forked = await fork(server, launch.python, launch.preloaded, request, launch.folder, stdin)
        except OSError as error:  # a fresh interpreter is as good, only slower
            logger.warning("No container can be forked: %s", error)
        else:
            if forked is not None:
                return forked
    return await asyncio.create_subprocess_exec(
        *launch.command,
        env=launch.environment,
        cwd=launch.folder,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
