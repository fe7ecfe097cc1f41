"""The Modal Secret with the access token: attached where code needs it, with the variables that the code reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wizard.core.doctor.deployables import Deployable
from wizard.core.doctor.edits import add_argument, replace
from wizard.core.doctor.finding import RuleContext
from wizard.core.doctor.script_model import Edit
from wizard.core.doctor.secret_keys import USUAL, known_keys, token_keys


@dataclass(frozen=True)
class Attachment:
    """What attaches the Secret: edits, their imports, the variables that it has to hold; or why that cannot be done."""

    edits: tuple[Edit, ...] = ()
    new_imports: tuple[str, ...] = ()
    keys: tuple[str, ...] = (USUAL,)
    left_because: str = ""


def attach_secret(context: RuleContext, deployable: Deployable, *more: str) -> Attachment:
    """Attach the Secret to a deployable that has none. `more` are variables that the code will read."""
    keys = token_keys(context, deployable, *more)
    word, new_imports = context.modal("Secret")
    code = f"[{secret_code(context, word, keys)}]"
    there = deployable.options.get("secrets")
    edit = replace(there, code) if there else add_argument(deployable.options, f"secrets={code}")
    return Attachment((edit,), new_imports, keys)


def attach_to_all(context: RuleContext, deployables: Iterable[Deployable], *more: str) -> Attachment:
    """Attach the Secret to all of several deployables: each of them finds its token then, or nothing is done."""
    edits: list[Edit] = []
    keys: list[str] = []
    new_imports: tuple[str, ...] = ()
    for deployable in deployables:
        if deployable.options.unpacks:
            return Attachment(left_because=f"the options of {deployable.name} are not all written there")
        if deployable.has("secrets"):
            missing = set(token_keys(context, deployable, *more)) - known_keys(context.script, deployable)
            if missing:
                what = " and ".join(sorted(missing))
                return Attachment(left_because=f"the Secrets of {deployable.name} are not known to hold {what}")
            continue
        attached = attach_secret(context, deployable, *more)
        edits += attached.edits
        keys += attached.keys
        new_imports = attached.new_imports
    return Attachment(tuple(edits), new_imports, tuple(dict.fromkeys(keys)) or (USUAL,))


def secret_code(context: RuleContext, word: str, keys: Sequence[str]) -> str:
    """The code that names the Secret and what it has to hold."""
    required = ", ".join(f'"{key}"' for key in keys)
    return f'{word}.from_name("{context.secret}", required_keys=[{required}])'


def how_to_make(context: RuleContext, keys: Sequence[str] = (USUAL,)) -> str:
    """What to do about a token that is not there."""
    return f"Attach a Modal Secret that holds {' and '.join(keys)}. {_make_it(context, 'it')}"


def next_step(context: RuleContext, keys: Sequence[str] = (USUAL,)) -> str:
    """What is left to a person once the Secret is attached."""
    return _make_it(context, f"the Modal Secret {context.secret}, which holds {' and '.join(keys)},")


def _make_it(context: RuleContext, what: str) -> str:
    return (
        f"Make {what} once: on https://modal.com/secrets, or with "
        f"`modal secret create {context.secret} --from-json FILE`, so that it is on no command line."
    )
