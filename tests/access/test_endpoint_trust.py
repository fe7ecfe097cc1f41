"""Which addresses are sent an access token: look-alikes of the public Hub, mirrors, and what a person has named."""

from __future__ import annotations

import pytest

from wizard.core.access.endpoint_trust import EndpointTrust
from wizard.core.problem import Problem

PUBLIC = (
    "https://huggingface.co",
    "https://huggingface.co/",
    " https://huggingface.co ",
    "https://HUGGINGFACE.CO:443",
    "https://hf.co",
    "https://www.huggingface.co/",
    "https://hugging\u00adface.co",  # what is not seen is taken out before anything is judged, or asked
    "https://huggingface.co/api/resolve-cache",
)
NOT_THE_PUBLIC_ONE = (
    "https://huggingface.co.evil.example",
    "https://evil.example/huggingface.co",
    "https://huggingface.co@evil.example",
    "https://huggingface.co:443@evil.example",
    "https://robin:secret@huggingface.co",
    "https://huggingface.co\\@evil.example",
    "https://huggingface.co#.evil.example",
    "https://huggingface.co?.evil.example",
    "https://huggingface.co%2eevil.example",
    "https://huggingface.co.",
    "https://huggingface.co:8443",
    "https://evilhuggingface.co",
    "https://hub.huggingface.co",
    "https://huggingface.com",
    "https://hf-mirror.com",
    "https://huggingf\u0430ce.co",  # a Cyrillic letter
    "https://hugg\u0131ngface.co",  # an i without its dot
    "https://xn--huggingfce-47i.co",
    "https://\uff48uggingface.co",  # a wide letter
    "https://huggingface\u3002co",  # an ideographic full stop
    "https://hugging\u200dface.co",  # a joiner that is not seen
    "ftp://huggingface.co",
    "huggingface.co",
    "//huggingface.co",
    "http://127.0.0.1:8080",
    "http://localhost",
    "http://[::1]:8080",
    "https://huggingface.co\nhttps://evil.example",
    "${HF_ENDPOINT}",
    "not an address",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_hub_in_every_spelling_needs_no_trust(address: str) -> None:
    assert EndpointTrust().covers(address)


@pytest.mark.parametrize("address", NOT_THE_PUBLIC_ONE)
def test_what_only_looks_like_it_gets_no_access_token(address: str) -> None:
    assert not EndpointTrust().covers(address)
    assert not EndpointTrust.of(["https://hub.company.example"], "a test").covers(address)


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        ("https://hub.company.example", "https://HUB.company.example:443/"),
        ("https://hub.company.example/hf/", "https://hub.company.example/hf"),
        ("http://10.0.0.7:8080", "http://10.0.0.7:8080/"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://xn--strae-oqa.example", "https://xn--strae-oqa.example"),
    ],
)
def test_what_is_named_is_trusted_however_it_is_written(named: str, asked: str) -> None:
    assert EndpointTrust.of([named], "a test").covers(asked)


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        ("https://hub.company.example", "http://hub.company.example"),
        ("https://hub.company.example", "https://hub.company.example:8443"),
        ("https://hub.company.example", "https://sub.hub.company.example"),
        ("https://hub.company.example", "https://hub.company.example.evil.example"),
        ("https://hub.company.example/hf", "https://hub.company.example"),
        ("https://hub.company.example/hf", "https://hub.company.example/other"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8081"),
        ("http://localhost:8080", "http://127.0.0.1:8080"),
        ("https://strasse.example", "https://stra\u00dfe.example"),
    ],
)
def test_trust_in_one_address_is_none_in_another(named: str, asked: str) -> None:
    assert not EndpointTrust.of([named], "a test").covers(asked)


@pytest.mark.parametrize(
    "address", ["", "hf-mirror.com", "https://me:pw@hub.example", "https://stra\u00dfe.example", "ftp://hub.example"]
)
def test_what_cannot_be_trusted_is_said(address: str) -> None:
    with pytest.raises(Problem) as caught:
        EndpointTrust.of([address], "--trust-endpoint")
    assert (caught.value.code, int(caught.value.exit_code)) == ("endpoint_invalid", 2)
    assert caught.value.message.startswith("--trust-endpoint: " if address else "--trust-endpoint is empty")
    assert "pw" not in caught.value.message


def test_plain_http_to_the_public_hub_is_never_used() -> None:
    """It is read as the same Hub over https, so nothing goes out unencrypted."""
    from wizard.core.access.endpoint import read_endpoint

    assert read_endpoint("http://huggingface.co").address == "https://huggingface.co"
    assert not EndpointTrust().covers("http://huggingface.co:8080")
