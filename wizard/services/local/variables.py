"""Variables whose values would stop a library before it does anything: left out for this process, and named.

Libraries read them when they are imported (huggingface_hub 2.4, modal 1.6, textual 8), so this comes first.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, MutableMapping

from wizard.core.doctor.ignored_variable import IgnoredVariable

_WHOLE_NUMBERS = ("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT", "MODAL_MAX_THROTTLE_WAIT")
_NUMBERS = (
    "MODAL_LOGS_TIMEOUT",
    "MODAL_SERVE_TIMEOUT",
    "MODAL_SANDBOX_CHANNEL_IDLE_TIMEOUT",
    "MODAL_VOLUME_BLOCK_READ_TIMEOUT",
    "MODAL_HEARTBEAT_INTERVAL",
)
_CHOICES = {
    "MODAL_LOGLEVEL": ("DEBUG", "INFO", "WARNING", "WARN", "ERROR", "CRITICAL", "FATAL", "NOTSET"),
    "MODAL_PAYLOAD_FORMAT": ("PICKLE", "CBOR"),
    "MODAL_BUILD_VALIDATION": ("ERROR", "WARN", "IGNORE"),
    "TEXTUAL_COLOR_SYSTEM": ("AUTO", "STANDARD", "256", "TRUECOLOR", "WINDOWS"),
}


def repair_variables(variables: MutableMapping[str, str]) -> tuple[IgnoredVariable, ...]:
    """Take out of `variables` what cannot be used, and bring HF_ENDPOINT into its one form; what was taken out."""
    ignored = [
        IgnoredVariable(name, why)
        for name, value, fault in _checked(variables)
        if (why := fault(value) if value.strip() else "") is not None
    ]
    for each in ignored:
        del variables[each.name]
    if "HF_ENDPOINT" in variables:
        _repair_endpoint(variables)
    return tuple(each for each in ignored if each.why)


def _checked(variables: MutableMapping[str, str]) -> list[tuple[str, str, Callable[[str], str | None]]]:
    faults: dict[str, Callable[[str], str | None]] = dict.fromkeys(_WHOLE_NUMBERS, _no_whole_number)
    faults |= dict.fromkeys(_NUMBERS, _no_number)
    faults |= {name: _not_one_of(choices) for name, choices in _CHOICES.items()}
    faults |= {"SSL_CERT_FILE": _no_certificates, "TEXTUAL_DRIVER": _no_driver, "TEXTUAL_LOG": _not_writable}
    return [(name, variables[name], fault) for name, fault in faults.items() if name in variables]


def _no_whole_number(value: str) -> str | None:
    try:
        int(value)
    except ValueError:
        return "it has to be a whole number"
    return None


def _no_number(value: str) -> str | None:
    try:
        return None if math.isfinite(float(value)) else "it has to be a number"
    except ValueError:
        return "it has to be a number"


def _not_one_of(choices: tuple[str, ...]) -> Callable[[str], str | None]:
    def fault(value: str) -> str | None:
        return None if value.upper() in choices else f"it has to be one of {', '.join(choices).lower()}"

    return fault


def _no_certificates(value: str) -> str | None:
    import ssl

    try:
        ssl.create_default_context(cafile=value)
    except (OSError, ValueError):  # no such file, none that can be read, or nothing in it
        return "it has to name a file with certificates"
    return None


def _no_driver(value: str) -> str | None:
    import importlib

    module, _, name = value.partition(":")
    try:
        driver = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError, TypeError):  # TypeError: a relative name, as in ".."
        driver = None
    return None if hasattr(driver, "start_application_mode") else "it has to name a driver, as in module:Class"


def _not_writable(value: str) -> str | None:
    try:
        with open(value, "ab"):
            return None
    except (OSError, ValueError):
        return "it has to name a file that can be written"


def _repair_endpoint(variables: MutableMapping[str, str]) -> None:
    from urllib.parse import urlsplit

    from wizard.core.access.endpoint import read_endpoint
    from wizard.core.access.verdicts import PUBLIC_HUB
    from wizard.core.access_token import remember

    value = variables["HF_ENDPOINT"]
    with contextlib.suppress(ValueError):
        remember(urlsplit(value).password or "")
    endpoint = read_endpoint(value)
    if endpoint.address == PUBLIC_HUB:
        del variables["HF_ENDPOINT"]
    else:
        variables["HF_ENDPOINT"] = endpoint.parseable
