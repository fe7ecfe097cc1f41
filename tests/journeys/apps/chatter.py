"""Says what it is told to, line by line, so that a reader can tell which lines are missing or came twice."""

# ruff: noqa: T201 - what a function prints is its log

import sys
import time

import modal

app = modal.App("chatter", tags={"made-by": "outlines-wizard"})


@app.function()
def count(first: int, last: int, pause: float = 0.0) -> None:
    for number in range(first, last):
        print(f"line {number}")
        if number % 5 == 0:
            print("again and again")  # the same words over and over are lines of their own
        if number % 7 == 0:
            print(f"trouble {number}", file=sys.stderr)
        time.sleep(pause)
