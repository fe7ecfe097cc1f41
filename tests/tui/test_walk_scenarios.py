"""Every prepared situation on screen: what it says, that nothing is lost by it, and that it goes on once mended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.session import nightly_beside
from tests.tui.stage import MODEL, Stage, at, seen, sees, until
from tests.tui.walking import SLOW, Footing, begin, blocked, gone, says, walk
from wizard.core.access_token import AccessToken
from wizard.rehearsal.fixtures import new_token_value
from wizard.rehearsal.scenarios import ADAPTER, ADAPTER_OF_GATED, SCENARIOS, Scenario, find_scenario
from wizard.tui.app import WizardApp
from wizard.tui.widgets.log.view import LogView

MakeApp = Callable[..., WizardApp]
OUT_OF_MEMORY = (
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 14.74 GiB "
    "of which 1.12 GiB is free. Including non-PyTorch memory, this process has 13.61 GiB memory in use."
)
# Written by hand, apart from the program's own words: the screen and the step that is blocked, and what can be read.
LOOKING: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "no-token": ("access", "access", ("no access token was sent", "then p to paste it", "o Open", "p Paste")),
    "not-requested": ("access", "access", ("robin has not asked for access yet", "Press o", "o Open")),
    "pending": ("access", "access", ("have not answered yet", "Nothing to do", ", since ")),
    "rejected": ("access", "access", ("rejected robin", "Press m", "m Model")),
    "adapter-on-gated-base": (
        "access",
        "access",
        (f"{ADAPTER_OF_GATED}: granted", f"{MODEL}: not requested", "It is the base model of", "Press o"),
    ),
    "gated-adapter": (
        "access",
        "access",
        (f"{ADAPTER}: requested, not answered yet", f"{MODEL}-open: granted", "have not answered yet", "Nothing to do"),
    ),
    "both-gated": (
        "access",
        "access",
        (
            f"{ADAPTER_OF_GATED}: requested, not answered yet",
            f"{MODEL}: not requested",
            "Press o",
            "settings/gated-repos",
        ),
    ),
    "fine-grained-lacks-gated": ("access", "access", ("fine-grained", "o Open", "p Paste")),
    "expired-token": ("access", "access", ("expired", "p Paste")),
    "revoked-token": ("access", "access", ("The Hub does not know the access token", "p Paste")),
    "hub-down": ("access", "model", ("cannot be reached", "r Check again")),
    "modal-down": ("modal", "modal", ("Modal cannot be reached", "press r to check again", "r Check again")),
    "modal-outdated": ("modal", "modal", ("pip install --upgrade modal", "press c to copy it", "c Copy")),
    "no-modal-token": ("modal", "modal", ("There is no Modal token on this computer", "Press b", "b Sign in")),
}
RUNNING: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "build-fails": ("deploy", "deploy", ("could not be built", "connection reset by peer", "r  Try again")),
    "payment-missing": ("deploy", "deploy", ("payment method", "o  Open the billing page", "r  Try again")),
    "spend-limit": ("deploy", "deploy", ("spend limit", "o  Open the usage limits", "r  Try again")),
    "gpu-refused": ("deploy", "deploy", ("T4", "enter  Use L4", "m  Change output or GPU")),
    "container-crashes": ("sample", "sample", ("r  Try again",)),
    "out-of-memory": (
        "sample",
        "sample",
        ("does not fit into the memory of T4", "enter  Use L4", "r  Try again", "m  Change"),
    ),
    "package-missing": ("sample", "sample", ("outlines", "r  Try again")),
    "never-starts": ("sample", "sample", ("ends each time it starts", "r  Try again")),
    "starts-slowly": ("sample", "sample", ("r  Try again",)),
    "answers-slowly": ("sample", "sample", ("enter  Allow ", "r  Try again")),
}
# What a rehearsal of its own plants in its containers, as the shared one can show it: how the container ends. Those of
# a crash end at their start, since three containers that load no model take a third of the time.
CONTAINER_FAULTS: dict[str, dict[str, Any]] = {
    "container-crashes": {"where": "container-start:Generator*", "kind": "crash", "status": 137},
    "out-of-memory": {"where": "container-start:Generator*", "kind": "crash", "status": 1, "message": OUT_OF_MEMORY},
    "package-missing": {
        "where": "container-start:Generator*",
        "kind": "crash",
        "status": 1,
        "message": "Traceback (most recent call last):\nModuleNotFoundError: No module named 'outlines'",
    },
    "never-starts": {
        "where": "container-start:Generator*",
        "kind": "crash",
        "status": 1,
        "message": "Traceback (most recent call last):\n"
        "ValueError: the tokenizer and the weights do not belong together",
    },
    "starts-slowly": {"where": "start-limit:Generator*", "kind": "delay", "seconds": 0.3},
    "answers-slowly": {"where": "container-input:Generator*", "kind": "delay", "seconds": 6.0},
}
GOOD = {"ready", "secret-out-of-date", "slow-build"}
# The image may be there already, from a test before: then nothing is built, and no line comes before the refusal.
REFUSED_AT_ONCE = {"payment-missing", "gpu-refused"}


@pytest.fixture
def person(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[[Scenario], Scenario]:
    """Puts a person and the stand-ins into a scenario."""

    def put(scenario: Scenario) -> Scenario:
        environment: dict[str, str | None] = {}
        begin(stage, scenario, environment)
        for name, value in environment.items():
            if value is None:
                monkeypatch.delenv(name)
            else:
                monkeypatch.setenv(name, value)
        return scenario

    return put


Person = Callable[[Scenario], Scenario]


def test_this_file_knows_every_scenario() -> None:
    assert {*LOOKING, *RUNNING, *GOOD} == {scenario.name for scenario in SCENARIOS}
    assert {scenario.name for scenario in SCENARIOS if scenario.expected_code == "ready"} == GOOD


@pytest.mark.parametrize("name", LOOKING)
async def test_what_stands_in_the_way_is_said_and_looked_at_again(
    name: str, make_app: MakeApp, stage: Stage, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = person(find_scenario(name))
    place, step, words = LOOKING[name]
    app = make_app(model=scenario.model)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await walk(pilot, to=place) if name != "hub-down" else await go_blindly(pilot)
        problem = await blocked(pilot, step)
        assert problem.code == scenario.expected_code and problem.exit_code == scenario.exit_code
        await sees(pilot, *words)
        assert not says(app, "Press Enter to continue.") and "Continue" not in seen(app).splitlines()[-1]
        footing = Footing.of(app)
        await pilot.press("enter", "n")  # nobody gets past a blocked question by accident
        assert await at(pilot, place) and Footing.of(app) == footing

        await repair(stage, monkeypatch)
        await pilot.press("r")
        await until(pilot, lambda: app.session.states[step] in ("done", "skipped"), "it goes on")
        assert app.session.draft.model in (scenario.model, MODEL, f"{MODEL}-open")
        screen = app.screen
        await until(pilot, lambda: type(app.screen) is not type(screen) or screen.check_action("go_on", ()), "a key")
        await pilot.press("ctrl+q")
    assert app.return_code == 0


async def go_blindly(pilot: Any) -> None:
    """Without a Hub there is no list; the model that is known already can be taken all the same."""
    await sees(pilot, "cannot be reached", "You can still type a full org/model name")
    await pilot.press("enter")
    await at(pilot, "access")


async def repair(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is in place again, as on the good day."""
    stage.good_day()
    for name in ("HF_TOKEN", "MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET"):
        monkeypatch.setenv(name, stage.env[name])


