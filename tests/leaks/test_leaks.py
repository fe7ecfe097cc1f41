"""No access token is found where it has no business: every command, every failing scenario, as loud as it gets."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import json
import os
import subprocess
import sys

import pytest

from tests.leaks.canaries import LOUD, Canaries, check_run, watching
from tests.support.terminal import LAB, Ended, Terminal, new_token
from wizard.rehearsal.fixtures import Fixtures
from wizard.rehearsal.hub.server import StandInHub

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks into /proc"),
]
needs_local = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("torch", "transformers", "outlines")),
    reason="a rehearsal runs a model on this machine",
)
APP = "outlines-tiny-character"


@pytest.mark.long
async def test_commands_that_only_ask() -> None:
    """Every source holds an access token that works, so that all of them are really sent."""
    hub = StandInHub(Fixtures.load())
    await hub.start()
    terminal = Terminal(hub.url)
    canaries = Canaries(terminal)
    people = ("read", "write", "fine-grained", "stranger", "author", "oauth", "pending-person", "author-read", "scoped")
    for name, value in zip(people, canaries.values.values(), strict=True):
        hub.fixtures.token(name).value = value
    odd = {"HF_TOKEN": f"'{new_token()}'", "HUGGING_FACE_HUB_TOKEN": f"Bearer {new_token()}"}
    canaries.values |= {f"malformed {name}": value.strip("'").split()[-1] for name, value in odd.items()}
    stdin = canaries.values["standard input"]
    commands: list[tuple[tuple[str, ...], str | None, dict[str, str]]] = [
        (("check", LAB), None, {}),
        (("check", LAB, "--json"), None, {}),
        (("check", f"{LAB}-rejected", "--json"), None, {}),
        (("check", LAB, "--token-from", "stdin"), stdin, {}),
        (("check", LAB, "--token-from", "hf", "--json"), None, {}),
        (("check", LAB), None, odd),
        (("check", LAB, "--json"), None, {"HF_ENDPOINT": "http://127.0.0.1:9"}),
        (("token", "show", "--model", LAB), None, {}),
        (("token", "show", "--json"), None, odd),
        (("token", "set", "--json"), stdin, {}),
        (("token", "set"), stdin + " x", {}),
        (("token", "forget", "--json"), None, {}),
        (("deploy", "--model", LAB, "--text", "--dry-run", "--json", "--save-plan", "plan.toml"), None, {}),
        (("deploy", "--model", LAB, "--text", "--dry-run", "--token-from", "stdin"), stdin, {}),
    ]
    try:
        async with watching(terminal) as watch:
            gate = asyncio.Semaphore(3)

            async def run(arguments: tuple[str, ...], given: str | None, more: dict[str, str]) -> Ended:
                async with gate:
                    return await terminal.wizard(*arguments, stdin=given, **(canaries.variables | LOUD | more))

            ended = await asyncio.gather(*(run(*each) for each in commands))
        used = {seen.token for seen in hub.seen}
        assert used >= set(people) - {"author-read"}, "they were really sent"
        assert "author-read" not in used, "a refresh token is nobody's access token"
        check_run(canaries, *ended)
        assert canaries.in_files(terminal) == {}
        assert watch.leaks(canaries) == []
        assert len(watch.seen) >= len(commands) / 2, "the watch saw them"
    finally:
        terminal.leave()
        await hub.close()


async def test_the_search_finds_what_is_there() -> None:
    """Or finding nothing would mean nothing."""
    terminal = Terminal()
    canaries = Canaries(terminal)
    value = canaries.values["HF_TOKEN"]
    try:
        (terminal.project / "notes.txt").write_text(f"so {value} it is")
        assert list(canaries.in_files(terminal).values()) == [{"HF_TOKEN"}]
        async with watching(terminal) as watch:
            inner = [sys.executable, "-c", "import time; time.sleep(1)", value]
            nested = f"import subprocess; subprocess.run({inner!r})"
            child = await terminal.start(sys.executable, "-c", nested, HF_API_TOKEN=canaries.values["HF_API_TOKEN"])
            await child.communicate()
        assert len([leak for leak in watch.leaks(canaries) if leak.startswith("command line")]) == 2
        assert len([leak for leak in watch.leaks(canaries) if leak.startswith("environment")]) == 1
        with pytest.raises(AssertionError):
            check_run(canaries, Ended(("x",), 0, "", value, 0))
        assert canaries.in_bytes(new_token().encode()), "one that nobody has planted, by its shape"
    finally:
        terminal.leave()


BOOM = """
import sys
from wizard.services.hub import client as hub
from wizard.services.credentials import active_token as tokens

class Boom(Exception):
    pass

async def fail(self, token, *rest):
    secret = token.reveal()
    held = {{"authorization": "Bearer " + secret}}
    try:
        raise ValueError(secret, held)
    except ValueError as error:
        raise {raised} from error

