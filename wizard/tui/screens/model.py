"""Which model? (placeholder of the frame's first run)"""

from wizard.tui.frame import StepScreen


class ModelScreen(StepScreen):
    """The first question."""

    step = "model"
    question = "Which model?"
