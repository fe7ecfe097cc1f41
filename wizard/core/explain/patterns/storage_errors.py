"""What the Hub's storage says: Xet's servers and the delivery networks. Their refusals are about a signed address."""

from __future__ import annotations

from wizard.core.explain.patterns.error_pattern import ErrorPattern, Level

_REFUSALS = ("401 unauthorized", "403 forbidden", "404 not found", "416 range not satisfiable")
_OUTAGES = ("500 internal server error", "502 bad gateway", "503 service unavailable", "504 gateway timeout")

STORAGE: tuple[ErrorPattern, ...] = (
    ErrorPattern(
        "hub_unreachable",
        (
            *(f"({status})*{{storage}}" for status in (*_REFUSALS, *_OUTAGES)),
            *(f"cas service error*({status})" for status in (*_REFUSALS, *_OUTAGES)),
            *(f"cas client error*({status})" for status in (*_REFUSALS, *_OUTAGES)),
            *(f"data processing error*({status})" for status in _REFUSALS),
            *(f"{status}*{{storage}}" for status in _REFUSALS),
            *(f"{{storage}}*{status}" for status in _REFUSALS),
            "401 client error: unauthorized for url: {storage}",
            "403 client error: forbidden for url: {storage}",
            "404 client error: not found for url: {storage}",
            "416 client error: requested range not satisfiable for url: {storage}",
            "416 client error: range not satisfiable for url: {storage}",
            "{storage}*returned error: 403",
            "{storage}*status code 403",
            "{storage}*status code: 403",
            "{storage}*http 403",
            "lfs: authorization error: https://s3*lfs.huggingface.co",
            "403 client error: forbidden for url: https://s3*lfs.huggingface.co",
            "403 client error: forbidden for url: https://hf-hub-lfs-",
            "403 forbidden*cannot access content at: https://hf-hub-lfs-",
        ),
        "hf_xet 1.0 to 1.8, requests, httpx, reqwest, curl",
        level=Level.VAGUE,
        sure=False,
        about="storage",
    ),
    ErrorPattern(
        "hub_unreachable",
        (
            "status 401",
            "status 403",
            "status 416",
            "status: 401",
            "status: 403",
            "status: 416",
            "status code: 403",
            "http 403",
            "http/1.1 403",
            "http/2 403",
            "error: 403",
            "error 403",
            "http error 416",
            "http 416",
            "signatureerror: invalid key pair id",
            "403 auth failed",
        ),
        "the same, the address on another line",
        level=Level.VAGUE,
        near="storage_address",
        sure=False,
        about="storage",
    ),
    ErrorPattern(
        "hub_unreachable",
        (
            "error while downloading from {storage}",
            "task error: unable to parse string as hex hash value",
            "xet*cas object store error",
            "failed to download*xet*reconstruct",
        ),
        "huggingface_hub 0.2x to 2.4, hf_xet 1.5",
        level=Level.VAGUE,
        near="hub",
        sure=False,
        about="storage",
    ),
    ErrorPattern(
        "hub_unreachable",
        ("cas service error", "cas client error"),
        "hf_xet 1.0 to 1.8",
        level=Level.VAGUE,
        about="storage",
    ),
)
