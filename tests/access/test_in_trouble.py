"""`check` through the real command line while something is in the way: a cache, a variable, the Hub, the network.

The right verdict and exit code, one sentence that is true, never a traceback, never longer than the limits added up.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from tests.support.terminal import LAB, Ended, Terminal, new_token
from wizard.rehearsal.faults import Fault, Faults
from wizard.rehearsal.fixtures import Fixtures
from wizard.rehearsal.hub.server import StandInHub

AT_ONCE = 6
CORE = {  # access token -> verdict and exit code for the gated model
    "none": ("no_token", 4),
    "unknown": ("invalid_token", 4),
    "expired": ("expired_token", 4),
    "read": ("ready", 0),
    "fine-grained-no-gated": ("fine_grained_lacks_gated", 4),
    "stranger": ("not_requested", 3),
    "pending-person": ("pending_review", 3),
    "oauth-narrow": ("wrong_token_scope", 4),
}


def check_manners(done: Ended) -> None:
    """What holds for every ending."""
    assert done.err == "", done
    assert "Traceback" not in done.said, done
    assert set(done.data) >= {"verdict", "cause", "hint", "url", "raw", "token"}, done


async def all_at_once(jobs: list[Awaitable[None]]) -> None:
    """Run jobs side by side, but not more than this machine likes; every failure is told."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(job: Awaitable[None]) -> None:
        async with gate:
            await job

    failed = [r for r in await asyncio.gather(*map(one, jobs), return_exceptions=True) if isinstance(r, BaseException)]
    if failed:
        raise ExceptionGroup("cases", [each for each in failed if isinstance(each, Exception)])


async def fill_cache(terminal: Terminal, value: str) -> None:
    """The model as an earlier download left it in HF_HOME."""
    source = f"import huggingface_hub as h; h.snapshot_download({LAB!r})"
    child = await terminal.start(sys.executable, "-c", source, HF_TOKEN=value, HF_HUB_DISABLE_PROGRESS_BARS="1")
    out, err = await child.communicate()
    assert child.returncode == 0, out + err
    assert list((terminal.hf_home / "hub").rglob("model.safetensors"))


@pytest.mark.long
async def test_a_warm_cache_changes_no_verdict(stand_in: StandInHub, terminal: Terminal) -> None:
    """huggingface_hub answers from its cache whatever the Hub says: a check has to go past it."""
    await fill_cache(terminal, stand_in.fixtures.token("read").value)
    before = {path: path.stat().st_mtime_ns for path in terminal.files()}

    async def core(token: str) -> None:
        verdict, code = CORE[token]
        value = "" if token == "none" else new_token() if token == "unknown" else stand_in.fixtures.token(token).value
        done = await terminal.wizard("check", LAB, "--json", HF_TOKEN=value)
        check_manners(done)
        assert (done.data["verdict"], done.code) == (verdict, code), done

    async def offline(**more: str) -> None:
        done = await terminal.wizard("check", LAB, "--json", HF_TOKEN=stand_in.fixtures.token("read").value, **more)
        check_manners(done)
        assert (done.data["verdict"], done.code) == ("hub_unreachable", 6), done
        assert "HF_HUB_OFFLINE" in done.data["cause"] + done.data["hint"], "it is a switch and not the connection"
        assert "proxy" not in done.data["hint"]
        assert done.seconds < 10

    await all_at_once([*map(core, CORE), offline(HF_HUB_OFFLINE="1")])
    assert {path: path.stat().st_mtime_ns for path in terminal.files()} == before, "nothing is read from it or written"


HIDING = {  # HF_TOKEN, what `hf auth login` left -> verdict, whether the note says that a better one is hidden
    ("revoked", "read"): ("invalid_token", True),
    ("expired", "read"): ("expired_token", True),
    ("unknown", "read"): ("invalid_token", True),
    ("malformed", "read"): ("invalid_token", True),
    ("fine-grained-no-gated", "read"): ("fine_grained_lacks_gated", True),
    ("oauth-narrow", "read"): ("wrong_token_scope", True),
    ("stranger", "read"): ("not_requested", True),
    ("pending-person", "read"): ("pending_review", True),
    ("stranger", "pending-person"): ("not_requested", False),
    ("fine-grained-no-gated", "expired"): ("fine_grained_lacks_gated", False),
    ("read", "revoked"): ("ready", False),
    ("malformed", ""): ("invalid_token", False),
}


@pytest.mark.long
async def test_a_variable_that_hides_a_better_token_is_named(stand_in: StandInHub) -> None:
    async def one(outer: str, inner: str) -> None:
        verdict, is_said = HIDING[outer, inner]
        values = {name: token.value for name, token in stand_in.fixtures.tokens.items()}
        values |= {"unknown": new_token(), "malformed": f'"{new_token()}"', "": ""}
        terminal = Terminal(stand_in.url)
        try:
            terminal.log_in(values[inner])
            done = await terminal.wizard("check", LAB, "--json", HF_TOKEN=values[outer])
        finally:
            terminal.leave()
        check_manners(done)
        assert done.data["verdict"] == verdict, done
        notes = " ".join(done.data["notes"])
        assert ("HF_TOKEN hides" in notes and "`hf auth login`" in notes) is is_said, done

    await all_at_once([one(*case) for case in HIDING])


