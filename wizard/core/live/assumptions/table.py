"""Everything that this program assumes of the Hub, of Modal and of GPUs, and that only they can show: one table."""

from __future__ import annotations

from wizard.core.live.assumption import Assumption
from wizard.core.live.assumptions.hub import HUB
from wizard.core.live.assumptions.job import GPU, JOB
from wizard.core.live.assumptions.modal import MODAL, WEB

ASSUMPTIONS: tuple[Assumption, ...] = (*HUB, *MODAL, *WEB, *JOB, *GPU)
TRIED: tuple[Assumption, ...] = tuple(each for each in ASSUMPTIONS if not each.by_hand)
"""Those that the live check tries."""
BY_HAND: tuple[Assumption, ...] = tuple(each for each in ASSUMPTIONS if each.by_hand)
