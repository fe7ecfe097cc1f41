"""Services that stumble once: the job goes on as if nothing had been."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.person import MODEL, Serving
from tests.support.session import nightly_beside

pytestmark = [pytest.mark.slow, pytest.mark.long]

FAULTS: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "modal-unavailable-at-first": [("modal:ClientHello", "status", {"status": "UNAVAILABLE", "times": 1})],
    "modal-unavailable-at-the-secret": [("modal:SecretGetOrCreate", "status", {"status": "UNAVAILABLE", "times": 2})],
    "modal-unavailable-at-the-publish": [("modal:AppPublish", "status", {"status": "UNAVAILABLE", "times": 1})],
    "modal-slow-down-at-the-secret": [("modal:SecretGetOrCreate", "throttle", {"seconds": 1.0, "times": 1})],
    "modal-cuts-the-log": [("modal:AppGetLogs", "disconnect", {"times": 1})],
    "modal-loses-an-upload": [("modal-http:PUT", "status", {"status": 503, "times": 1})],
    "modal-loses-a-result": [("modal:FunctionGetOutputs", "status", {"status": "UNAVAILABLE", "times": 1})],
    "modal-loses-a-container": [("container-input:download*", "crash", {"status": 137, "times": 1})],
    "modal-has-no-prices": [("modal:WorkspaceBillingRates", "status", {"status": "PERMISSION_DENIED"})],
    "hub-resets-whoami": [("hub:GET /api/whoami-v2", "disconnect", {"times": 1})],
    "hub-resets-the-model": [(f"hub:GET /api/models/{MODEL}*", "disconnect", {"times": 1})],
    "hub-503-at-the-gate": [(f"hub:GET /api/models/{MODEL}/auth-check", "status", {"status": 503, "times": 1})],
    "hub-502-at-the-weights": [(f"hub:HEAD /{MODEL}/resolve/*", "status", {"status": 502, "times": 1})],
    "hub-slow-whoami": [("hub:GET /api/whoami-v2", "delay", {"seconds": 3.0, "times": 1})],
    "hub-limits-whoami": [("hub:GET /api/whoami-v2", "throttle", {"seconds": 60})],
    "hub-cuts-the-download": [(f"hub:GET /{MODEL}/resolve/*", "disconnect", {"times": 1, "after": 1})],
}


KEPT = (  # `make faults` has each of the others, and more
    *("modal-unavailable-at-the-secret", "modal-loses-an-upload", "modal-loses-a-container", "modal-has-no-prices"),
    *("hub-502-at-the-weights", "hub-limits-whoami", "hub-cuts-the-download"),
)
DOWNLOADING = ("modal-cuts-the-log", "modal-loses-a-result", "modal-loses-a-container", "hub-cuts-the-download")


@pytest.mark.parametrize("name", nightly_beside(KEPT, FAULTS))
def test_one_stumble_does_not_matter(name: str, serving: Serving) -> None:
    person = serving.person
    if name in DOWNLOADING:
        serving.modal("volume", "delete", "outlines-wizard-models", "--yes", "--allow-missing")
    for where, kind, more in FAULTS[name]:
        serving.arm(where, kind, **more)
    try:
        done = person.deploy("--app", name, "--secret", name, "--no-sample", seconds=60)
    finally:
        serving.behave()
    assert done.last["event"] == "Finished"
    assert done.outcomes()["deploy"] == "created"
    assert done.outcomes()["secret"] == "created"
    assert "Traceback" not in done.stderr
