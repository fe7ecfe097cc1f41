"""One setting of a Plan: the record that its flag, widget, TOML key, dry-run row and repeated flag are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, replace
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from wizard.core.problem import usage

Table = Literal["model", "output", "function"]


@dataclass(frozen=True)
class Setting:
    """How a person sets one field of the Plan. It annotates the field, whose name, type and default complete it.

    A setting with `help` has a flag, one with `label` a widget among the advanced settings. `origin` is what a dry run
    says of a value that nobody has named; None: it has no row. `unset` among the `choices` means: not decided.
    """

    table: Table = "function"  # of the plan file
    help: str = ""
    metavar: str | None = None
    choices: tuple[str, ...] | Callable[[], tuple[str, ...]] = ()
    limits: tuple[int, int] | None = None
    suggestions: Callable[[], tuple[str, ...]] = tuple  # what an editor offers where anything may stand
    pattern: str = ""  # what `check` demands of a text, as a regular expression for editors
    check: Callable[[str, Any], object] | None = None  # takes the setting's title and a value; raises Problem
    origin: str | None = "default"
    label: str = ""
    asked: bool = False  # a question has a widget of its own for it, which is not among the advanced settings
    caption: str = ""  # beside a checkbox
    tip: str = ""
    from_model: Callable[[str], str] | None = None  # the default, where it depends on the model's name
    unset: str | None = None
    takes_numbers: bool = False  # a plan file may have a whole number in place of the text
    name: str = ""
    value_type: type = str
    default: object = None

    @property
    def flag(self) -> str:
        """Its flag, with dashes; empty where it has none."""
        return "--" + self.name.replace("_", "-") if self.help else ""

    @property
    def allowed(self) -> tuple[str, ...]:
        """What is chosen from, as things are now; empty where anything goes."""
        return self.choices() if callable(self.choices) else self.choices

    @property
    def title(self) -> str:
        """What a message calls it."""
        return self.flag or self.name

    @property
    def is_list(self) -> bool:
        """Whether it takes several texts; its flag can be repeated."""
        return self.value_type is tuple

    def read(self, value: object, where: str) -> Any:
        """A value that was read from `where`. Raises Problem (exit code 2) for one of another type."""
        if not self.is_list:
            self.check_type(value, where)
            return value
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            raise usage("plan_invalid", f"{where}: {self.name} has to be a list of texts, not {value!r}.")
        return tuple(value)

    def check_type(self, value: object, where: str) -> None:
        """Raise Problem (exit code 2) for a value of another type, read from `where`."""
        if not isinstance(value, self.value_type) or isinstance(value, bool) != (self.value_type is bool):
            raise usage("plan_invalid", f"{where}: {self.name} has to be {self.value_type.__name__}, not {value!r}.")

    def check_value(self, value: Any) -> None:
        """Raise Problem (exit code 2) for a value of the right type that is not allowed."""
        if self.limits is not None and not self.limits[0] <= value <= self.limits[1]:
            low, high = self.limits
            raise usage("number_out_of_range", f"{self.title} {value} is outside {low} to {high}.")
        if self.choices and value not in self.allowed:
            raise usage(f"{self.name}_unknown", f"There is no {self.label.lower() or self.name} {value!r}.")
        if self.check is not None:
            self.check(self.title, value)


def settings_of(plan_type: type[Any]) -> tuple[Setting, ...]:
    """The settings of a plan class, in the order of its fields; a field without a record is not for a person to set."""
    return _read(plan_type)  # type: ignore[arg-type]  # a class can be hashed, whatever its instances can


@cache
def _read(plan_type: type[Any]) -> tuple[Setting, ...]:
    hints = get_type_hints(plan_type, include_extras=True)
    found = []
    for field in fields(plan_type):
        base, *extras = get_args(hints[field.name]) or (hints[field.name],)
        record = next((each for each in extras if isinstance(each, Setting)), None)
        if record is not None:
            default = None if field.default is MISSING else field.default
            found.append(replace(record, name=field.name, value_type=get_origin(base) or base, default=default))
    return tuple(found)
