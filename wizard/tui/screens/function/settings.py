"""The settings that few people change, folded away: a widget for each record that has a label."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Grid
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Label, Select

from wizard.core.access_token import clean_line
from wizard.core.plan.draft import Draft
from wizard.core.plan.setting import Setting


def advanced_settings(draft: Draft) -> list[Setting]:
    """Those that are shown: what is typed, texts before numbers, then what is chosen, then what is ticked."""

    def rank(setting: Setting) -> int:
        return 2 if setting.choices else {str: 0, int: 1, bool: 3}[setting.value_type]

    return sorted((setting for setting in draft.settings if setting.label and not setting.asked), key=rank)


class Settings(Grid):
    """Posts `Edited` for each change."""

    class Edited(Message):
        """A setting of the Draft is to be `value` (None: undecided), or cannot be read because of `problem`."""

        def __init__(self, name: str, value: str | int | None, problem: str = "") -> None:
            super().__init__()
            self.name, self.value, self.problem = name, value, problem

    def __init__(self, draft: Draft) -> None:
        super().__init__(id="settings")
        self._draft = draft
        self._settings = {setting.name: setting for setting in advanced_settings(draft)}

    def compose(self) -> ComposeResult:
        for setting in self._settings.values():
            yield Label(setting.label)
            yield _widget(setting, self._draft)

    def show(self, draft: Draft) -> None:
        """What has been decided elsewhere."""
        for name, setting in self._settings.items():
            value, widget = getattr(draft, name), self.query_one(f"#{name}")
            match widget:
                case Input():
                    widget.placeholder = _placeholder(setting, draft)
                    if value is not None and widget.value != str(value):
                        widget.value = str(value)
                case Select() | Checkbox():
                    widget.value = _shown(setting, draft)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        name, text = str(event.input.id), event.value.strip()
        value: str | int | None = text or None
        if text and self._settings[name].value_type is int:
            try:
                value = int(text)
            except ValueError:
                self.post_message(self.Edited(name, None, f"“{clean_line(text, 20)}” is not a whole number."))
                return
        self.post_message(self.Edited(name, value))

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
    return Input(
        "" if value is None else str(value),
        placeholder=_placeholder(setting, draft),
        type="integer" if setting.value_type is int else "text",
        id=name,
        tooltip=tip,
    )


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
