"""Probes of a Modal account: environments, prices, GPU names and Secrets."""

from __future__ import annotations

from wizard.codegen.live import gpu_names, render_gpu_names_app
from wizard.core.listing import first_few
from wizard.core.live.report import Finding
from wizard.core.plan.cost import STORAGE_DOLLARS_PER_GIB_MONTH
from wizard.core.sizing.gpus import CPU_DOLLARS_PER_HOUR, GPUS, MEMORY_DOLLARS_PER_GIB_HOUR
from wizard.flow.live.deploying import deploy_file
from wizard.flow.live.registry import probe
from wizard.flow.live.state import CouldNotTry, Live, made_up_token, seen_if

DEPLOY_SECONDS = 300.0
_SAME = 0.005  # of a price: what rounding does
LIST_PRICES: dict[str, float] = {
    **{gpu.rate_key: gpu.dollars_per_hour for gpu in GPUS},
    "cpu_hour_cost": CPU_DOLLARS_PER_HOUR,
    "mem_gib_hour_cost": MEMORY_DOLLARS_PER_GIB_HOUR,
    "volume_storage_gib_month_cost": STORAGE_DOLLARS_PER_GIB_MONTH,
}


@probe("modal-environments", "account")
async def environments(live: Live) -> Finding:
    names = await live.modal.environments()
    used = live.workspace.environment if live.workspace else ""
    return seen_if(used in names, f"{len(names)} environments, with the one that is used: {used in names}")


@probe("modal-prices", "account")
async def prices(live: Live) -> Finding:
    rates = await live.modal.rates()
    if rates is None:
        return seen_if(False, "the workspace tells no prices")
    missing = [key for key in LIST_PRICES if key not in rates]
    return seen_if(not missing, f"missing: {first_few(missing, 5)}" if missing else f"{len(rates)} prices")


@probe("modal-price-values", "account", rests_on=("modal-prices",))
async def price_values(live: Live) -> Finding:
    rates = await live.modal.rates() or {}
    other = [
        f"{key} {rates[key]:g} instead of {price:g}"
        for key, price in LIST_PRICES.items()
        if key in rates and abs(rates[key] - price) > _SAME * price
    ]
    return seen_if(not other, first_few(other, 5) if other else f"{len(LIST_PRICES)} prices are the same")


@probe("modal-gpu-names", "account", seconds=DEPLOY_SECONDS)
async def gpus(live: Live) -> Finding:
    app = f"{live.name}-gpus"
    outcome = await deploy_file(live, app, render_gpu_names_app(app, live.name))
    await live.modal.stop_app(app)
    if "payment method" in outcome.message:
        raise CouldNotTry(outcome.message)
    return seen_if(not outcome.error, outcome.message if outcome.error else f"{len(gpu_names())} names were taken")


@probe("modal-secret-keys", "account", seconds=120)
async def secret_keys(live: Live) -> Finding:
    name, held, other = live.name, made_up_token(), made_up_token()
    before = await live.modal.secret_state(name, held.fingerprint)
    live.made.secrets.append(name)
    await live.modal.put_secret(name, held)
    live.fingerprint = held.fingerprint
    states = [before] + [await live.modal.secret_state(name, each.fingerprint) for each in (held, other)]
    return seen_if(states == ["missing", "current", "outdated"], ", ".join(states))


@probe("modal-secret-merge", "account", seconds=120, rests_on=("modal-secret-keys",))
async def secret_merge(live: Live) -> Finding:
    newer, older = made_up_token(), live.fingerprint
    await live.modal.put_secret(live.name, newer)
    live.fingerprint = newer.fingerprint
    states = [await live.modal.secret_state(live.name, each) for each in (newer.fingerprint, older)]
    return seen_if(states == ["current", "outdated"], ", ".join(states))
