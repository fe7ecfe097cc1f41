"""A finding about a script: what is wrong, at which line, what to do, and, where that is safe, the change itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wizard.core.doctor.deployables import Deployable, gigabytes_by_name
from wizard.core.doctor.script_model import Edit, Script
from wizard.core.explain.patterns.table import is_of_gated_family
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
    is fixed; `left_because` says why there is no safe change, where one could be expected. Findings of one `group`
    change together or not at all."""

    name: str
    status: Status
    line: int
    detail: str
    hint: str
    edits: tuple[Edit, ...] = ()
    new_imports: tuple[str, ...] = ()
    dropped_imports: tuple[str, ...] = ()
    next_step: str = ""
    left_because: str = ""
    group: str = ""


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
        return known if known is not None else is_of_gated_family(model)

    def is_certain(self, model: str) -> bool:
        """Whether the Hub itself was asked."""
        return self.models.get(model, ModelInfo()).needs_token is not None

    def gigabytes(self, model: str) -> float | None:
        """Size of the weights: as the Hub says, else as the name tells."""
        return self.models.get(model, ModelInfo()).gigabytes or gigabytes_by_name(model)

    def modal(self, name: str) -> tuple[str, tuple[str, ...]]:
        """How a name of modal is written in this script, and what has to be imported for it."""
        word = self._module("modal")
        if word:
            return f"{word}.{name}", ()
        for each in self.script.imports:
            for imported, called in each.names:
                if each.module == "modal" and imported == name and not each.owner:
                    return called, ()
        is_taken = name in self.script.names or name in self.script.functions or name in self.script.classes
        return (f"modal.{name}", ("modal",)) if is_taken else (name, (name,))

    def standard(self, module: str) -> tuple[str, tuple[str, ...]]:
        """How a module of Python is called in this script, and what has to be imported for it."""
        word = self._module(module)
        return (word, ()) if word else (module, (module,))

    def _module(self, module: str) -> str:
        """What a module is called here; ``import os.path`` gives the name os, too."""
        for each in self.script.imports:
            for imported, called in each.names:
                if not each.module and not each.owner:
                    if imported == module:
                        return called
                    if imported == called and imported.startswith(f"{module}."):
                        return module
        return ""
