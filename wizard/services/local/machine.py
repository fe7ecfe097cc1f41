"""This machine: Python, the installed libraries, the terminal, and whether an address can be reached from here."""

from __future__ import annotations

import asyncio
import http.client
import importlib.metadata
import json
import os
import shutil
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from wizard import __version__
from wizard.core.access.unreachable import UnreachableReason
from wizard.core.concurrency.daemon_thread import on_daemon_thread
from wizard.core.doctor.ignored_variable import IgnoredVariable
from wizard.flow.ports.machine import Library, Reachability, Terminal

SECONDS = 5.0
INDEX_SECONDS = 2.0
_LIBRARIES = ("modal", "huggingface_hub", "textual", "keyring")
_REHEARSAL = ("torch", "transformers", "outlines")


class Machine:
    """A MachinePort over the standard library."""

    def __init__(self, ignored_variables: tuple[IgnoredVariable, ...] = ()) -> None:
        self._ignored_variables = ignored_variables

    @property
    def ignored_variables(self) -> tuple[IgnoredVariable, ...]:
        """What was left out of the environment."""
        return self._ignored_variables

    @property
    def python(self) -> tuple[int, int, int]:
        """Version of the interpreter."""
        return sys.version_info[:3]

    @property
    def modal_address(self) -> str:
        """Where Modal's service is."""
        return os.environ.get("MODAL_SERVER_URL") or "https://api.modal.com"

    def libraries(self) -> list[Library]:
        """The libraries that this program speaks with services through, and the range that it was made for."""
        wanted = _requirements()
        found = []
        for name in (*_LIBRARIES, *_REHEARSAL):
            try:
                installed: str | None = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                installed = None
            spec = wanted.get(canonicalize_name(name), SpecifierSet())
            fits = installed is not None and _fits(installed, spec)
            found.append(Library(name, installed, str(spec), fits, name in _REHEARSAL))
        return found

    def terminal(self) -> Terminal:
        """What the terminal can show."""
        is_one = bool(sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty())
        size = shutil.get_terminal_size()
        encoding = (getattr(sys.stdout, "encoding", None) or "").lower()
        return Terminal(is_one, os.environ.get("TERM", ""), size.columns, size.lines, encoding)

    async def check_reachability(self, address: str, *, by_http: bool) -> Reachability:
        """Whether an address answers within a few seconds; by HTTP also how far its clock is from ours."""
        try:
            async with asyncio.timeout(SECONDS + 1):
                return await on_daemon_thread(lambda: _by_http(address) if by_http else _by_tcp(address))
        except TimeoutError:
            return Reachability(UnreachableReason.SLOW)

    async def newer_version(self) -> str | None:
        """The newest version on the package index that pip would ask, where it is newer; a failure says nothing."""
        try:
            async with asyncio.timeout(INDEX_SECONDS + 1):
                return await on_daemon_thread(_newer_version)
        except TimeoutError:
            return None


def _newer_version() -> str | None:
    index = os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    headers = {"User-Agent": f"outlines-wizard/{__version__} doctor", "Accept": "application/vnd.pypi.simple.v1+json"}
    try:
        request = urllib.request.Request(f"{index.rstrip('/')}/outlines-wizard/", headers=headers)
        with urllib.request.urlopen(request, timeout=INDEX_SECONDS) as response:
            versions = json.loads(response.read(1 << 22))["versions"]
        newest = max(version for version in map(Version, versions) if not version.is_prerelease)
        return str(newest) if newest > Version(__version__) else None
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return None


def _requirements() -> dict[str, SpecifierSet]:
    """The versions that this program was made for, by the canonical name of the distribution."""
    try:
        lines = importlib.metadata.requires("outlines-wizard") or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    found: dict[str, SpecifierSet] = {}
    for requirement in map(Requirement, lines):
        found.setdefault(canonicalize_name(requirement.name), requirement.specifier)
    return found


def _fits(version: str, wanted: SpecifierSet) -> bool:
    try:
        return wanted.contains(Version(version), prereleases=True)
    except InvalidVersion:  # of a build by hand
        return False


def _by_http(address: str) -> Reachability:
    request = urllib.request.Request(address, method="HEAD", headers={"User-Agent": "outlines-wizard doctor"})
    before = time.time()
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:
            date, status = response.headers.get("Date"), response.status
    except urllib.error.HTTPError as error:  # an answer, whatever it says
        date, status = error.headers.get("Date") if error.headers else None, error.code
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Reachability(_unreachable_reason(error))
    return Reachability(None, _offset(date, before), status)


def _offset(date: str | None, before: float) -> float | None:
    """Seconds that our clock is ahead of the service's."""
    try:
        there = parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError):
        return None
    return (before + time.time()) / 2 - there


def _by_tcp(address: str) -> Reachability:
    try:
        parts = urlsplit(address)
        if not parts.hostname:
            return Reachability(UnreachableReason.ADDRESS)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection((parts.hostname, port), timeout=SECONDS) as link:
            if parts.scheme == "https":
                with ssl.create_default_context().wrap_socket(link, server_hostname=parts.hostname):
                    pass
    except (OSError, ValueError) as error:
        return Reachability(_unreachable_reason(error))
    return Reachability(None)


def _unreachable_reason(error: BaseException) -> UnreachableReason:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return UnreachableReason.CERTIFICATE
    if isinstance(cause, socket.gaierror):
        return UnreachableReason.NAME
    if isinstance(cause, TimeoutError):
        return UnreachableReason.SLOW
    if "tunnel" in str(cause).lower() or "proxy" in str(cause).lower():
        return UnreachableReason.PROXY
    if isinstance(cause, (ConnectionResetError, ssl.SSLError)):
        return UnreachableReason.BROKEN
    if isinstance(cause, http.client.HTTPException):
        return UnreachableReason.PROXY if isinstance(cause, http.client.InvalidURL) else UnreachableReason.BROKEN
    return UnreachableReason.ADDRESS if isinstance(cause, ValueError) else UnreachableReason.NOBODY
