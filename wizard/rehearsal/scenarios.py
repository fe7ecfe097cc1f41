"""Prepared situations of a rehearsal: what differs from the good day, and how the job ends in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.core.next_command import NextCommand
from wizard.core.problem import ExitCode, usage
from wizard.rehearsal.faults import Fault

MODEL = "rehearsal-lab/tiny-character"  # gated; the model of a rehearsal that names none
OPEN_MODEL = f"{MODEL}-open"
ADAPTER, ADAPTER_OF_GATED = f"{MODEL}-lora", f"{MODEL}-gated-base-lora"  # of an open base model, and of the gated one


@dataclass(frozen=True)
class Scenario:
    """One situation. `token` names the access token in ``HF_TOKEN`` (None: there is none); `expected_code` is the code
    that the job fails with, or ``ready``.
    """

    name: str
    description: str
    expected_code: str = "ready"
    exit_code: ExitCode = ExitCode.DONE
    token: str | None = "read"
    modal_token: bool = True
    fixtures: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    stale_secret: bool = False
    container_fault: str = ""  # what goes wrong inside of every container
    model: str = MODEL  # what is deployed when nobody names another one


def _request(state: str | None) -> dict[str, Any]:
    return {"requests": {MODEL: {"robin": state}}}


def _gates(adapter: str, repo_id: str, base: str | None) -> dict[str, Any]:
    """Robin's requests for an adapter that is gated, and for the gated base model."""
    return {
        "repositories": {repo_id: {"gated": "manual"}},
        "requests": {repo_id: {"robin": adapter}, MODEL: {"robin": base}},
    }


_GATE, _KEY, _NET = ExitCode.GATE_CLOSED, ExitCode.CREDENTIALS, ExitCode.REMOTE

