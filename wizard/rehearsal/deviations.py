"""What a service might do otherwise than this program assumes: each as the fault that makes the stand-in do it.

Named after the assumption that it breaks (`core/live`); the live check has to find it. Where the stand-in only fails, a
plain fault does; for the rest it looks for one of the kind ``differs`` at the place with the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from wizard.rehearsal.faults import Fault


def _does_otherwise(name: str) -> tuple[str, Fault]:
    return name, Fault(f"differs:{name}", "differs")


SECRET_KEYS_UNCHECKED = Fault("differs:modal-secret-keys", "differs")
"""A Secret has every key that it is asked for. It stands apart, since most of the check rests on it."""

DEVIATIONS: Mapping[str, Fault] = MappingProxyType(
    dict(
        [
            _does_otherwise("hub-gated-code"),  # a closed gate has no X-Error-Code
            _does_otherwise("hub-whoami-role"),  # whoami says no role
            _does_otherwise("hub-range"),  # the whole file comes, with 200
            _does_otherwise("modal-clean-environment"),  # containers have what is set where the app was deployed
            _does_otherwise("modal-secret-attached"),  # Secrets do not reach containers
            _does_otherwise("modal-tags"),  # new tags are dropped
            _does_otherwise("web-door"),  # callers without a proxy token are let in
            _does_otherwise("web-stream"),  # an answer comes in one piece
            ("modal-rollback", Fault("modal:AppRollback", "status", "UNIMPLEMENTED", "there are no rollbacks")),
            ("modal-prices", Fault("modal:WorkspaceBillingRates", "status", "UNIMPLEMENTED", "there are no prices")),
        ]
    )
)
