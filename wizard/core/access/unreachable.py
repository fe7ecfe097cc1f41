"""Why the Hub gave no answer: what was seen on this machine, and what to do about each."""

from __future__ import annotations

from enum import StrEnum


class UnreachableReason(StrEnum):
    """What came instead of an answer."""

    OFFLINE = "offline"
    CERTIFICATE = "certificate"
    PROXY = "proxy"
    ADDRESS = "address"
    SIGN_IN_ADDRESS = "sign_in_address"
    NOT_A_HUB = "not_a_hub"
    STORAGE = "storage"
    NAME = "name"
    NOBODY = "nobody"
    SLOW = "slow"
    BROKEN = "broken"


# The end of "The Hub at … cannot be reached", and what to do now. Nothing was changed in any of these.
WORDS: dict[UnreachableReason, tuple[str, str]] = {
    UnreachableReason.OFFLINE: (
        "HF_HUB_OFFLINE forbids it",
        "Unset HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) and run this again: what a model allows is not known offline.",
    ),
    UnreachableReason.CERTIFICATE: (
        "its certificate is not trusted here",
        "Behind a company's proxy, name its certificate authority in SSL_CERT_FILE and run this again.",
    ),
    UnreachableReason.PROXY: (
        "the proxy does not pass the request on",
        "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY, then run this again.",
    ),
    UnreachableReason.ADDRESS: (
        "that is not the address of a website",
        "Set HF_ENDPOINT to an address such as https://huggingface.co, or unset it.",
    ),
    UnreachableReason.SIGN_IN_ADDRESS: (
        "it holds a user name or a password, and a request carries one sign-in: the access token",
        "Take what stands before the @ out of HF_ENDPOINT, then run this again.",
    ),
    UnreachableReason.NOT_A_HUB: (
        "what answers there does not answer as a Hub does",
        "Check HF_ENDPOINT, its path too: an address such as https://huggingface.co. Some mirrors answer like this for "
        "a model that they do not have: then check the spelling.",
    ),
    UnreachableReason.STORAGE: (
        "its storage did not give out the files",
        "Try again in a while, and bring hf-xet up to date (pip install -U hf-xet): before 1.1.7 it went on with an "
        "expired key. HF_HUB_DISABLE_XET=1 downloads without Xet.",
    ),
    UnreachableReason.NAME: (
        "that name is not known to the network",
        "Check the connection, and HF_ENDPOINT where it is set, then run this again.",
    ),
    UnreachableReason.NOBODY: (
        "nobody answers there",
        "Check the connection, HF_ENDPOINT and any proxy, then run this again.",
    ),
    UnreachableReason.SLOW: (
        "no answer came in time",
        "Check the connection and any proxy, and run this again in a while.",
    ),
    UnreachableReason.BROKEN: (
        "the connection breaks off",
        "Check the connection and any proxy, and run this again in a while.",
    ),
}
