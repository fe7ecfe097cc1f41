"""A Plan with settings that the program does not have: what is made of a record has to work for them as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from wizard.core.plan.draft import Draft
from wizard.core.plan.plan import Plan
from wizard.core.plan.setting import Setting


@dataclass(frozen=True)
class LargerPlan(Plan):
    """A Plan with a text, a number, a choice and a switch more."""

    region: Annotated[
        str,
        Setting(metavar="NAME", help="Where containers run.", label="Region", tip="Nearer is faster", origin="Modal"),
    ] = "eu"
    retries: Annotated[
        int,
        Setting(metavar="N", help="Calls that are tried again.", limits=(0, 10), label="Retries", tip="Costs time"),
    ] = 3
    snapshot: Annotated[
        str,
        Setting(table="model", help="What is kept of memory.", choices=("none", "cpu", "gpu"), label="Snapshot"),
    ] = "none"
    warm: Annotated[bool, Setting(help="Keep one awake.", label="Warm", caption="costs all day")] = False


@dataclass(frozen=True)
class LargerDraft(Draft):
    """Its Draft."""

    region: str | None = None
    retries: int | None = None
    snapshot: str | None = None
    warm: bool | None = None

    @classmethod
    def plan_type(cls) -> type[Plan]:
        return LargerPlan