hub.Hub.whoami = fail
from wizard.wiring import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize("raised", ["Boom(f'could not send {held}')", "type('X' + secret, (Exception,), {})()"])
@pytest.mark.parametrize("flags", [(), ("--json",)])
async def test_an_error_of_ours_tells_everything_but_the_token(raised: str, flags: tuple[str, ...]) -> None:
    """A traceback whose messages, causes and class hold the access token, with every log level up."""
    terminal = Terminal("http://127.0.0.1:9")
    canaries = Canaries(terminal)
    try:
        source = BOOM.format(raised=raised)
        words = ("check", LAB, *flags)
        child = await terminal.start(sys.executable, "-X", "dev", "-c", source, *words, **canaries.variables, **LOUD)
        out, err = await asyncio.wait_for(child.communicate(), 60)
        files = canaries.in_files(terminal)
    finally:
        terminal.leave()
    said = (out + err).decode()
    assert child.returncode == 1, said
    assert "Internal error in outlines-wizard" in said
    assert "Traceback" in err.decode()
    assert canaries.in_bytes(out + err) == set()
    assert files == {}


def scenarios() -> list[str]:
    """Those that fail, as the program lists them; and one that goes well with an older access token in the Secret."""
    return [*(name for name, expected_code in _listed().items() if expected_code != "ready"), "secret-out-of-date"]


@functools.cache
def _listed() -> dict[str, str]:
    command = [sys.executable, "-m", "wizard", "deploy", "--scenario", "list", "--json"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [json.loads(line) for line in listed.splitlines()]
    return {row["scenario"]: row["ends with"] for row in rows if "scenario" in row}


@pytest.mark.long
@needs_local
async def test_every_failing_scenario() -> None:
    """The rehearsal's own access token is random, so everything in the shape of one is looked for."""
    gate = asyncio.Semaphore(3)

    async def one(number: int, scenario: str) -> None:
        terminal = Terminal()
        canaries = Canaries(terminal)
        flags = ["--json"] if number % 2 else []
        if scenario == "secret-out-of-date":
            flags.append("--no-sample")
        async with gate, watching(terminal) as watch:
            done = await terminal.wizard(
                *("deploy", "--scenario", scenario, "--yes", *flags), **canaries.variables, **LOUD
            )
        try:
            assert (done.code == 0) is (scenario == "secret-out-of-date"), done
            check_run(canaries, done)
            assert canaries.in_files(terminal) == {}, scenario
            assert watch.leaks(canaries) == [], scenario
            assert any(b"rehearse" in command for _, command in watch.seen), "the watch saw the stand-ins"
        finally:
            terminal.leave()

    names = scenarios()
    assert len(names) >= 10
    ended = await asyncio.gather(*(one(*each) for each in enumerate(names)), return_exceptions=True)
    failed = [each for each in ended if isinstance(each, Exception)]
    if failed:
        raise ExceptionGroup("scenarios", failed)


@pytest.mark.long
@needs_local
async def test_a_whole_life_on_modal() -> None:
    """Deploy, sample, call, logs, list, status, teardown with the variables of a served rehearsal: the real path."""
    terminal = Terminal()
    canaries = Canaries(terminal)
    async with watching(terminal) as watch:
        server = await terminal.start(
            sys.executable, "-m", "wizard", "rehearse", "--json", **LOUD, **canaries.variables
        )
        try:
            assert server.stdout is not None
            line = await asyncio.wait_for(server.stdout.readline(), 60)  # its variables: the one place to print them
            served = json.loads(line)["env"]
            canaries.values |= {"served": served["HF_TOKEN"], "secret": served["MODAL_TOKEN_SECRET"]}
            env = canaries.variables | LOUD | served
            deploy = ("deploy", "--model", LAB, "--choices", "yes,no", "--yes", "--json", "--output-dir", "made")
            ended = [await terminal.wizard(*deploy, "--dry-run", **env), await terminal.wizard(*deploy, **env)]
            assert [done.code for done in ended] == [0, 0], ended[-1]
            assert ended[-1].one("SampleReady")["valid"] is True
            looks = (("call", APP, "--prompt", "x", "--json"), ("logs", APP), ("list",), ("status", APP, "--json"))
            ended += await asyncio.gather(*(terminal.wizard(*words, **env) for words in looks))
            gone = await terminal.wizard("teardown", APP, "--yes", "--json", **env)
            ended.append(gone)
            assert [done.code for done in ended] == [0] * len(ended), [str(done) for done in ended if done.code]
            files = canaries.in_files(terminal)
        finally:
            server.terminate()
            rest, err = await asyncio.wait_for(server.communicate(), 20)
            left = canaries.in_files(terminal)
            terminal.leave()
    check_run(canaries, *ended)
    assert canaries.in_bytes(rest + err) == set(), "what the stand-ins say"
    assert files == {} and left == {}
    assert watch.leaks(canaries) == []
    containers = [environ for (_, command), environ in watch.seen.items() if b"_container_entrypoint" in command]
    assert any(served["HF_TOKEN"].encode() in environ for environ in containers), "where it belongs it was seen"
