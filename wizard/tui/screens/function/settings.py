"""The settings that few people change, folded away: a labelled control for each record that has a label."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Select

from wizard.core.plan.draft import Draft
from wizard.core.plan.setting import Setting
from wizard.core.plan.typed_setting import read_typed
from wizard.tui.widgets.field import Field

STACKED = 58  # cells; below this a label stands over its control, which would cut what is in it


def advanced_settings(draft: Draft) -> list[Setting]:
    """Those that are shown: what is typed, texts before numbers, then what is chosen, then what is ticked."""

    def rank(setting: Setting) -> int:
        return 2 if setting.choices else {str: 0, int: 1, bool: 3}[setting.value_type]

    return sorted((setting for setting in draft.settings() if setting.label and not setting.asked), key=rank)


class Settings(Vertical):
    """Posts `Edited` for each change."""

    class Edited(Message):
        """A setting of the Draft is to be `value` (None: undecided), or cannot be taken because of `problem`."""

        def __init__(self, name: str, value: str | int | None, problem: str = "") -> None:
            super().__init__()
            self.name, self.value, self.problem = name, value, problem

    def __init__(self, draft: Draft) -> None:
        super().__init__(id="settings")
        self._draft = draft
        self._settings = {setting.name: setting for setting in advanced_settings(draft)}
        self._fields = {name: Field(each.label, _widget(each, draft)) for name, each in self._settings.items()}

    def compose(self) -> ComposeResult:
        yield from self._fields.values()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < STACKED, "-stacked")

    def show(self, draft: Draft) -> None:
        """What has been decided elsewhere."""
        for name, setting in self._settings.items():
            value, widget = getattr(draft, name), self._fields[name].control
            match widget:
                case Input():
                    widget.placeholder = _placeholder(setting, draft)
                    if value is not None and widget.value != str(value):
                        widget.value = str(value)
                case Select() | Checkbox():
                    widget.value = _shown(setting, draft)

    def field(self, name: str) -> Field | None:
        """The labelled control of a setting, if it is one of these."""
        return self._fields.get(name)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        setting, text = self._settings[str(event.input.id)], event.value.strip()
        value, problem = read_typed(setting, text) if text else (None, "")
        self.post_message(self.Edited(setting.name, value, problem))

    @on(Checkbox.Changed)
    def _ticked(self, event: Checkbox.Changed) -> None:
        event.stop()
        setting = self._settings[str(event.checkbox.id)]
        self.post_message(self.Edited(setting.name, None if event.value == setting.default else event.value))

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        setting = self._settings[str(event.select.id)]
        self.post_message(self.Edited(setting.name, None if event.value == _unset(setting) else str(event.value)))


def _widget(setting: Setting, draft: Draft) -> Widget:
    name, tip = setting.name, setting.tip
    if setting.choices:
        choices, value = [(choice, choice) for choice in setting.allowed], str(_shown(setting, draft))
        return Select(choices, value=value, allow_blank=False, id=name, tooltip=tip)
    if setting.value_type is bool:
        return Checkbox(setting.caption, bool(_shown(setting, draft)), id=name, tooltip=tip)
    value = getattr(draft, name)
    return Input("" if value is None else str(value), placeholder=_placeholder(setting, draft), id=name, tooltip=tip)


def _shown(setting: Setting, draft: Draft) -> object:
    """What is chosen or ticked: the decided value, else the one that says that nothing is decided."""
    value = getattr(draft, setting.name)
    return _unset(setting) if value is None else value


def _unset(setting: Setting) -> object:
    return setting.default if setting.unset is None else setting.unset


def _placeholder(setting: Setting, draft: Draft) -> str:
    """What an empty field stands for."""
    if setting.from_model is not None:
        return setting.from_model(draft.model) if draft.model else ""
    return "" if setting.default is None else str(setting.default)
