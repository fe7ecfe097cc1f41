"""A call that waits for a GPU: it is said how long, another one is offered, and it does not wait for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager

import pytest

from tests.support.person import APP, Person, Serving
from wizard.core.events import LogLine
from wizard.core.problem import Problem
from wizard.flow.deploy.function_calls import call_function, download_weights, other_gpu
from wizard.flow.deploy.publish import larger_gpu
from wizard.flow.ports.modal import CallOutcome
from wizard.flow.ports.services import Ports
from wizard.services.modal import calls as modal_calls
from wizard.services.modal.service import ModalService


class SomeHub:
    """Only its address is asked for here."""

    endpoint = "http://127.0.0.1:9"

    @property
    def account_hub(self) -> SomeHub:
        return self


@pytest.fixture
def deployed(person: Person) -> Iterator[Serving]:
    serving = person.serve()
    person.deploy("--no-sample")
    yield serving


@asynccontextmanager
async def ports_of(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ports]:
    """The Modal service in this process, pointed at the stand-in."""
    for name, value in serving.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(modal_calls, "SCHEDULING_SECONDS", 0.4)
    modal = ModalService("main")
    try:
        yield Ports(SomeHub(), None, None, modal, None, None, None, None, None)  # type: ignore[arg-type]
    finally:
        await modal.close()


@pytest.mark.long
@pytest.mark.slow
async def test_waiting_for_a_gpu_is_said_with_another_one(deployed: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed.arm("container-start:Generator*", "delay", seconds=2.5, times=1)
    said: list[str] = []
    async with ports_of(deployed, monkeypatch) as ports:
        running = call_function(ports, APP, "Generator.generate", {"prompt": "Hi."}, 90, "m", "L4")
        async with aclosing(running) as items:
            async for item in items:
                said += [item.text] if isinstance(item, LogLine) and "waiting for" in item.text else []
                outcome = item
    assert isinstance(outcome, CallOutcome) and outcome.value["text"]
    assert len(said) >= 2, "now and then, not once"
    assert all("waiting for an L4" in text and "--gpu A10 ($1.18/h while running)" in text for text in said)


@pytest.mark.long
@pytest.mark.slow
async def test_a_gpu_that_never_comes_is_not_waited_for_for_ever(
    deployed: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.arm("container-start:Generator*", "delay", seconds=60.0)
    cancelled = deployed.rpcs().get("FunctionCallCancel", 0)
    async with ports_of(deployed, monkeypatch) as ports:
        with pytest.raises(Problem) as caught:
            async for _ in call_function(ports, APP, "Generator.generate", {"prompt": "Hi."}, 2.0, "m", "H100"):
                pass
        assert deployed.rpcs()["FunctionCallCancel"] > cancelled, "it would go on, and be paid for"
    assert (caught.value.code, caught.value.retryable, int(caught.value.exit_code)) == ("gpu_unavailable", True, 6)
    assert "H100" in caught.value.message and "--gpu H200" in caught.value.hint
    deployed.behave()


@pytest.mark.long
@pytest.mark.slow
async def test_a_download_waits_for_no_gpu(deployed: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed.modal("app", "rollover", APP, "--strategy", "recreate")  # else a container is there already
    deployed.arm("container-start:download", "delay", seconds=1.5, times=1)
    async with ports_of(deployed, monkeypatch) as ports, aclosing(download_weights(ports, APP, "m")) as items:
        said = [item.text async for item in items if isinstance(item, LogLine) and "waiting for" in item.text]
    assert said
    assert all("waiting for a container:" in text and "GPU" not in text for text in said)
    deployed.behave()


@pytest.mark.long
@pytest.mark.slow
async def test_a_cloud_that_was_closed_connects_anew(deployed: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ports_of(deployed, monkeypatch) as ports:
        assert (await ports.modal.connect()).environment == "main"
        await ports.modal.close()  # type: ignore[attr-defined]
        assert (await ports.modal.connect()).environment == "main"
        assert [app.name for app in await ports.modal.apps()] == [APP]


def test_another_gpu_has_as_much_memory_and_the_nearest_price() -> None:
    assert other_gpu("T4") == ": --gpu L4 ($0.88/h while running)"
    assert other_gpu("B300") == other_gpu("") == other_gpu("Q7000") == "", "also one of a later version"
    assert larger_gpu("T4") == "L4 ($0.88/h while running)"
    assert larger_gpu("B300:8") == larger_gpu("") == larger_gpu("Q7000") == ""
