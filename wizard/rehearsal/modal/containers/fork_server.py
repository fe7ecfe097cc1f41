"""A program that Python programs fork from, so that not each of them has to import PyTorch or an SDK anew.

Containers of the stand-in Modal are such programs. It uses nothing but the standard library, and is run by path, so
that they find nothing of ours in it:

    fork_server.py dispatch SOCKET         one server for each kind of program, until standard input closes
    fork_server.py serve FD FD MODULE…     import the modules, then fork a program for each request (see `_serve`)

A program that is forked has to be what it is in a fresh interpreter. Where it could differ, it is refused, and whoever
asked starts an interpreter: when a variable that a module has read at import has another value in the program's
environment, when a file in its folder hides a module, or when an import printed something or began a thread.
A ``sitecustomize.py`` on its search path runs after what was imported beforehand, where the request says that there is
one that cannot tell the difference.
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
import time
import types
from pathlib import Path
from typing import Any

ENTRYPOINT = "modal._container_entrypoint"
_READ_OUTSIDE_PYTHON = (
    *("PYTHON", "LD_", "GLIBC_", "MALLOC_", "LANG", "LC_", "TZ", "MODAL_IS_REMOTE"),
    *("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "GOTO_", "ATEN_", "C10_", "CUDA_", "NVIDIA_"),
    *("TORCH", "PYTORCH_", "TQDM_"),  # also read in Python, but programs with different values are to be expected
)
"""Variables with these beginnings are set before a server starts: it serves only programs with the same ones."""
_OWN_SEARCH_PATH = "PYTHONPATH"
_HOME_DOES_NOT_MATTER_TO = {"modal.config", "sysconfig", "tqdm.utils", "triton.knobs"}
"""They read HOME at import for what is corrected below, never used here, or used with a GPU only."""
_ALONE = {"HOME": "/nonexistent", "OPENBLAS_NUM_THREADS": "1", "_": " " * (1 << 16)}
"""Variables of a server that its programs do not get; the last is where the system will find theirs."""
_CUSTOMIZATION = "sitecustomize"
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
    """Give a request to the server for its kind of program, started when there is none or it has died."""
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
        if len(servers) > _MOST_SERVERS:  # the one used longest ago; it ends after its last program
            servers.pop(next(iter(servers))).close()
    except (OSError, KeyError):
        connection.sendall(b"refused: no server could be started\n")
    finally:
        for file in files:
            os.close(file)


def _start(request: dict[str, Any], environment: dict[str, str], processes: list[Any]) -> socket.socket:
    ours, theirs = socket.socketpair()
    printed, prints = os.pipe()
    with theirs, open(printed), open(prints, "w") as output:
        files = [theirs.fileno(), printed]
        process = subprocess.Popen(
            [request["python"], __file__, "serve", *map(str, files), *request["modules"]],
            env=_ALONE | environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=files,
            start_new_session=True,
        )
    processes.append(process)
    return ours


# ---- serve


class _Preloaded:
    """The imported modules, and what a program has to be like to share them."""

    def __init__(self, modules: list[str], printed: int) -> None:
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
        except Exception as error:  # noqa: BLE001 - the program itself will say what is wrong
            self.trouble = f"{type(error).__name__}: {error}"
        finally:
            kind.__getitem__ = look_up  # type: ignore[method-assign]
        if ENTRYPOINT in sys.modules:  # is run in each container, for which it must not be there yet
            del sys.modules[ENTRYPOINT], sys.modules["modal"]._container_entrypoint
        self.added = {name: value for name, value in os.environ.items() if name not in self.given}
        for name in _ALONE:
            self.given.pop(name, None)
        self.tops = {name.partition(".")[0] for name in sys.modules} | {_CUSTOMIZATION, "usercustomize"}
        sys.stdout.flush()
        sys.stderr.flush()
        if select.select([printed], [], [], 0)[0]:
            self.trouble = self.trouble or "an import printed something"
        if len(os.listdir("/proc/self/task")) > 1:
            self.trouble = self.trouble or "an import began a thread"

    def differs(self, request: dict[str, Any]) -> str:
        """Why a program cannot be forked from this process; nothing when it can."""
        given = request["environment"]
        names = [name for name in self.read if given.get(name) != self.given.get(name)]
        hidden = self.tops & {name.partition(".")[0] for name in os.listdir(request["folder"])}
        again = _CUSTOMIZATION in sys.modules and request.get("customized")  # this interpreter has one of its own
        return self.trouble or ", ".join(sorted([*names, *hidden, *([_CUSTOMIZATION] if again else [])]))


def _reader() -> str:
    """The module that is reading a variable just now."""
    frame: Any = sys._getframe(2)
    while frame.f_globals.get("__name__") in ("os", "posixpath", "collections.abc", "pathlib"):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__"))


def _serve(control: socket.socket, printed: int, modules: list[str]) -> list[str]:
    """Fork a program for each request, until the dispatcher and all programs are gone.

    Returns nothing then, and in a forked process its command, as it would follow after ``python``. A request comes
    with four files: where to answer, and the standard ones. The answers are lines: ``started PID`` or
    ``refused: WHY``, and ``ended CODE``.
    """
    preloaded = _Preloaded(modules, printed)
    woken, wakes = os.pipe()
    for end in (woken, wakes):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    gc.collect()
    gc.freeze()  # what is there now is shared by all: looking through it in each program would copy it
    running: dict[int, socket.socket] = {}
    is_open = True
    while is_open or running:
        waiting: list[Any] = [control, woken] if is_open else [woken]
        ready, _, _ = select.select(waiting, [], [])
        if woken in ready:
            os.read(woken, 1 << 12)
            _report(running)
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
            running[process] = connection
        else:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            _say(connection, f"started {os.getpid()}")
            for each in (control, connection, *running.values()):
                each.close()
            _become(request, files, preloaded)
            for file in (*files, woken, wakes, printed):
                os.close(file)
            return list(request["command"])
        for file in files:
            os.close(file)
    return []


def _say(connection: socket.socket, line: str) -> None:
    with contextlib.suppress(OSError):  # who asked is gone
        connection.sendall(f"{line}\n".encode())


def _report(running: dict[int, socket.socket]) -> None:
    """Tell of the programs that have ended."""
    for process in list(running):
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            with running.pop(process) as connection:
                _say(connection, f"ended {os.waitstatus_to_exitcode(status)}")


# ---- in a forked process


def _become(request: dict[str, Any], files: list[int], preloaded: _Preloaded) -> None:
    """Make this process what a fresh interpreter in the program's environment would be."""
    environment: dict[str, str] = request["environment"]
    for target, source in enumerate(files):
        os.dup2(source, target)
    if request["watched"]:
        watcher = os.posix_spawn("/bin/sh", ["sh", "-c", WATCHED, str(os.getpid())], environment)
        os.waitpid(watcher, 0)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
    sys.stdin = sys.__stdin__ = _standard_input()  # type: ignore[misc]
    os.environ.clear()
    os.environ.update(preloaded.added | environment)
    _show(environment)
    os.chdir(request["folder"])
    own = [each for each in environment.get(_OWN_SEARCH_PATH, "").split(os.pathsep) if each]
    sys.path[:] = [*([] if sys.flags.safe_path else [os.getcwd()]), *own, *preloaded.search_path]
    sys.orig_argv[:] = [request["python"], *request["command"]]
    time.tzset()
    if config := sys.modules.get("modal.config"):
        config.user_config_path = os.path.expanduser("~/.modal.toml")  # type: ignore[attr-defined]
    if random := sys.modules.get("numpy.random"):
        random.seed()  # else all programs draw the same; the standard library sees to its own
    if request.get("customized"):
        importlib.import_module(_CUSTOMIZATION)


