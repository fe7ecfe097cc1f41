"""Where a person names the Hubs that they trust with an access token: a flag, a variable, or their config.toml."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from wizard.core.access.endpoint_trust import EndpointTrust, trustworthy_form
from wizard.core.problem import usage
from wizard.flow.configuration.user_config import read_user_config, user_config_file

FLAG = "--trust-endpoint"
VARIABLE = "OUTLINES_WIZARD_TRUST_ENDPOINT"
"""Variable with trusted addresses, separated by spaces or commas; a rehearsal names its own stand-in Hub here."""
_HEAD = (
    "#:schema ./config.schema.json\n# An editor completes this file once its schema is here: "
    "outlines-wizard plan schema --config -o config.schema.json\n\n"
)
TABLE, KEY = "hub", "trusted"


def endpoint_trust(flags: Sequence[str] = (), *, rehearsal: bool = False) -> EndpointTrust:
    """Every Hub that is trusted in this session. In a rehearsal the person's own configuration has no part.

    Raises Problem (exit code 2) for what is no address.
    """
    named = EndpointTrust.of(flags, FLAG).named
    named |= EndpointTrust.of(filter(None, re.split(r"[\s,]+", os.environ.get(VARIABLE, ""))), VARIABLE).named
    if not rehearsal:
        named |= EndpointTrust.of(read_user_config().trusted, f"{user_config_file()}: {TABLE}.{KEY}").named
    return EndpointTrust(named)


def keep_trusted(endpoint: str) -> Path:
    """Write an address into the person's config.toml, leaving everything else there as it is; returns the file.

    Raises Problem where that cannot be done.
    """
    import tomlkit
    import tomlkit.exceptions

    file = user_config_file()
    try:
        text = file.read_text(encoding="utf-8-sig") if file.exists() else _HEAD
        document = tomlkit.parse(text)
        table = document.setdefault(TABLE, tomlkit.table())
        trusted = table.setdefault(KEY, tomlkit.array())
        if trustworthy_form(endpoint) not in map(trustworthy_form, trusted):
            trusted.append(endpoint)
        _replace(file, tomlkit.dumps(document))
    except (OSError, UnicodeDecodeError, tomlkit.exceptions.TOMLKitError, AttributeError, TypeError) as error:
        raise usage(
            "config_not_written",
            f"{file} cannot be written: {error}.",
            f'Write it there yourself: [{TABLE}] {KEY} = ["{endpoint}"]',
        ) from error
    return file


def _replace(file: Path, text: str) -> None:
    """All of the text or none of it: a file that is cut short would be another configuration."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".config-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(name, file.resolve())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
