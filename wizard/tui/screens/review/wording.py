"""What the plan costs, and what was chosen in it and why, as the screen says it."""

from __future__ import annotations

from textual.content import Content

from wizard.core.access_token import clean_line
from wizard.core.events import PlanReady
from wizard.core.plan.cost import CostEstimate
from wizard.core.plan.inference_engine.advice import figures_words


def chosen_words(event: PlanReady) -> Content:
    """What was chosen and why, every engine side by side, and what might serve better."""
    lines = [
        Content.assemble(("" if name == "engine" else f"{name.replace('_', ' ')} "), (clean_line(why, 300), "$quiet"))
        for name, why in event.why.items()
    ]
    for each in event.cost.engines if event.cost is not None else ():
        lines.append(Content.assemble((f"{each.label:<13}", "bold"), (clean_line(figures_words(each), 300), "$quiet")))
    lines += [Content.styled(clean_line(each, 300), "$accent") for each in event.proposals]
    return Content("\n").join(lines)


def cost_words(cost: CostEstimate) -> Content:
    """What it costs, in one short table."""
    parts = {
        "build": cost.build,
        "download": cost.download,
        "start": cost.cold_start,
        "answer": cost.sample,
        "idle": cost.idle_tail,
    }
    spent = [f"${amount:.2f} {word}" for word, amount in parts.items() if round(amount, 2) > 0]
    rows = [
        ("first run", f"${cost.first_run:.2f}", f"incl. {', '.join(spent)}" if spent else ""),
        (
            "per hour",
            f"${cost.per_hour or cost.gpu_per_hour:.2f}",
            f"while running; GPU: ${cost.gpu_per_hour:.2f}" if cost.gpu_per_hour else "while running; no GPU",
        ),
        ("while idle", "$0.00", "scaled to zero"),
        ("storage", f"${cost.storage_per_month:.2f}", "per month, for the weights"),
    ]
    return Content("\n").join(
        Content.assemble(f"{what:<14}", (f"{price:>7}", "bold"), ("  " + why, "$quiet")) for what, price, why in rows
    )
