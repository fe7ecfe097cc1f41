"""What a live check may cost where nobody says otherwise."""

from __future__ import annotations

MOST_DOLLARS = 0.50
