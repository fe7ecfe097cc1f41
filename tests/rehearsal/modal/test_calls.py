"""Calls through the real SDK: every way to make one, and every way in which one ends."""

from __future__ import annotations

import pytest

from tests.rehearsal.modal.modal_rehearsal import Rehearsal

GET = "f = lambda name: modal.Function.from_name('basics', name)\n"


def test_remote_spawn_map_starmap_and_generators(shared: Rehearsal) -> None:
    result = shared.script(
        GET
        + """
call = f("add").spawn(3, 4)
result = {
    "remote": f("add").remote(1, 2),
    "spawn": call.get(timeout=20),
    "again": modal.FunctionCall.from_id(call.object_id).get(),
    "map": list(f("add").map(range(60), range(60))),
    "starmap": list(f("add").starmap([(1, 1), (2, 2)])),
    "generator": list(f("count").remote_gen(5)),
    "unordered": sorted(f("add").map(range(5), range(5), order_outputs=False)),
}
"""
    )
    assert result == {
        "remote": 3,
        "spawn": 7,
        "again": 7,
        "map": [2 * number for number in range(60)],
        "starmap": [2, 4],
        "generator": [0, 1, 2, 3, 4],
        "unordered": [0, 2, 4, 6, 8],
    }


def test_spawn_map(shared: Rehearsal) -> None:
    result = shared.script(
        GET
        + """
call = f("add").experimental_spawn_map(range(30), range(30))
result = [call.num_inputs(), [call.get(index=i, timeout=20) for i in (0, 29)]]
"""
    )
    assert result == [30, [0, 58]]


@pytest.mark.long
@pytest.mark.slow
def test_errors_time_limits_and_cancelling(shared: Rehearsal) -> None:
    result = shared.script(
        GET
        + """
result = {}
def ends(name, make):
    began = time.time()
    try:
        value = make()
    except BaseException as error:
        value = f"{type(error).__module__}.{type(error).__name__}: {error}"
    result[name] = [value, time.time() - began]

ends("error", lambda: f("fail").remote("no luck"))
ends("mapped", lambda: [str(x) for x in f("fail").map(["a", "b"], return_exceptions=True)])
ends("timeout", lambda: f("oversleep").remote())
call = f("nap").spawn(30)
ends("early", lambda: call.get(timeout=0.5))
time.sleep(0.5)
call.cancel()
ends("cancelled", lambda: call.get(timeout=20))
call = f("nap").spawn(30)
time.sleep(0.3)
call.cancel(terminate_containers=True)
ends("terminated", lambda: call.get(timeout=20))
"""
    )
    assert result["error"][0] == "builtins.ValueError: no luck"
    assert [text.split("(")[0] for text in result["mapped"][0]] == ["a", "b"]
    assert result["timeout"][0].startswith("modal.exception.FunctionTimeoutError: Task's current input in-")
    assert result["timeout"][0].endswith("hit its timeout of 1s")
    assert result["timeout"][1] < 20, "it would have slept for longer"
    assert result["early"][0].startswith("builtins.TimeoutError")
    assert result["cancelled"][0] == "modal.exception.RemoteError: Input was cancelled by user"
    assert result["terminated"][0] == "modal.exception.RemoteError: Input was cancelled by user"


@pytest.mark.long
@pytest.mark.slow
def test_a_container_that_ignores_its_time_limit_is_killed(shared: Rehearsal) -> None:
    text = shared.script(
        GET
        + """
try:
    f("deaf").remote()
except modal.exception.FunctionTimeoutError as error:
    result = str(error)
"""
    )
    assert "hit its timeout of 1s" in text


@pytest.mark.long
@pytest.mark.slow
def test_retries_of_the_client_and_of_the_server(shared: Rehearsal) -> None:
    result = shared.script(
        GET
        + """
g = f("flaky")
result = [g.remote("remote", 3), list(g.map(["map"], [2])), g.spawn("spawn", 4).get(timeout=30)]
try:
    f("flaky").spawn("never", 9).get(timeout=30)
except RuntimeError as error:
    result.append(str(error))
"""
    )
    assert result == [3, [2], 4, "attempt 4"]


def test_a_killed_container_costs_the_input_one_try(shared: Rehearsal) -> None:
    result = shared.script(
        GET
        + """
result = [f("die").remote("once", 1)]
try:
    f("die").remote("always", 9)
except modal.exception.RemoteError as error:
    result.append(str(error))
"""
    )
    assert result == [2, "Runner failed with exit code: 137"]


