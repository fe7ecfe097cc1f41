"""Names on Modal: what it takes, and the one that an app gets when nobody names it."""

from __future__ import annotations

import re

from wizard.core.problem import usage

SECRET_NAME = "outlines-wizard-hf"
VOLUME_NAME = "outlines-wizard-models"
FUNCTION_NAME = "Generator.generate"  # what a generated app is called by
STREAM_NAME = "Generator.stream"
MODAL_NAME = r"[A-Za-z0-9._-]{1,63}"


def check_name(title: str, name: str) -> None:
    """Raise Problem (exit code 2) for a name that Modal does not take, of an app, a Secret or an environment."""
    if not re.fullmatch(MODAL_NAME, name):
        raise usage(
            "name_invalid",
            f"{title} {name!r} is not a name that Modal takes.",
            "Use letters, digits, dash, period and underscore, 63 at most.",
        )


def app_name(repo_id: str) -> str:
    """A name for the Modal app, from the model's: at most 63 characters, letters, digits and dashes."""
    slug = re.sub(r"[^a-z0-9]+", "-", repo_id.rsplit("/", 1)[-1].lower()).strip("-")
    return f"outlines-{slug}"[:63].rstrip("-")
