"""The wizard on screen: renders the engine's events, fills the Draft, holds no rule of its own."""

import os

# How often a second Textual may draw what has changed; it reads this once, when it is first imported. It draws nothing
# while nothing changes, and beside a log that runs through, a key waits for the next turn twice: with its own 60, that
# alone was 30 ms.
os.environ.setdefault("TEXTUAL_FPS", "240")