SCENARIOS: tuple[Scenario, ...] = (
    Scenario("ready", "everything is in place: a gated model, accepted, and an access token that reads it"),
    Scenario("no-token", "there is no access token on this machine", "no_token", _KEY, token=None),
    Scenario("not-requested", "the licence has not been accepted yet", "not_requested", _GATE, fixtures=_request(None)),
    Scenario(
        "pending",
        "access was requested and is pending review",
        "pending_review",
        _GATE,
        fixtures=_request("pending"),
    ),
    Scenario("rejected", "the authors rejected the access request", "rejected", _GATE, fixtures=_request("rejected")),
    Scenario(
        "adapter-on-gated-base",
        "an open LoRA adapter, whose base model is gated: its licence has not been accepted yet",
        "not_requested",
        _GATE,
        fixtures=_request(None),
        model=ADAPTER_OF_GATED,
    ),
    Scenario(
        "gated-adapter",
        "a gated LoRA adapter of an open base model: access was asked for, nobody has answered yet",
        "pending_review",
        _GATE,
        fixtures=_gates("pending", ADAPTER, "accepted"),
        model=ADAPTER,
    ),
    Scenario(
        "both-gated",
        "a gated LoRA adapter that waits for an answer, of a gated base model whose licence is not accepted yet",
        "not_requested",
        _GATE,
        fixtures=_gates("pending", ADAPTER_OF_GATED, None),
        model=ADAPTER_OF_GATED,
    ),
    Scenario(
        "fine-grained-lacks-gated",
        "the fine-grained access token can't read gated models",
        "fine_grained_lacks_gated",
        _KEY,
        token="fine-grained-no-gated",
    ),
    Scenario("expired-token", "the access token has expired", "expired_token", _KEY, token="expired"),
    Scenario("revoked-token", "the access token was revoked", "invalid_token", _KEY, token="revoked"),
    Scenario(
        "hub-down",
        "the Hub is down (503)",
        "hub_unreachable",
        _NET,
        faults=(Fault("hub:*", "status", 503, "Service Unavailable"),),
    ),
    Scenario(
        "modal-down",
        "Modal is down (UNAVAILABLE)",
        "modal_unreachable",
        _NET,
        faults=(Fault("modal:*", "status", "UNAVAILABLE", "the service is being restarted"),),
    ),
    Scenario("no-modal-token", "you are not signed in to Modal", "no_modal_token", _KEY, modal_token=False),
    Scenario(
        "secret-out-of-date",
        "the Modal Secret holds an older access token, which is updated",
        stale_secret=True,
    ),
    Scenario(
        "build-fails",
        "a package of the image cannot be installed",
        "image_build_failed",
        ExitCode.FAILED,
        faults=(
            Fault(
                "build:*pip install*",
                "status",
                1,
                "error: Failed to fetch wheel for `torch`\n  Caused by: connection reset by peer",
            ),
        ),
    ),
    Scenario(
        "container-crashes",
        "the GPU container is killed on every call",
        "container_crashed",
        ExitCode.FAILED,
        faults=(Fault("container-input:Generator*", "crash", 137),),
    ),
    Scenario(
        "out-of-memory",
        "the model doesn't fit in the memory of a T4, but does on larger GPUs",
        "out_of_gpu_memory",
        ExitCode.FAILED,
        container_fault="out-of-memory",
    ),
    Scenario(
        "package-missing",
        "a package the function imports is missing from its image",
        "import_error",
        ExitCode.FAILED,
        container_fault="package-missing",
    ),
    Scenario(
        "never-starts",
        "the container fails every time it starts, and Modal keeps restarting it",
        "container_crashed",
        ExitCode.FAILED,
        container_fault="never-starts",
    ),
    Scenario(
        "starts-slowly",
        "the container takes too long to start",
        "startup_timeout",
        ExitCode.FAILED,
        container_fault="starts-slowly",
        faults=(Fault("start-limit:Generator*", "delay", seconds=2.0),),
    ),
    Scenario(
        "answers-slowly",
        "the call takes too long",
        "function_timeout",
        ExitCode.FAILED,
        container_fault="answers-slowly",
        faults=(Fault("input-limit:Generator*", "delay", seconds=2.0),),
    ),
    Scenario(
        "payment-missing",
        "Modal requires a payment method for this GPU",
        "payment_method_missing",
        ExitCode.FAILED,
        faults=(
            Fault(
                "modal:FunctionCreate",
                "status",
                "INVALID_ARGUMENT",
                "Please add a payment method to use T4 GPU functions",
            ),
        ),
    ),
    Scenario(
        "spend-limit",
        "the workspace has reached its spend limit",
        "spend_limit",
        ExitCode.FAILED,
        faults=(
            Fault("modal:FunctionMap", "status", "RESOURCE_EXHAUSTED", "workspace billing cycle spend limit reached"),
        ),
    ),
    Scenario(
        "gpu-refused",
        "Modal doesn't offer T4 to this workspace, but does offer other GPUs",
        "gpu_refused",
        ExitCode.FAILED,
        faults=(Fault("gpu:T4"),),
    ),
    Scenario(
        "modal-outdated",
        "this version of the modal package is too old for the service",
        "modal_outdated",
        ExitCode.FAILED,
        faults=(
            Fault(
                "modal:ClientHello",
                "status",
                "FAILED_PRECONDITION",
                "The client version (1.6.4) is too old. Please update (pip install --upgrade modal).",
            ),
        ),
    ),
    Scenario(
        "slow-build",
        "every command of the image build takes two seconds",
        faults=(Fault("build:*", "delay", seconds=2.0),),
    ),
)


def find_scenario(name: str) -> Scenario:
    """A scenario by name. Raises Problem (exit code 2) with the names that exist."""
    for scenario in SCENARIOS:
        if scenario.name == name:
            return scenario
    known = ", ".join(scenario.name for scenario in SCENARIOS)
    listed = NextCommand("outlines-wizard deploy --scenario list", "to see what each is about")
    raise usage("scenario_unknown", f"There is no scenario {name!r}.", f"Choose one of {known}.", next=(listed,))
