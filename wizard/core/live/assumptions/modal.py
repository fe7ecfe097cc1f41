"""What this program assumes of Modal, and of the web functions that Modal serves."""

from __future__ import annotations

from functools import partial

from wizard.core.live.assumption import Assumption

_modal = partial(Assumption, subject="modal")
_web = partial(Assumption, subject="web")
_SECRETS, _CALLS = "wizard/services/modal/secrets.py", "wizard/services/modal/calls.py"
_APPS, _CONNECTION, _VOLUMES = (
    "wizard/services/modal/apps.py",
    "wizard/services/modal/connection.py",
    "wizard/services/modal/volumes.py",
)
_ENDPOINT, _PUBLISH = "wizard/codegen/shared/endpoint.py.txt", "wizard/flow/deploy/publish.py"
_SOURCE, _REFERENCE, _GUIDE = "modal 1.6.4, source", "Modal's reference", "Modal's guide"

MODAL: tuple[Assumption, ...] = (
    _modal(
        "modal-environments",
        "the environment that things are made in is in the list of environments",
        _CONNECTION,
        _REFERENCE,
        "the list",
    ),
    _modal(
        "modal-prices",
        "a workspace tells its own prices, under a key for each GPU, for CPU, memory and storage",
        "wizard/core/sizing/gpus.py",
        "four public repositories, 2026-10",
        "the prices",
    ),
    _modal(
        "modal-price-values",
        "those prices are the list prices of this version",
        "wizard/core/sizing/gpus.py",
        "four public repositories, 2026-10",
        "each price, compared with the table",
    ),
    _modal(
        "modal-gpu-names",
        "Modal takes every GPU name of the table, and a number behind it",
        "wizard/core/sizing/gpus.py",
        _REFERENCE,
        "an app with a function for each is deployed, never called, and stopped",
    ),
    _modal(
        "modal-secret-keys",
        "a Modal Secret tells whether it has a key, and nothing else",
        _SECRETS,
        _SOURCE,
        "a Secret, asked for keys that it has and keys that it lacks",
    ),
    _modal(
        "modal-secret-merge",
        "updating a Modal Secret keeps the keys that the update does not name",
        _SECRETS,
        _SOURCE,
        "a Secret is written twice",
    ),
    _modal(
        "modal-tags-at-deploy",
        "an app has the tags that its file names as soon as it is deployed",
        "wizard/flow/ports/modal.py",
        _REFERENCE,
        "a small app without a GPU is deployed",
    ),
    _modal(
        "modal-tags",
        "the tags of a deployed app can be replaced",
        "wizard/flow/operate/rollback.py",
        _REFERENCE,
        "other tags are set and read back",
    ),
    _modal(
        "modal-history",
        "the history of an app lists its versions, each with the tag that its deploy was given",
        _PUBLISH,
        "modal 1.6.4, command line",
        "the history of the small app",
    ),
    _modal(
        "modal-clean-environment",
        "a container inherits nothing from the environment of the computer that deployed it",
        "wizard/core/explain/explanations.py",
        "error reports",
        "a variable is set here while the small app is deployed; its container lists the names of its own",
    ),
    _modal(
        "modal-secret-attached",
        "a function gets the keys of its Modal Secret as environment variables",
        "wizard/codegen/shared/download.py.txt",
        _GUIDE,
        "a function with a Secret compares the fingerprint of HF_TOKEN",
    ),
    _modal(
        "modal-secret-kept",
        "containers that run keep the values that they were started with when their Secret is updated",
        "wizard/flow/operate/rotate.py",
        _GUIDE,
        "the Secret is updated while a container runs, which is then asked again",
    ),
    _modal(
        "modal-rollover",
        "`modal app rollover` replaces containers that run, and the new ones have the Secret's new values",
        "wizard/flow/operate/rotate.py",
        "modal 1.6.4, command line",
        "the same function, after a rollover",
    ),
    _modal(
        "modal-log-lines",
        "what a function prints arrives while its call runs, with standard error apart from standard output",
        "wizard/services/modal/logs.py",
        _REFERENCE,
        "a function prints one line on each",
    ),
    _modal(
        "modal-exception",
        "an exception of a function reaches the caller with its class and its text",
        "wizard/core/explain/failures.py",
        _SOURCE,
        "a function that raises ValueError",
    ),
    _modal(
        "modal-timeout",
        "a call that takes longer than its function's timeout ends as FunctionTimeoutError",
        "wizard/core/explain/failures.py",
        "error reports",
        "a function with a timeout of five seconds",
    ),
    _modal(
        "modal-large-result",
        "a result of several MiB comes back whole",
        _CALLS,
        _SOURCE,
        "a function that returns a text of 3 MiB",
    ),
    _modal(
        "modal-generator",
        "what a function yields arrives piece by piece, in order, and its first piece can name its call",
        _CALLS,
        _REFERENCE,
        "a function that yields three pieces half a second apart",
    ),
    _modal(
        "modal-cancel",
        "a call that is cancelled ends in its container, too",
        _CALLS,
        _REFERENCE,
        "a function that waits is cancelled, and its log is read",
    ),
    _modal(
        "modal-volume-upload",
        "a small file that is written into a Volume from outside can be read back, and is listed with its size",
        _VOLUMES,
        _REFERENCE,
        "a file is written, read and listed",
    ),
    _modal(
        "modal-volume-commit",
        "what a container writes into a Volume and commits, others see after they reload it",
        "wizard/codegen/shared/download.py.txt",
        _GUIDE,
        "one function writes, another one reads, and so does this computer",
    ),
    _modal(
        "modal-volume-read-only",
        "nothing can be written through a read-only mount",
        "wizard/codegen/shared/app.py.txt",
        _REFERENCE,
        "a function with a read-only mount tries to write",
    ),
    _modal(
        "modal-scale-to-zero",
        "an app keeps no container once its idle time has passed, so that it costs nothing",
        "wizard/flow/operate/app_status.py",
        _GUIDE,
        "the containers of the small app are counted",
    ),
    _modal(
        "modal-rollback",
        "an earlier version of an app can be deployed again, as a new version",
        _APPS,
        "modal 1.6.4, command line",
        "the app of the open model is deployed twice and rolled back",
    ),
    _modal(
        "modal-teardown",
        "an app that is stopped, a Secret and a Volume that are deleted are gone at once",
        "wizard/flow/operate/teardown.py",
        _REFERENCE,
        "all that was made is removed and looked for",
    ),
)
WEB: tuple[Assumption, ...] = (
    _web(
        "web-door",
        "Modal answers 401 to a caller without a proxy token, before anything of the app runs",
        _ENDPOINT,
        _GUIDE,
        "the small app's web function, asked without one",
    ),
    _web(
        "web-wrong-token",
        "and to one with a proxy token that does not exist",
        _ENDPOINT,
        _GUIDE,
        "the same, with one made up for this",
    ),
    _web(
        "web-key",
        "a proxy token is taken as `Modal-Key` and `Modal-Secret`",
        "wizard/core/plan/call_snippets.py",
        _GUIDE,
        "the same, with a proxy token that is made for this and deleted",
    ),
    _web(
        "web-bearer",
        "and as `Authorization: Bearer wk-….ws-…`, which is what clients of OpenAI's API send",
        "wizard/core/plan/call_snippets.py",
        "Modal's page on Endpoints, which are another thing",
        "the same as a bearer",
    ),
    _web(
        "web-stream",
        "a web function's answer is passed on piece by piece",
        _ENDPOINT,
        "modal 1.6.4, source",
        "three pieces half a second apart, timed as they arrive",
    ),
    _web(
        "web-large-request",
        "a request of 40 MB is passed on whole",
        "wizard/codegen/shared/image_requests.py.txt",
        "not documented",
        "a body of 40 MB, whose length is counted in the container",
    ),
    _web(
        "web-reader-gone",
        "a request whose reader has gone ends in the container, too",
        _ENDPOINT,
        "modal 1.6.4, source",
        "an answer is broken off after its first piece, and the log is read",
    ),
    _web(
        "web-address",
        "the address of a web function stays the same when its app is deployed again",
        "wizard/cli/next_steps.py",
        _GUIDE,
        "the app of the open model, deployed twice",
    ),
)