def test_payloads_too_big_for_a_message(shared: Rehearsal) -> None:
    result = shared.script(
        GET
        + """
import os
def measure(call):
    length, answer = call
    return [length, len(answer)]
big = os.urandom(5_000_000)
result = [measure(f("size").remote(big, 5_000_000)), measure(f("size").spawn(big[:100_000], 100_000).get(timeout=20))]
"""
    )
    assert result == [[5_000_000, 5_000_000], [100_000, 100_000]]


def test_batches_and_concurrent_inputs(shared: Rehearsal) -> None:
    result = shared.script(
        GET
        + """
batched = list(f("together").map(range(10)))
began = time.time()
together = set(f("at_once").map(range(20)))
result = [batched, len(together), time.time() - began]
"""
    )
    assert result[0] == [5] * 10
    assert result[1] == 1
    assert result[2] < 5


def test_parallel_containers(shared: Rehearsal) -> None:
    pids = shared.script(GET + 'result = list(f("pid").map(range(12)))')
    assert 2 <= len(set(pids)) <= 4


def test_parameters_have_containers_of_their_own(shared: Rehearsal) -> None:
    result = shared.script(
        """
Greeter = modal.Cls.from_name("basics", "Greeter")
one, two = Greeter(name="ann"), Greeter(name="bob")
result = [one.greet.remote("x"), two.greet.remote("y"), one.greet.remote("z"), Greeter().greet.remote("w")]
result.append(Greeter.with_options(timeout=77)(name="ann").greet.remote("x"))
"""
    )
    names = [text.split(" (")[0] for text in result]
    assert names == ["ann greets x", "bob greets y", "ann greets z", "nobody greets w", "ann greets x"]
    pids = [text.split("(")[1] for text in result]
    assert pids[0] == pids[2]
    assert len(set(pids)) == 4


def test_what_a_handle_can_be_asked(shared: Rehearsal) -> None:
    result = shared.script(
        GET
        + """
stats = f("add").get_current_stats()
app = modal.App.lookup("basics")
app.set_tags({"team": "blue"})
f("add").update_autoscaler(max_containers=3)
client = modal.Client.from_env()
client.hello()
result = [
    stats.backlog, app.get_tags(), sorted(modal.App.lookup("basics").info().functions)[:2],
    [environment.name for environment in modal.Environment.objects.list()],
    str(modal.Workspace.from_context().billing.rates()["cpu_hour_cost"]),
]
"""
    )
    assert result == [0, {"team": "blue"}, ["Greeter.*", "add"], ["main"], "0.04730"]


def test_what_an_app_was_used_for(shared: Rehearsal) -> None:
    result = shared.script(
        GET
        + """
import datetime
now = datetime.datetime.now(datetime.timezone.utc)
app = modal.App.lookup("basics")
before = app.stats(since=now - datetime.timedelta(hours=1)).functions["add"].counts.calls.succeeded
f("add").remote(1, 2)
after = app.stats(since=now - datetime.timedelta(hours=1)).functions
full_hour = now.replace(minute=0, second=0, microsecond=0)
report = modal.Workspace.from_context().billing.report
over = report(start=full_hour, end=full_hour + datetime.timedelta(hours=1), resolution="h")
running = report(start=full_hour, resolution="h")
result = [
    after["add"].counts.calls.succeeded - before, after.total.calls.total >= after["add"].counts.calls.total,
    [item.description for item in over], all(0 < item.cost < 1 for item in over),
    sum(item.cost for item in running) == 0,
]
"""
    )
    assert result == [1, True, ["basics"], True, True]


def test_secrets_through_the_sdk(fresh: Rehearsal) -> None:
    result = fresh.script(
        """
modal.Secret.objects.create("hf", {"HF_TOKEN": "one"})
secret = modal.Secret.from_name("hf", required_keys=["HF_TOKEN"]).hydrate()
secret.update({"MORE": "two"})
result = [secret.info().name, [each.name for each in modal.Secret.objects.list()]]
modal.Secret.from_name("hf", required_keys=["MORE"]).hydrate()
for make in (
    lambda: modal.Secret.objects.create("hf", {"HF_TOKEN": "two"}),
    lambda: modal.Secret.from_name("hf", required_keys=["LESS"]).hydrate(),
    lambda: modal.Secret.from_name("nope").hydrate(),
):
    try:
        make()
    except modal.Error as error:
        result.append(type(error).__name__)
modal.Secret.objects.delete("hf")
result.append([each.name for each in modal.Secret.objects.list()])
"""
    )
    assert result == ["hf", ["hf"], "AlreadyExistsError", "NotFoundError", "NotFoundError", []]