def _standard_input() -> Any:
    """As the interpreter opens it. The outputs are pipes here as they were, so they stay."""
    given: Any = sys.stdin
    text: Any = open(0, encoding=given.encoding, errors=given.errors, closefd=False)  # noqa: SIM115
    text.reconfigure(write_through=given.write_through)
    text.buffer.raw.name, text.mode = "<stdin>", "r"
    return text


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
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    sys.__excepthook__(kind, error.with_traceback(trace), trace)


def _run(program: str, *arguments: str) -> None:
    """Become ``python program arguments``; a program is a file, or ``-m`` with a module after it."""
    sys.excepthook = _without_this_file
    sys.modules["__main__"] = types.ModuleType("__main__")
    if program == "-m":
        sys.argv[:] = ["-m", *arguments[1:]]
        runpy._run_module_as_main(arguments[0])  # type: ignore[attr-defined]
    else:
        sys.argv[:] = [program, *arguments]
        if not sys.flags.safe_path:
            sys.path[0] = os.path.dirname(os.path.realpath(program))
        runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    if sys.argv[1] == "dispatch":
        _dispatch(sys.argv[2])
    elif command := _serve(socket.socket(fileno=int(sys.argv[2])), int(sys.argv[3]), sys.argv[4:]):
        _run(*command)
