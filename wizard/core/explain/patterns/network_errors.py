"""What libraries and programs say when no answer of the Hub came, or one that was not the Hub's."""

from __future__ import annotations

from wizard.core.explain.patterns.error_pattern import ErrorPattern, Level

NETWORK: tuple[ErrorPattern, ...] = (
    ErrorPattern(
        "hub_unreachable",
        (
            "connectionpool(host='{site_host}",
            "failed to resolve '{site_host}",
            "could not resolve host: {site_host}",
            "could not resolve host {site_host}",
            "getaddrinfo*{site_host}",
            "failed to connect to {site_host}",
            "connection to {site_host} timed out",
            "cannot connect to host {site_host}",
            "unable to access '{site}*could not resolve",
            "error sending request for url ({site}",
            "dial tcp: lookup {site_host}",
            "{site}*: dial tcp",
            "{site}*: i/o timeout",
            "{site}*: tls handshake timeout",
            "{site}*: context deadline exceeded",
            "thrown while requesting head {site}",
            "thrown while requesting get {site}",
            "cannot reach {site}: offline mode",
            "offline mode is enabled",
            "outgoing traffic has been disabled",
            "connection error, and we cannot find the requested files in the disk cache",
            "504 server error: gateway time-out for url: {site}",
            "500 server error*{site}",
            "502 server error*{site}",
            "503 server error*{site}",
            "504 server error*{site}",
            "server error '50*{site}",
            "resolving {site_host}*failed: name",
            "resolving {site_host}*failed: temporary",
        ),
        "requests, httpx, curl, git, reqwest, Go; huggingface_hub 0.11 to 2.4",
        level=Level.VAGUE,
    ),
    ErrorPattern(
        "hub_unreachable",
        (
            "couldn't connect to '{hub}*and couldn't find",
            "couldn't connect to '*to load*and couldn't find",
            "couldn't connect to '*to load this*couldn't find it in the cached files",
            "couldn't connect to '{hub}*to load this",
            "could not connect to '*to load this*could not find it in the cached files",
            "couldn't reach server at '{hub}",
            "an error happened while trying to locate the file",
            "localentrynotfounderror: an error happened",
        ),
        "transformers 4.1 to 5.23, huggingface_hub: also for a refusal that they do not name",
        level=Level.VAGUE,
        sure=False,
        others=("fine_grained_lacks_gated", "blocked_other"),
    ),
    ErrorPattern(
        "hub_unreachable",
        (
            "distant resource does not seem to be on {hub_host}",
            "distant resource does not have an etag",
            "distant resource does not have a content-length",
            "is missing the 'x-repo-commit' header",
            "does not seem to be served by a hugging face hub endpoint",
        ),
        "huggingface_hub 0.11 to 2.4: a mirror or a proxy answered in its place",
        level=Level.VAGUE,
        sure=False,
    ),
)
