"""What is decided before anything is looked at, merged in one place for both faces.

What is named earlier wins: flags, variables, a plan file, the user config, and in a rehearsal what it brings itself.
The defaults come when the Draft becomes a Plan. Two things are found out later, where they are used: the access token,
from variables or the OS keyring, and the address of the Hub, which a variable names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wizard.core.plan.draft import Draft
from wizard.core.plan.names import check_name
from wizard.flow.configuration.user_config import UserConfig, read_user_config


@dataclass(frozen=True)
class Configuration:
    """The merged Draft, Modal's environment (None: as Modal's own configuration says), and where each was named."""

    draft: Draft
    environment: str | None
    sources: Mapping[str, str] = field(default_factory=dict)


def configure(
    flags: Draft,
    *,
    environment: str | None = None,
    plan_file: Draft | None = None,
    rehearsal: bool = False,
    rehearsal_model: str | None = None,
) -> Configuration:
    """Merge what flags (or a plan file) say with the user config. Raises Problem (exit code 2).

    A rehearsal leaves out what belongs to the person's own accounts: the model of the user config, which the stand-in
    Hub does not have. It brings an output type and, where nobody is asked for one, `rehearsal_model`.
    """
    user = read_user_config()
    layers = {"flag": flags}
    if plan_file is not None:
        layers["plan file"] = plan_file
    layers["user config"] = replace(user.draft, model=None, revision=None) if rehearsal else user.draft
    if rehearsal:
        from wizard.core.output.output_type import CHARACTER  # else the first question is drawn without it

        layers["rehearsal"] = Draft(model=rehearsal_model, output=CHARACTER)
    modal_environment, named = environment_of(environment, rehearsal=rehearsal, user=user)
    draft, sources = Draft(), {"environment": named}
    for name, layer in layers.items():
        above, draft = draft, draft.over(layer)
        sources |= dict.fromkeys(draft.decided.keys() - above.decided.keys(), name)
    return Configuration(draft, modal_environment, sources)


def setting_sources(draft: Draft, named: Mapping[str, str]) -> dict[str, str]:
    """Where the value of each setting comes from: where it was named, else what it is when nobody names it."""
    return {each.name: named.get(each.name, each.origin) for each in draft.settings() if each.origin is not None}


def environment_of(flag: str | None, *, rehearsal: bool, user: UserConfig | None = None) -> tuple[str | None, str]:
    """The Modal environment of a command, and where it is named: a flag, else a variable, else the user config.

    None: as Modal's own variables and configuration say. In a rehearsal only a flag counts. The user config is read
    when nothing above it decides, unless `user` is given. Raises Problem.
    """
    if flag is not None:
        check_name("--environment", flag)
        return flag, "flag"
    if rehearsal:
        return None, "rehearsal"
    if os.environ.get("MODAL_ENVIRONMENT"):
        return None, "MODAL_ENVIRONMENT"
    environment = (user or read_user_config()).environment
    return environment, "user config" if environment else "Modal's configuration"