def quick(name: str, **draft: Any) -> dict[str, Any]:
    """A Draft whose containers do not stay for the next test."""
    return {"model": MODEL, "app": f"walk-{name}", "scaledown_window": 2, **draft}


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(
    "name", nightly_beside(["build-fails", "gpu-refused", "out-of-memory", "answers-slowly"], RUNNING)
)
async def test_what_fails_while_it_runs_is_said_and_nothing_is_lost(
    name: str, make_app: MakeApp, stage: Stage, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = person(find_scenario(name))
    if name in CONTAINER_FAULTS:
        if name != "answers-slowly":
            stage.repair()
        stage.break_at(**CONTAINER_FAULTS[name])
    place, step, words = RUNNING[name]
    fresh = {"backend": "outlines_core"} if name == "build-fails" else {}
    fresh |= {"volume": "walk-fresh"} if name == "spend-limit" else {}  # weights have to be fetched, and that is a call
    app = make_app(**quick(name, **fresh))
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await walk(pilot, to="review")
        draft = app.session.draft
        await pilot.press("g")
        problem = await blocked(pilot, step)
        await at(pilot, place)
        assert problem.code == scenario.expected_code and problem.exit_code == scenario.exit_code
        await sees(pilot, *words, "Press Enter to" if any("enter  " in word for word in words) else problem.hint[:30])
        assert app.busy is None, "nothing runs any more"
        assert app.session.draft == draft
        assert {app.session.states[each] for each in ("model", "access", "token", "modal")} == {"done"}
        assert name in REFUSED_AT_ONCE or app.get_screen("deploy").query_one(LogView).total > 0, "the log is kept"
        if name == "container-crashes":
            return  # that it can be tried again is shown by the others, in less time
        await repair(stage, monkeypatch)
        await pilot.press("r")
        await until(pilot, lambda: app.session.states["deploy"] == "done", "the second try", SLOW)
        await until(pilot, lambda: app.session.states["sample"] != "blocked", "the sample is asked for", SLOW)
        if name == "out-of-memory":
            await at(pilot, "sample")
            await sees(pilot, "✓ Valid", seconds=SLOW)
            assert any("teardown" in line for line in app.exit_messages)
        assert app.session.draft == draft
        await pilot.press("ctrl+q", "y")
    await gone(app)


@pytest.mark.long
@pytest.mark.slow
async def test_a_modal_secret_that_is_out_of_date_is_changed_and_the_job_goes_on(
    make_app: MakeApp, person: Person
) -> None:
    person(find_scenario("secret-out-of-date"))
    app = make_app(**quick("stale", secret="walk-stale-secret"))
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await walk(pilot, to="access")
        assert app.ports is not None
        await app.ports.modal.put_secret("walk-stale-secret", AccessToken(new_token_value()))
        await walk(pilot, start="access", to="modal")
        await sees(pilot, "walk-stale-secret: will be updated; holds an older access token")
        await walk(pilot, start="modal", to="review")
        await sees(pilot, "~ change", "walk-stale-secret")
        await pilot.press("g")
        await until(pilot, lambda: app.session.states["deploy"] in ("waiting", "done"), "the Modal Secret", SLOW)
        assert app.session.states["secret"] == "done"
        job = app.session.job
        assert job is not None and job.report is not None and job.report.credential is not None
        mark = job.report.credential.token.fingerprint
        assert await app.ports.modal.secret_state("walk-stale-secret", mark) == "current"
        await pilot.press("ctrl+q", "y")
    await gone(app)


@pytest.mark.long
@pytest.mark.slow
async def test_a_slow_build_shows_that_it_goes_on_and_can_be_left_and_seen_again(
    make_app: MakeApp, person: Person, stage: Stage
) -> None:
    person(find_scenario("slow-build"))
    stage.break_at("modal:AppPublish", kind="delay", seconds=10.0)  # however busy this machine is, it is not over yet
    app = make_app(**quick("slow", endpoint=True))  # an image that no other test here builds
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await walk(pilot, to="review")
        await pilot.press("g")
        deploy = await at(pilot, "deploy")
        await until(pilot, lambda: app.session.states["deploy"] == "waiting" and says(app, "▶ running"), "the build")
        began = deploy.stages.times["deploy"].began
        await until(pilot, lambda: time.monotonic() - began > 1.0 and says(app, "▶ running"), "a second of it")
        app.go("function")
        await at(pilot, "function")
        assert app.busy is not None, "looking around does not stop it"
        app.go("deploy")
        await at(pilot, "deploy")
        assert deploy.stages.times["deploy"].began == began and app.session.states["deploy"] == "waiting"
        stage.repair()  # it has been slow; the rest need not be
        await until(pilot, lambda: app.session.states["deploy"] == "done", "the deploy", SLOW)
        await at(pilot, "sample")
        await until(pilot, lambda: app.busy is not None, "the call")
        await pilot.press("ctrl+q")
        await sees(pilot, "A call is running", "nothing is billed", "Quit anyway?")
        await pilot.press("n")
        await at(pilot, "sample")
        await pilot.press("ctrl+q", "y")
    await gone(app)
    assert app.return_code == 130
