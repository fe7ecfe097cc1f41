"""Whether somebody opens the wizard on this machine for the first time, and what they are told.

An empty file in the state folder says that they were here."""

from __future__ import annotations

from wizard.core.own_files import state_folder

WHAT = (
    "A function on Modal that runs a Hugging Face model of your choice and always answers in the form you define: "
    "JSON, a choice, a date, a pattern…"
)
TIME = "A few minutes, most of it waiting for the first build. Later deploys take seconds."
COST = "A small model: a few cents for the first run, ${awake:.2f} per running hour, $0 while idle."
BEFORE = ("welcomed", "recent-models.json")  # either shows that the wizard has been here


def welcome_rows() -> list[tuple[str, str]]:
    """What one gets, how long it takes and what it costs, each with its title."""
    from wizard.core.plan.cost import awake_per_hour  # only where it is shown

    return [("You get", WHAT), ("It takes", TIME), ("It costs", COST.format(awake=awake_per_hour("T4", None)))]


def is_first_time() -> bool:
    """Whether nothing of an earlier session is there."""
    return not any((state_folder() / name).exists() for name in BEFORE)


def remember_welcome() -> None:
    """Do not show the first screen again. A folder that cannot be written only means that it comes once more."""
    folder = state_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / BEFORE[0]).touch()
    except OSError:
        return
