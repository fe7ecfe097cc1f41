"""Where the requests about a plan's model go, which of them carry the access token, and who proves that it reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from wizard.core.plan.cost import dollars

Proof = Literal["here", "download", "not needed"]


@dataclass(frozen=True)
class HubRoute:
    """Addresses of Hubs. `proof` says where the access token is shown to read the weights: on this machine; by the
    download function, before anything else; or nowhere, since nothing is downloaded with it.

    `proof_dollars` is what the latter costs, as a part of the download. Where the model is in a folder on this machine,
    `checked_at` and `downloaded_from` are empty.
    """

    checked_at: str
    token_sent_to: tuple[str, ...]
    downloaded_from: str
    proof: Proof
    proof_dollars: float = 0.0

    def to_mapping(self) -> dict[str, Any]:
        """The public object of a plan."""
        return asdict(self) | {"token_sent_to": list(self.token_sent_to)}

    @property
    def sentences(self) -> tuple[str, ...]:
        """The same for a person, one sentence for each request."""
        if not self.downloaded_from:
            return ("Nothing is asked of it: the model is in a folder on this machine.",)
        if self.checked_at == self.downloaded_from:
            return (f"Checked at and downloaded from {self.checked_at}, {self._with_token(self.checked_at)}.",)
        checked = f"Checked at {self.checked_at}, {self._with_token(self.checked_at)}."
        others = [f"Access was checked at {each}." for each in self.token_sent_to if each != self.checked_at]
        said = [checked, *others, f"The deployed function downloads from {self.downloaded_from}."]
        if self.proof == "download":
            said.append(
                "Your access token could not be checked there from here: the download step reads "
                f"one byte first, on a CPU (about {dollars(self.proof_dollars)}), before any GPU starts."
            )
        return tuple(said)

    def _with_token(self, address: str) -> str:
        return "with your access token" if address in self.token_sent_to else "without an access token"
