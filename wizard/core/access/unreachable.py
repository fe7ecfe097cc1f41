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
        "Unset HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) and run this again: access can't be checked offline.",
    ),
    UnreachableReason.CERTIFICATE: (
        "its certificate is not trusted here",
        "Behind a company's proxy, name its certificate authority in SSL_CERT_FILE and run this again.",
    ),
    UnreachableReason.PROXY: (
        "the proxy blocks the request",
        "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY, then run this again.",
    ),
    UnreachableReason.ADDRESS: (
        "that is not the address of a website",
        "Set HF_ENDPOINT to an address such as https://huggingface.co, or unset it.",
    ),
    UnreachableReason.SIGN_IN_ADDRESS: (
        "it contains a user name or password, and the access token is the only sign-in that is sent",
        "Remove everything before the @ from HF_ENDPOINT, then run this again.",
    ),
    UnreachableReason.NOT_A_HUB: (
        "the server there is not a Hub",
        "Check HF_ENDPOINT, its path too: an address such as https://huggingface.co. Some mirrors answer like this for "
        "a model that they do not have: then check the spelling.",
    ),
    UnreachableReason.STORAGE: (
        "its storage did not serve the files",
        "Try again in a while, and bring hf-xet up to date (pip install -U hf-xet): before 1.1.7 it went on with an "
        "expired key. HF_HUB_DISABLE_XET=1 downloads without Xet.",
    ),
    UnreachableReason.NAME: (
        "DNS lookup failed",
        "Check the connection, and HF_ENDPOINT where it is set, then run this again.",
    ),
    UnreachableReason.NOBODY: (
        "nothing is listening there",
        "Check the connection, HF_ENDPOINT and any proxy, then run this again.",
    ),
    UnreachableReason.SLOW: (
        "the request timed out",
        "Check the connection and any proxy, and run this again later.",
    ),
    UnreachableReason.BROKEN: (
        "the connection was dropped",
        "Check the connection and any proxy, and run this again later.",
    ),
}