@dataclass(frozen=True)
class Case:
    """One thing that is wrong. `said` has to be in the cause, the hint or the Hub's own line; `seconds` is a bound."""

    verdict: str
    code: int
    faults: tuple[Fault, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    token: str = "read"
    said: str = ""
    not_said: str = "\0"
    seconds: float = 12.0


DEAD_PROXY = "http://127.0.0.1:9"
CASES = {
    "every answer after 3 s": Case("ready", 0, (Fault("hub:*", "delay", seconds=3),), seconds=3 * 4 + 6),
    "every answer after 3 s, not asked": Case(
        "not_requested", 3, (Fault("hub:*", "delay", seconds=3),), token="stranger", seconds=3 * 8 + 6
    ),
    "500": Case("hub_unreachable", 6, (Fault("hub:*", "status", 500, "Internal Error"),), said="Internal Error"),
    "503": Case("hub_unreachable", 6, (Fault("hub:*", "status", 503, "Service Unavailable"),), said="Unavailable"),
    "503 for files only": Case("hub_unreachable", 6, (Fault("hub:* */resolve/*", "status", 503),)),
    "503 once each": Case(
        "ready", 0, tuple(Fault(f"hub:* {w}*", "status", 503, times=1) for w in ("/api/w", "/api/m"))
    ),
    "429": Case("rate_limited", 6, (Fault("hub:* /api/models/*", "throttle", seconds=77),), said="77 seconds"),
    "429 everywhere": Case("rate_limited", 6, (Fault("hub:*", "throttle", seconds=77),), said="77 seconds"),
    "429 for files only": Case(
        "rate_limited", 6, (Fault("hub:* */resolve/*", "throttle", seconds=5),), said="5 seconds"
    ),
    "429 for whoami only": Case("ready", 0, (Fault("hub:* /api/whoami-v2", "throttle", seconds=5),)),
    "whoami is not served, as on mirrors": Case(
        "ready", 0, (Fault("hub:* /api/whoami-v2", "status", 404, "Not Found"),), not_said="does not exist"
    ),
    "resets": Case("hub_unreachable", 6, (Fault("hub:*", "disconnect"),)),
    "resets for files only": Case("hub_unreachable", 6, (Fault("hub:* */resolve/*", "disconnect"),)),
    "no such host": Case(
        "hub_unreachable", 6, variables={"HF_ENDPOINT": "http://no-such-host.invalid:9"}, said="no-such-host.invalid"
    ),
    "nobody listens": Case("hub_unreachable", 6, variables={"HF_ENDPOINT": "http://127.0.0.1:9"}),
    "an address that is none": Case("hub_unreachable", 6, variables={"HF_ENDPOINT": "not an address"}),
    "a proxy that is dead": Case(
        "hub_unreachable", 6, variables={"HTTP_PROXY": DEAD_PROXY, "HTTPS_PROXY": DEAD_PROXY}, said="proxy"
    ),
}


async def stood_in_the_way(name: str) -> None:
    case = CASES[name]
    server = StandInHub(Fixtures.load(), Faults(case.faults))
    await server.start()
    terminal = Terminal(server.url)
    try:
        value = server.fixtures.token(case.token).value
        done = await terminal.wizard("check", LAB, "--json", **({"HF_TOKEN": value} | case.variables))
    finally:
        terminal.leave()
        await server.close()
    check_manners(done)
    assert (done.data["verdict"], done.code) == (case.verdict, case.code), f"{name}: {done}"
    text = " ".join(str(done.data[key]) for key in ("cause", "hint", "raw", "notes"))
    assert case.said in text, f"{name}: {done}"
    assert case.not_said not in text, f"{name}: {done}"
    assert done.seconds < case.seconds, f"{name}: {done}"
    assert value not in done.said


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def odd_server(handler: Handler) -> AsyncIterator[str]:
    """A server that answers everything with one handler."""
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def never(request: web.Request) -> web.StreamResponse:
    """The connection is taken, and nothing comes."""
    await asyncio.sleep(3600)
    return web.Response()


async def drip(request: web.Request) -> web.StreamResponse:
    """A byte a second, for ever: no single read ever runs out of time."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.5)


async def guest_network(request: web.Request) -> web.StreamResponse:
    """What a hotel answers to everything."""
    return web.Response(text="<html>Sign in to the guest network</html>", content_type="text/html")


async def nested(request: web.Request) -> web.StreamResponse:
    """JSON that is deeper than a parser likes."""
    return web.Response(text="[" * 200_000, content_type="application/json")


async def only_policy_headers(request: web.Request) -> web.StreamResponse:
    """A rate limit without Retry-After, as the Hub announces it."""
    headers = {"RateLimit": '"api";r=0;t=41', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
    return web.json_response({"error": "slow down"}, status=429, headers=headers)


ODD = {  # handler -> verdict, what is said, the bound: two requests of ten seconds, and a pause, in each of two rounds
    never: ("hub_unreachable", "", 2 * 10 + 8),
    drip: ("hub_unreachable", "", 2 * 10 + 8),
    guest_network: ("hub_unreachable", "not JSON", 8),
    nested: ("hub_unreachable", "not JSON", 8),
    only_policy_headers: ("rate_limited", "41 seconds", 8),
}


async def was_no_hub(handler: Handler) -> None:
    verdict, said, seconds = ODD[handler]
    async with odd_server(handler) as url:
        terminal = Terminal(url)
        try:
            done = await terminal.wizard("check", LAB, "--json", HF_TOKEN=new_token())
        finally:
            terminal.leave()
    check_manners(done)
    assert (done.data["verdict"], done.code) == (verdict, 6), done
    assert said in " ".join(str(done.data[key]) for key in ("cause", "hint", "raw")), done
    assert done.seconds < seconds, done


@pytest.mark.long
@pytest.mark.slow
async def test_what_stands_in_the_way_is_named() -> None:
    """All at once, since most of it is waiting: the slow ones first."""
    jobs = [(ODD[handler][2], was_no_hub(handler)) for handler in ODD]
    jobs += [(int(case.seconds), stood_in_the_way(name)) for name, case in CASES.items()]
    await all_at_once([job for _, job in sorted(jobs, key=lambda job: -job[0])])
