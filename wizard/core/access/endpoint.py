"""HF_ENDPOINT, the address of the Hub that is asked, as people write it: read once, in one form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from wizard.core.access.unreachable import UnreachableReason
from wizard.core.access.verdicts import PUBLIC_HUB
from wizard.core.access_token import clean_line, plain

_PUBLIC_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")  # all but the first only send on to it
_AROUND = re.compile(r"^[\s\"']+|[\s\"'/]+$")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[\w.-]+|\[[0-9A-Fa-f:.]+\]")  # `\w`: names may have letters of any script
_PATH = re.compile(r"(?:/[\w.~!$&'()*+,;=:@%-]*)*", re.ASCII)
_HIDDEN = "…"  # stands for the name and the password that an address holds


@dataclass(frozen=True)
class Endpoint:
    """The address of a Hub without a slash at its end; `wrong` says why nothing can be asked there.

    What cannot be asked is kept for people to recognise, without the password that may be in it.
    """

    address: str
    wrong: UnreachableReason | None = None

    @property
    def parseable(self) -> str:
        """The same in a form that every library can take apart: huggingface_hub 2.4 does so when it is imported."""
        try:
            if urlsplit(self.address).port is None or self.wrong is None:
                return self.address
        except ValueError:
            pass
        scheme, mark, rest = self.address.rpartition("://")
        return scheme + mark + re.sub(r"[\[\]:]", lambda match: f"%{ord(match.group()):02X}", rest)


def read_endpoint(value: str | None) -> Endpoint:
    """The Hub that `value` names; the public one where it is empty. Reading an `address` again changes nothing.

    Spaces, quotation marks and slashes around it do not count, nor does the case of scheme and host, nor a port that
    the scheme implies. The other names of the public Hub are that Hub: they send every request on, and the access
    token is lost on the way. A scheme is not guessed: other programs on this machine would not guess it either.
    """
    text = _AROUND.sub("", plain(value or ""))
    if not text:
        return Endpoint(PUBLIC_HUB)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # brackets without an IPv6 address, or a port that is no number
        return Endpoint(_recognisable(text), UnreachableReason.ADDRESS)
    host = _host(parts)
    if parts.username is not None or parts.password is not None:
        return Endpoint(
            _recognisable(f"{parts.scheme}://{_HIDDEN}@{parts.netloc.rpartition('@')[2]}{parts.path}"),
            UnreachableReason.SIGN_IN_ADDRESS,
        )
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path):
        return Endpoint(_recognisable(text), UnreachableReason.ADDRESS)
    if parts.query or parts.fragment:
        return Endpoint(_recognisable(text), UnreachableReason.ADDRESS)
    if host in _PUBLIC_HOSTS and port in (None, _DEFAULT_PORTS[parts.scheme]):
        return Endpoint(PUBLIC_HUB + parts.path)
    behind = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    return Endpoint(f"{parts.scheme}://{host}{behind}{parts.path}")


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host


def _recognisable(text: str) -> str:
    """An address that cannot be asked, safe to show."""
    text = re.sub(r"%(?:5B|5D|3A)", lambda match: unquote(match.group()), text)
    return _AROUND.sub("", clean_line(text, 200)) or _HIDDEN
