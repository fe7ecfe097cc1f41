"""A program that containers fork from, so that not each of them has to import Modal's entrypoint and PyTorch anew.

It uses nothing but the standard library, and is run by path, so that a container finds nothing of ours in it:

    fork_server.py dispatch SOCKET         one server for each kind of container, until standard input closes
    fork_server.py serve FD MODULE…        import the modules, then fork a container for each request (see `_serve`)

A container made here has to be what a fresh ``python -m modal._container_entrypoint`` is. Where it could differ, it is
refused, and whoever asked starts a fresh interpreter: when a variable that a module has read at import has another
value in the container, when a file of the app hides a module, or when an import printed something or began a thread.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path
from typing import Any

ENTRYPOINT = "modal._container_entrypoint"
_READ_OUTSIDE_PYTHON = (
    *("PYTHON", "LD_", "GLIBC_", "MALLOC_", "LANG", "LC_", "TZ", "MODAL_IS_REMOTE"),
    *("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "GOTO_", "ATEN_", "C10_", "CUDA_", "NVIDIA_"),
    *("TORCH", "PYTORCH_", "TQDM_"),  # also read in Python, but containers with different values are to be expected
)
"""Variables with these beginnings are set before a server starts: it serves only containers with the same ones."""
_OWN_SEARCH_PATH = "PYTHONPATH"
_HOME_DOES_NOT_MATTER_TO = {"modal.config", "sysconfig", "tqdm.utils", "triton.knobs"}
"""They read HOME at import for what is corrected below, never used here, or used with a GPU only."""
_ALONE = {"HOME": "/nonexistent", "OPENBLAS_NUM_THREADS": "1", "_": " " * (1 << 16)}
"""Variables of a server that its containers do not get; the last is where the system will find theirs."""
_MOST_SERVERS = 6
_HEADER = struct.Struct("!I")
_MOST_FILES = 4

Message = tuple[dict[str, Any], list[int]]

WATCHED = 'exec 3<&0 </dev/null; ( (read _ <&3; kill -9 -"$0") >/dev/null 2>&1 & )'
"""Kills the process group "$0" when the pipe on standard input breaks."""


def send(connection: socket.socket, request: dict[str, Any], files: list[int]) -> None:
    """Send a request, and open files with it."""
    data = json.dumps(request).encode()
    socket.send_fds(connection, [_HEADER.pack(len(data))], files)
    connection.sendall(data)


def receive(connection: socket.socket) -> Message | None:
    """A request and the files that came with it; None when the other side is gone."""
    with contextlib.suppress(ConnectionError):
        header, files, _, _ = socket.recv_fds(connection, _HEADER.size, _MOST_FILES, socket.MSG_CMSG_CLOEXEC)
        data = b""
        while len(header) == _HEADER.size and len(data) < (size := _HEADER.unpack(header)[0]):
            if not (piece := connection.recv(size - len(data))):
                break
            data += piece
        else:
            if data:
                return json.loads(data), files
        for file in files:
            os.close(file)
    return None


# ---- dispatch


def _dispatch(address: str) -> None:
    servers: dict[str, socket.socket] = {}
    processes: list[subprocess.Popen[bytes]] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            connection, _ = listener.accept()
            with connection:
                if message := receive(connection):
                    _hand_on(message, connection, servers, processes)
            processes = [each for each in processes if each.poll() is None]


def _hand_on(
    message: Message, connection: socket.socket, servers: dict[str, socket.socket], processes: list[Any]
) -> None:
    """Give a request to the server for its kind of container, started when there is none or it has died."""
    request, files = message
    given: dict[str, str] = request["environment"]
    settings = {key: value for key, value in given.items() if key.startswith(_READ_OUTSIDE_PYTHON)}
    settings.pop(_OWN_SEARCH_PATH, None)
    kind = json.dumps([request["python"], request["modules"], sorted(settings.items())])
    try:
        for _ in range(2):
            if kind not in servers:
                servers[kind] = _start(request, settings | {"PATH": given.get("PATH", "")}, processes)
            try:
                send(servers[kind], request, [connection.fileno(), *files])
                break
            except OSError:
                servers.pop(kind).close()
        servers[kind] = servers.pop(kind)
        if len(servers) > _MOST_SERVERS:  # the one used longest ago; it ends after its last container
            servers.pop(next(iter(servers))).close()
    except (OSError, KeyError):
        connection.sendall(b"refused: no server could be started\n")
    finally:
        for file in files:
            os.close(file)


def _start(request: dict[str, Any], environment: dict[str, str], processes: list[Any]) -> socket.socket:
    ours, theirs = socket.socketpair()
    with theirs, tempfile.TemporaryFile() as printed:
        command = [request["python"], __file__, "serve", str(theirs.fileno()), *request["modules"]]
        process = subprocess.Popen(
            command,
            env=_ALONE | environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    processes.append(process)
    return ours


# ---- serve


class _Preloaded:
    """The imported modules, and what a container has to be like to share them."""

    def __init__(self, modules: list[str]) -> None:
        self.search_path = sys.path if sys.flags.safe_path else sys.path[1:]
        self.read: set[str] = set()
        self.given = dict(os.environ)
        self.trouble = ""
        kind = type(os.environ)
        look_up = kind.__getitem__

        def noted(environ: Any, name: str) -> str:
            if name != "HOME" or _reader() not in _HOME_DOES_NOT_MATTER_TO:
                self.read.add(name)
            return look_up(environ, name)

        kind.__getitem__ = noted  # type: ignore[method-assign]
        try:
            for name in modules:
                importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - the container itself will say what is wrong
            self.trouble = f"{type(error).__name__}: {error}"
        finally:
            kind.__getitem__ = look_up  # type: ignore[method-assign]
        if ENTRYPOINT in sys.modules:  # runs as __main__ in each container, for which it must not be there yet
            del sys.modules[ENTRYPOINT], sys.modules["modal"]._container_entrypoint
        self.added = {name: value for name, value in os.environ.items() if name not in self.given}
        for name in _ALONE:
            self.given.pop(name, None)
        self.tops = {name.partition(".")[0] for name in sys.modules} | {"sitecustomize", "usercustomize"}
        sys.stdout.flush()
        sys.stderr.flush()
        if os.fstat(1).st_size:
            self.trouble = self.trouble or "an import printed something"
        if len(os.listdir("/proc/self/task")) > 1:
            self.trouble = self.trouble or "an import began a thread"

    def differs(self, request: dict[str, Any]) -> str:
        """Why a container cannot be made from this process; nothing when it can."""
        given = request["environment"]
        names = [name for name in self.read if given.get(name) != self.given.get(name)]
        hidden = self.tops & {name.partition(".")[0] for name in os.listdir(request["folder"])}
        return self.trouble or ", ".join(sorted([*names, *hidden]))


def _reader() -> str:
    """The module that is reading a variable just now."""
    frame: Any = sys._getframe(2)
    while frame.f_globals.get("__name__") in ("os", "posixpath", "collections.abc", "pathlib"):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__"))


def _serve(control: socket.socket, modules: list[str]) -> bool:
    """Fork a container for each request until the dispatcher and all containers are gone. True in a container.

    A request comes with four files: where to answer, the pipe that breaks when the container is to die, its standard
    output and its standard error. The answers are lines: ``started PID`` or ``refused: WHY``, and ``ended CODE``.
    """
    preloaded = _Preloaded(modules)
    woken, wakes = os.pipe()
    for end in (woken, wakes):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    gc.collect()
    gc.freeze()  # what is there now is shared by all: looking through it in each container would copy it
    containers: dict[int, socket.socket] = {}
    is_open = True
    while is_open or containers:
        waiting: list[Any] = [control, woken] if is_open else [woken]
        ready, _, _ = select.select(waiting, [], [])
        if woken in ready:
            os.read(woken, 1 << 12)
            _report(containers)
        if control not in ready:
            continue
        message = receive(control)
        if message is None:
            is_open = False
            continue
        request, (answer, *files) = message
        connection = socket.socket(fileno=answer)
        if why := preloaded.differs(request):
            _say(connection, f"refused: {why}")
            connection.close()
        elif process := os.fork():
            containers[process] = connection
        else:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            _say(connection, f"started {os.getpid()}")
            for each in (control, connection, *containers.values()):
                each.close()
            _become(request, files, preloaded)
            for file in (*files, woken, wakes):
                os.close(file)
            return True
        for file in files:
            os.close(file)
    return False


def _say(connection: socket.socket, line: str) -> None:
    with contextlib.suppress(OSError):  # who asked is gone; the container's pipe is broken then
        connection.sendall(f"{line}\n".encode())


def _report(containers: dict[int, socket.socket]) -> None:
    """Tell of the containers that have ended."""
    for process in list(containers):
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            with containers.pop(process) as connection:
                _say(connection, f"ended {os.waitstatus_to_exitcode(status)}")


# ---- in a container


def _become(request: dict[str, Any], files: list[int], preloaded: _Preloaded) -> None:
    """Make this process what a fresh interpreter in the container's environment would be."""
    lifeline, out, errors = files
    environment: dict[str, str] = request["environment"]
    for source, target in ((lifeline, 0), (out, 1), (errors, 2)):
        os.dup2(source, target)
    watcher = os.posix_spawn("/bin/sh", ["sh", "-c", WATCHED, str(os.getpid())], environment)
    os.waitpid(watcher, 0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.environ.clear()
    os.environ.update(preloaded.added | environment)
    _show(environment)
    os.chdir(request["folder"])
    own = [each for each in environment.get(_OWN_SEARCH_PATH, "").split(os.pathsep) if each]
    sys.path[:] = [*([] if sys.flags.safe_path else [os.getcwd()]), *own, *preloaded.search_path]
    sys.orig_argv[:] = [request["python"], "-m", ENTRYPOINT]
    sys.argv[:] = ["-m"]
    time.tzset()
    if config := sys.modules.get("modal.config"):
        config.user_config_path = os.path.expanduser("~/.modal.toml")  # type: ignore[attr-defined]
    if random := sys.modules.get("numpy.random"):
        random.seed()  # else all containers draw the same; the standard library sees to its own


def _show(environment: dict[str, str]) -> None:
    """Write the environment to where the system looks for it (``/proc/PID/environ``), when there is room."""
    numbers = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(numbers[47]), int(numbers[48])  # env_start and env_end in proc(5)
    data = b"".join(os.fsencode(f"{key}={value}") + b"\0" for key, value in environment.items())
    if len(data) < end - start:
        with open("/proc/self/mem", "r+b", 0) as memory:
            memory.seek(start)
            memory.write(data.ljust(end - start, b"\0"))


def _without_this_file(kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
    sys.__excepthook__(kind, error.with_traceback(trace and trace.tb_next), trace and trace.tb_next)


if __name__ == "__main__":
    if sys.argv[1] == "dispatch":
        _dispatch(sys.argv[2])
    elif _serve(socket.socket(fileno=int(sys.argv[2])), sys.argv[3:]):
        sys.excepthook = _without_this_file
        sys.modules["__main__"] = types.ModuleType("__main__")
        runpy._run_module_as_main(ENTRYPOINT)  # type: ignore[attr-defined]
