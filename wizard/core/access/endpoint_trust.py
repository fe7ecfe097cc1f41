"""Which Hubs are sent an access token: the public one, and those that a person has named as trusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from wizard.core.access.endpoint import read_endpoint
from wizard.core.access.verdicts import PUBLIC_HUB
from wizard.core.problem import usage


def trustworthy_form(address: str) -> str:
    """An address in the one form in which two are compared; empty for one that cannot be trusted at all.

    That is what is no address, and a host with letters beyond ASCII: it can look like another one, and programs do not
    agree on which host it stands for. Its ASCII form (xn--…) is one that can be told apart.
    """
    endpoint = read_endpoint(address)
    return endpoint.address if endpoint.wrong is None and address.strip() and endpoint.address.isascii() else ""


def is_public(address: str) -> bool:
    """Whether this is the public Hub, asked over https."""
    return address == PUBLIC_HUB or address.startswith(PUBLIC_HUB + "/")


@dataclass(frozen=True)
class EndpointTrust:
    """The Hubs that a person has named as trusted with an access token, beside the public one.

    Loopback is no exception: what listens there may pass a request on to anywhere, as an SSH tunnel or a caching proxy
    does, and on a shared machine it may be somebody else's program.
    """

    named: frozenset[str] = frozenset()

    @classmethod
    def of(cls, addresses: Iterable[str], where: str) -> EndpointTrust:
        """Trust in these addresses. Raises Problem (exit code 2) for one that cannot be trusted; `where` names it."""
        return cls(frozenset(read_trusted(address, where) for address in addresses))

    def covers(self, address: str) -> bool:
        """Whether the Hub at this address is sent an access token."""
        form = trustworthy_form(address)
        return bool(form) and (is_public(form) or form in self.named)

    def also(self, address: str) -> EndpointTrust:
        """This trust, and that in one more address. Raises Problem (exit code 2)."""
        return replace(self, named=self.named | {read_trusted(address, "HF_ENDPOINT")})


NOTHING_NAMED = EndpointTrust()


def read_trusted(address: str, where: str) -> str:
    """An address that is to be trusted, in the form in which two are compared. Raises Problem (exit code 2)."""
    form = trustworthy_form(address)
    if not form:
        shown = read_endpoint(address).address  # without the password in it
        said = f"{where}: {shown} is not a valid address of a Hub."
        raise usage(
            "endpoint_invalid",
            said if address.strip() else f"{where} is empty.",
            "Write it like https://hub.company.example: without a user name, and a host with other letters as xn--…",
        )
    return form


def check_endpoint(title: str, address: str) -> None:
    """Raise Problem (exit code 2) for a setting that cannot be the address of a Hub; empty is the public one."""
    if address:
        read_trusted(address, title)
