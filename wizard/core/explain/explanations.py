"""What a failure that is not the Hub's verdict says to a person: one cause and one next action each.

`message` and `hint` are for a deploy of this program; `cause` and `remedy`, where they differ, for a text that
somebody pasted, whose app is their own. Modal's words are those of November 2026.
"""

from __future__ import annotations

from dataclasses import dataclass

from wizard.core.problem import ExitCode

_SECRETS_GUIDE = "https://modal.com/docs/guide/secrets"


@dataclass(frozen=True)
class Failure:
    """`{gpu}`, `{larger}`, `{line}` and `{model}` are filled in."""

    message: str
    hint: str
    cause: str = ""
    remedy: str = ""
    url: str = ""
    exit_code: ExitCode = ExitCode.FAILED
    retryable: bool = False


# What `check` advises to somebody who runs this program, said to somebody whose own program failed.
REMEDIES: dict[str, str] = {
    "no_token": "Create an access token that may read gated models, and pass it to where this ran: as HF_TOKEN in its "
    "environment; in a container, by way of a Modal Secret, or `docker run -e HF_TOKEN`.",
    "revision_missing": "Use a branch, a tag or a commit hash that exists, or leave the revision out.",
}

FAILURES: dict[str, Failure] = {
    "env_not_forwarded": Failure(
        "An access token exists outside of the container and never reached it: containers start with a clean "
        "environment.",
        "Put it into a Modal Secret and attach that to the function which downloads: "
        'secrets=[modal.Secret.from_name("…", required_keys=["HF_TOKEN"])]. With Docker: docker run -e HF_TOKEN …',
        url=_SECRETS_GUIDE,
        exit_code=ExitCode.CREDENTIALS,
    ),
    "file_missing": Failure(
        "{model} has no file of that name at that revision.",
        "Compare the name with the list of files on the model page; some models keep theirs in a subfolder, or "
        "have only another format.",
        url="{endpoint}/{model}/tree/main",
    ),
    "out_of_gpu_memory": Failure(
        "The model does not fit into the memory of {gpu}.",
        "Choose a larger GPU, for instance --gpu {larger}, or a smaller model.",
        cause="The GPU ran out of memory: the weights, the context or the batch are too large for it.",
        remedy="Choose a GPU with more memory or a smaller model; with vLLM, a smaller max_model_len also helps.",
    ),
    "startup_timeout": Failure(
        "The container did not become ready within its start-up limit.",
        "Large weights take longer to load: try again, since the Volume is warm now, or choose a smaller model.",
        remedy="Raise startup_timeout= of the function or class (timeout= where there is none), and keep the weights "
        "in a Modal Volume, so that a start only loads them.",
        url="https://modal.com/docs/guide/timeouts",
        retryable=True,
    ),
    "function_timeout": Failure(
        "The call took longer than its time limit.",
        "Ask for fewer tokens with --max-tokens, or choose a faster GPU.",
        remedy="Raise timeout= of the function, or do less in one call; downloads belong into a function of their own.",
        url="https://modal.com/docs/guide/timeouts",
    ),
    "schema_unsupported": Failure(
        "The structured-output backend cannot enforce this output type.",
        "Leave out the keyword that the log names, or choose another --backend.",
        remedy="Leave out the keyword that the lines name, or choose another structured-output backend; "
        "`outlines-wizard lint --schema FILE` says which one enforces what.",
    ),
    "output_truncated": Failure(
        "The answer was cut short at the token limit.",
        "Raise --max-tokens, or shorten what the output type allows.",
        cause="The answer breaks off before its end: the token limit was reached.",
        remedy="Raise max_tokens (max_new_tokens), or bound the strings and lists of the schema.",
        exit_code=ExitCode.INVALID_SAMPLE,
    ),
    "spend_limit": Failure(
        "The workspace has reached its spend limit for this billing cycle.",
        "Raise the limit in the workspace's settings, or wait for the next cycle.",
        url="https://modal.com/settings/usage",
    ),
    "payment_method_missing": Failure(
        "Modal asks for a payment method before it gives out this GPU.",
        "Add a card to the workspace, or choose a GPU that needs none.",
        url="https://modal.com/settings/billing",
    ),
    "image_build_failed": Failure(
        "The image could not be built.",
        "The last lines of the build log say which command failed.",
    ),
    "modal_outdated": Failure(
        "This version of the modal package is too old for Modal's service.",
        "Bring it up to date: pip install --upgrade modal",
        cause="The modal package is too old for Modal's service.",
    ),
    "gpu_refused": Failure(
        "Modal does not give {gpu} to this workspace.",
        "Choose another GPU, for instance --gpu {larger}; which ones there are: https://modal.com/docs/guide/gpu",
        cause="Modal does not have this GPU, or does not give it to this workspace.",
        remedy="Choose another GPU; the name may be misspelled.",
        url="https://modal.com/docs/guide/gpu",
    ),
    "weights_incomplete": Failure(
        "The weights of {model} are not in the Volume, or not all of them.",
        "Run `outlines-wizard deploy` again: it downloads what is missing.",
        cause="The weights are not in the Volume, or not all of them.",
        remedy="Run the function that downloads them first.",
    ),
    "modal_auth": Failure(
        "Modal does not accept this Modal token.",
        "Sign in again with `modal token new`.",
        cause="Modal got no Modal token, or does not accept the one that it got.",
        url="https://modal.com/settings/tokens",
        exit_code=ExitCode.CREDENTIALS,
    ),
    "modal_unreachable": Failure(
        "Modal cannot be reached, or does not answer properly.",
        "Check the connection, then run this again: it goes on from what exists.",
        remedy="Check the connection and any proxy, look at status.modal.com, then try again.",
        exit_code=ExitCode.REMOTE,
        retryable=True,
    ),
    "modal_busy": Failure(
        "Modal asks to slow down, or a limit of the workspace is reached.",
        "Wait a little and run this again: it goes on from what exists.",
        exit_code=ExitCode.REMOTE,
        retryable=True,
    ),
    "modal_secret_missing": Failure(
        "A Modal Secret that the app names is missing, or has no HF_TOKEN.",
        "Run this again: it makes the Modal Secret first.",
        cause="A Modal Secret that the app names does not exist in this environment, or lacks a key.",
        remedy="Make it under exactly that name, in the environment that the app is deployed to: "
        "`modal secret create NAME --from-dotenv FILE`, or on the page.",
        url="https://modal.com/secrets",
    ),
    "import_error": Failure(
        "A package that the container needs could not be imported: {line}",
        "Add it to the image that the file describes, and deploy again. A rehearsal's containers use this machine's "
        "packages: there, install it with pip.",
    ),
    "container_crashed": Failure(
        "The container died ({line}).",
        "See the log above it for the reason, then run this again.",
        cause="The container died, and these lines do not say why.",
        remedy="Read the log above this line; exit code 137 means that it was killed, often for want of memory.",
        retryable=True,
    ),
}
