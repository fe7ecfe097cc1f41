"""A finding about a script: what is wrong, at which line, what to do, and, where that is safe, the change itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wizard.core.doctor.deployables import Deployable, gigabytes_by_name
from wizard.core.doctor.script_model import Call, Edit, Expression, Script
from wizard.core.explain.patterns.table import GATED_FAMILIES
from wizard.core.plan.names import SECRET_NAME

Status = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class ModelInfo:
    """What the Hub says of a model: None where it was not asked, or did not say."""

    needs_token: bool | None = None
    commit: str | None = None
    gigabytes: float | None = None


@dataclass(frozen=True)
class Finding:
    """`edits` fix it; `new_imports` are names that they need from modal (``Secret``) or modules (``os``),
    `dropped_imports` dotted names that are not imported any more. `next_step` is what a person still has to do once it
    is fixed."""

    name: str
    status: Status
    line: int
    detail: str
    hint: str
    edits: tuple[Edit, ...] = ()
    new_imports: tuple[str, ...] = ()
    dropped_imports: tuple[str, ...] = ()
    next_step: str = ""


@dataclass(frozen=True)
class RuleContext:
    """A script, what of it runs in the cloud, and what is known of its models."""

    script: Script
    deployables: tuple[Deployable, ...]
    models: Mapping[str, ModelInfo] = field(default_factory=dict)
    secret: str = SECRET_NAME

    def needs_token(self, model: str) -> bool:
        """Whether a model is gated or private: as the Hub says, else as the name of its family tells."""
        known = self.models.get(model, ModelInfo()).needs_token
        return known if known is not None else model.lower().startswith(GATED_FAMILIES)

    def is_certain(self, model: str) -> bool:
        """Whether the Hub itself was asked."""
        return self.models.get(model, ModelInfo()).needs_token is not None

    def gigabytes(self, model: str) -> float | None:
        """Size of the weights: as the Hub says, else as the name tells."""
        return self.models.get(model, ModelInfo()).gigabytes or gigabytes_by_name(model)

    def modal(self, name: str) -> tuple[str, tuple[str, ...]]:
        """How a name of modal is written in this script, and what has to be imported for it."""
        for each in self.script.imports:
            for imported, called in each.names:
                if not each.module and imported == "modal" and not each.owner:
                    return f"{called}.{name}", ()
                if each.module == "modal" and imported == name and not each.owner:
                    return called, ()
        return name, (name,)


def add_argument(call: Call, text: str) -> Edit:
    """Add ``keyword=value`` at the end of a call's arguments."""
    if call.arguments:
        end = call.arguments[-1].span[1]
        return Edit((end, end), f", {text}")
    place = call.span[1] - 1
    return Edit((place, place), text)


def replace(expression: Expression, text: str) -> Edit:
    """Put other code where an expression is."""
    return Edit(expression.span, text)
