"""The verdicts that `explain` and a failed deploy know beside those of `check`, one row each.

Modal's words are those of November 2026.
"""

from __future__ import annotations

from wizard.core.access.verdict_row import VerdictRow
from wizard.core.access.verdicts import VERDICTS
from wizard.core.next_command import NextCommand, again, ours
from wizard.core.problem import ExitCode

_TIMEOUTS_GUIDE = "https://modal.com/docs/guide/timeouts"
_LOGS = ours("logs {app}", "to read what the containers printed")
_LARGER = again("to use a larger GPU", "--gpu {larger}")
_SIGN_IN = NextCommand("modal token new", "to sign in to Modal in a browser")

FAILURES: dict[str, VerdictRow] = {
    "env_not_forwarded": VerdictRow(
        exit_code=ExitCode.CREDENTIALS,
        cause="An access token exists outside of the container and never reached it: containers start with a "
        "clean environment.",
        hint="Put it into a Modal Secret and attach that to the function which downloads: "
        'secrets=[modal.Secret.from_name("…", required_keys=["HF_TOKEN"])]. With Docker: docker run -e '
        "HF_TOKEN …",
        url="https://modal.com/docs/guide/secrets",
        is_about_access=True,
        next=(ours("check {model}", "to see whether your access token reads this model"),),
    ),
    "file_missing": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="{model} has no file of that name at that revision.",
        hint="Compare the name with the list of files on the model page; some models keep theirs in a "
        "subfolder, or have only another format.",
        url="{endpoint}/{model}/tree/main",
        is_about_access=True,
        next=(ours("check {model}", "to see what it holds"),),
    ),
    "out_of_gpu_memory": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="The model does not fit into the memory of {gpu}.",
        hint="Choose a larger GPU, for instance --gpu {larger}, or a smaller model.",
        pasted_cause="The GPU ran out of memory: the weights, the context or the batch are too large for it.",
        pasted_hint="Choose a GPU with more memory or a smaller model; with vLLM, a smaller max_model_len also helps.",
        fixed_on="function",
        next=(_LARGER,),
    ),
    "gpu_unsuitable": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="{gpu} cannot compute with the number format that the model is stored in.",
        hint="Choose a newer GPU, for instance --gpu {larger}, or a copy of the model in another format.",
        pasted_cause="The GPU is too old for the number format that was asked for (bfloat16, FP8 or another).",
        pasted_hint="Choose a newer GPU (L4, A100, H100), or with bfloat16 also --dtype half; a quantised model may "
        "exist in another format.",
        fixed_on="function",
        next=(again("to use a newer GPU", "--gpu {larger}"),),
    ),
    "gpu_count_unsuitable": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="The model's attention heads cannot be divided among so many GPUs.",
        hint="Choose a number of GPUs that divides the number of heads, usually 1, 2, 4 or 8: --gpu {larger}:2.",
        pasted_hint="Choose a number of GPUs (tensor_parallel_size) that divides the number of heads, usually 1, 2, 4 "
        "or 8.",
        fixed_on="function",
        next=(again("to use two GPUs", "--gpu {larger}:2"),),
    ),
    "model_not_supported": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="The installed version of the library does not know the architecture of {model}.",
        hint="`outlines-wizard check {model}` says which inference engine loads it; otherwise choose another model.",
        pasted_cause="The installed version of the library does not know the model's architecture.",
        pasted_hint="Install the newest version of transformers or vLLM; `outlines-wizard check MODEL` says whether "
        "one of them loads the model.",
        fixed_on="model",
        next=(ours("check {model}", "to see which inference engine loads it"),),
    ),
    "startup_timeout": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="The container did not become ready within its start-up limit.",
        hint="Large weights take longer to load: try again, since the Volume is warm now, or choose a smaller model.",
        url=_TIMEOUTS_GUIDE,
        retryable=True,
        pasted_hint="Raise startup_timeout= of the function or class (timeout= where there is none), and keep the "
        "weights in a Modal Volume, so that a start only loads them.",
        next=(
            again("to try again: the Volume is warm now"),
            _LOGS,
        ),
    ),
    "function_timeout": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="The call took longer than its time limit.",
        hint="Ask for fewer tokens with --max-tokens, or choose a faster GPU.",
        url=_TIMEOUTS_GUIDE,
        pasted_hint="Raise timeout= of the function, or do less in one call; put downloads into a function of their "
        "own.",
        fixed_on="function",
        next=(
            again("to ask for shorter answers", "--max-tokens {fewer_tokens}"),
            _LARGER,
            _LOGS,
        ),
    ),
    "schema_unsupported": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="The structured-output backend cannot enforce this output type.",
        hint="Leave out the keyword that the log names, or choose another --backend.",
        pasted_hint="Leave out the keyword that the lines name, or choose another structured-output backend; "
        "`outlines-wizard lint --schema FILE` says which one enforces what.",
        fixed_on="function",
        next=(ours("lint {output}", "to see which backend enforces what"),),
    ),
    "output_truncated": VerdictRow(
        exit_code=ExitCode.INVALID_SAMPLE,
        cause="The answer was cut short at the token limit.",
        hint="Raise --max-tokens, or shorten what the output type allows.",
        pasted_cause="The answer breaks off before its end: the token limit was reached.",
        pasted_hint="Raise max_tokens (max_new_tokens), or bound the strings and lists of the schema.",
        fixed_on="function",
        next=(again("to allow longer answers", "--max-tokens {more_tokens}"),),
    ),
    "spend_limit": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="The workspace has reached its spend limit for this billing cycle.",
        hint="Raise the limit in the workspace's settings, or wait for the next cycle.",
        url="https://modal.com/settings/usage",
        next=(again("after you have raised the limit"),),
    ),
    "payment_method_missing": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="Modal requires a payment method for this GPU.",
        hint="Add a card to the workspace, or choose a GPU that needs none.",
        url="https://modal.com/settings/billing",
        next=(again("after you have added a card"),),
    ),
    "image_build_failed": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="The image could not be built.",
        hint="The last lines of the build log say which command failed.",
        next=(again("to build it again: what succeeded is kept"),),
    ),
    "modal_outdated": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="This version of the modal package is too old for Modal's service.",
        hint="Bring it up to date: pip install --upgrade modal",
        pasted_cause="The modal package is too old for Modal's service.",
        next=(
            NextCommand("pip install --upgrade modal", "to install a newer version"),
            again("after you have installed a newer version"),
        ),
    ),
    "gpu_refused": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="Modal doesn't offer {gpu} to this workspace.",
        hint="Choose another GPU, for instance --gpu {larger}; which ones there are: https://modal.com/docs/guide/gpu",
        url="https://modal.com/docs/guide/gpu",
        pasted_cause="Modal doesn't have this GPU, or doesn't offer it to this workspace.",
        pasted_hint="Choose another GPU; the name may be misspelled.",
        fixed_on="function",
        next=(again("to use another GPU", "--gpu {larger}"),),
    ),
    "weights_incomplete": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="The weights of {model} are not in the Volume, or not all of them.",
        hint="Run `outlines-wizard deploy` again: it downloads what is missing.",
        pasted_cause="The weights are not in the Volume, or not all of them.",
        pasted_hint="Run the function that downloads them first.",
        next=(
            again("to resume"),
            ours("status {app}", "to see what is deployed"),
        ),
    ),
    "modal_auth": VerdictRow(
        exit_code=ExitCode.CREDENTIALS,
        cause="Modal does not accept this Modal token.",
        hint="Sign in again with `modal token new`.",
        url="https://modal.com/settings/tokens",
        pasted_cause="Modal got no Modal token, or doesn't accept it.",
        fixed_on="modal",
        next=(
            _SIGN_IN,
            again("after you have signed in"),
        ),
    ),
    "modal_unreachable": VerdictRow(
        exit_code=ExitCode.REMOTE,
        cause="Modal cannot be reached, or does not answer properly.",
        hint="Check the connection, then run this again to resume.",
        retryable=True,
        pasted_hint="Check the connection and any proxy, look at status.modal.com, then try again.",
        next=(
            again("to resume, when Modal can be reached"),
            ours("doctor", "to check the connection"),
        ),
    ),
    "modal_busy": VerdictRow(
        exit_code=ExitCode.REMOTE,
        cause="Modal is rate limiting you, or the workspace has reached a limit.",
        hint="Wait a moment and run this again to resume.",
        retryable=True,
        next=(again("to resume, in a moment"),),
    ),
    "modal_secret_missing": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="A Modal Secret that the app names is missing, or has no HF_TOKEN.",
        hint="Run this again: it creates the Modal Secret first.",
        url="https://modal.com/secrets",
        pasted_cause="A Modal Secret that the app names does not exist in this environment, or lacks a key.",
        pasted_hint="Create it under exactly that name, in the environment that the app is deployed to: `modal secret "
        "create NAME --from-json FILE`, or on the page.",
        fixed_on="modal",
        next=(again("to create it and resume"),),
    ),
    "import_error": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="A package that the container needs could not be imported: {line}",
        hint="Add it to the image that the file describes, and deploy again. A rehearsal's containers use this "
        "machine's packages: there, install it with pip.",
        next=(
            _LOGS,
            again("after you have added the package"),
        ),
    ),
    "container_crashed": VerdictRow(
        exit_code=ExitCode.FAILED,
        cause="The container died ({line}).",
        hint="See the log above it for the reason, then run this again.",
        retryable=True,
        pasted_cause="The container died, and these lines do not say why.",
        pasted_hint="Read the log above this line; exit code 137 means that it was killed, often because it ran out of "
        "memory.",
        next=(
            again("to try again"),
            _LOGS,
        ),
    ),
}

ROWS: dict[str, VerdictRow] = {verdict.value: row for verdict, row in VERDICTS.items()} | FAILURES
