"""Foreign errors and log tails, and the one sentence that comes of them."""

from __future__ import annotations

import pytest

from wizard.core.explain.failures import diagnose
from wizard.core.problem import ExitCode, Problem

HUB = "https://hub.invalid"
M = "acme/model"
GATED = (
    "OSError: You are trying to access a gated repo.\n"
    "Make sure to have access to it at https://huggingface.co/acme/model.\n"
)


def read(error: str, message: str, *log: str) -> Problem:
    return diagnose(error, message, log, model=M, endpoint=HUB, gpu="L4", larger="L40S")


@pytest.mark.parametrize(
    ("code", "error", "message", "log"),
    [
        ("modal_auth", "modal.exception.AuthError", "Token missing. Could not authenticate client.", []),
        ("modal_auth", "modal.exception.AuthError", "Modal profile 'x' was not found in /home/x/.modal.toml.", []),
        ("modal_auth", "modal.exception.AuthError", "Token ID is malformed", []),
        ("modal_auth", "modal.exception.AuthError", "Token not found", []),
        ("modal_auth", "modal.exception.AuthError", "Token expired", []),
        ("modal_unreachable", "modal.exception.ConnectionError", "Could not connect to the Modal server.", []),
        ("modal_unreachable", "modal.exception.ConnectionError", "[Errno 111] Connect call failed", []),
        ("modal_unreachable", "modal.exception.ServiceError", "", []),
        ("modal_unreachable", "modal.exception.InternalError", "internal", []),
        ("spend_limit", "modal.exception.ResourceExhaustedError", "workspace billing cycle spend limit reached", []),
        ("modal_busy", "modal.exception.ResourceExhaustedError", "too many apps", []),
        (
            "payment_method_missing",
            "modal.exception.InvalidError",
            "Please add a payment method to use L40S GPU functions",
            [],
        ),
        (
            "modal_secret_missing",
            "modal.exception.NotFoundError",
            "Secret 'x' not found in environment 'main'. You can",
            [],
        ),
        ("modal_secret_missing", "modal.exception.NotFoundError", "Secret 'x' is missing key(s): HF_TOKEN", []),
        (
            "image_build_failed",
            "modal.exception.ImageBuildError",
            "Image build for im-1 failed.\nView the build logs:\n  modal image logs im-1",
            ["ERROR: No matching distribution", "Terminating task due to error: failed to run builder command"],
        ),
        (
            "image_build_failed",
            "modal.exception.ImageBuildError",
            "Image build for im-1 failed.",
            ["ModuleNotFoundError: No module named 'setuptools'"],
        ),
        (
            "function_timeout",
            "modal.exception.FunctionTimeoutError",
            "Task's current input in-1 hit its timeout of 360s",
            [],
        ),
        ("container_crashed", "modal.exception.RemoteError", "", ["Runner failed with exit code: 137"]),
        ("container_crashed", "ContainerCrashed", "Runner failed with exit code: 1", []),
        (
            "out_of_gpu_memory",
            "ContainerCrashed",
            "Runner failed with exit code: 1",
            ["torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."],
        ),
        ("out_of_gpu_memory", "torch.OutOfMemoryError", "CUDA out of memory", []),
        ("import_error", "builtins.ModuleNotFoundError", "No module named 'outlines'", []),
        (
            "schema_unsupported",
            "ContainerCrashed",
            "Runner failed with exit code: 1",
            ["ValueError: this output type cannot be enforced: unimplemented keys: [not]"],
        ),
        ("function_failed", "builtins.ValueError", "something else", []),
        ("function_failed", "", "", []),
        (
            "not_requested",
            "builtins.OSError",
            GATED,
            ["Access to model acme/model is restricted and you are not in the authorized list."],
        ),
        (
            "pending_review",
            "builtins.OSError",
            GATED + "Your request to access model acme/model is awaiting a review",
            [],
        ),
        ("rejected", "x", "", ["Your request to access model acme/model has been rejected by the repo's authors."]),
        ("reset", "x", "", ["Your request to access model acme/model has been reset by the repo's authors."]),
        (
            "no_token",
            "huggingface_hub.errors.GatedRepoError",
            "401 Client Error.\nAccess to model acme/model is restricted. You must have access to it and be "
            "authenticated to access it. Please log in.",
            [],
        ),
        (
            "fine_grained_lacks_gated",
            "huggingface_hub.errors.HfHubHTTPError",
            "403 Forbidden: Please enable access to public gated repositories in your fine-grained token settings to "
            "view this repository.",
            [],
        ),
        ("expired_token", "huggingface_hub.errors.HfHubHTTPError", 'User Access Token "ci" is expired', []),
        (
            "org_policy",
            "huggingface_hub.errors.HfHubHTTPError",
            "403 Forbidden: Due to the organization token policy, your",
            [],
        ),
        ("repo_disabled", "huggingface_hub.errors.DisabledRepoError", "Access to this resource is disabled.", []),
    ],
)
def test_what_a_failure_is_called(code: str, error: str, message: str, log: list[str]) -> None:
    problem = read(error, message, *log)
    assert problem.code == code
    assert problem.message
    assert "{" not in problem.message + problem.hint


@pytest.mark.parametrize(
    ("error", "message", "log"),
    [
        ("builtins.ValueError", "image token not found in the tokenizer", []),
        ("builtins.RuntimeError", "shapes do not match", ["UserWarning: pad token missing, using eos"]),
        ("builtins.RuntimeError", "shapes do not match", ["flash_attn: ImportError was ignored, falling back to sdpa"]),
        ("httpx.ReadError", "the connection has been reset by the remote host", []),
        ("builtins.RuntimeError", "the sample has been rejected by the verifier", []),
    ],
)
def test_ordinary_words_of_a_model_are_not_taken_for_somebody_elses_error(
    error: str, message: str, log: list[str]
) -> None:
    problem = read(error, message, *log)
    assert problem.code == "function_failed"
    assert message in problem.message


def test_exit_codes_follow_the_contract() -> None:
    assert read("modal.exception.AuthError", "Token not found").exit_code is ExitCode.CREDENTIALS
    assert read("modal.exception.ServiceError", "").exit_code is ExitCode.REMOTE
    assert read("modal.exception.ImageBuildError", "").exit_code is ExitCode.FAILED
    assert read("x", "", "Your request to access model a/b is awaiting a review").exit_code is ExitCode.GATE_CLOSED
    assert read("builtins.ValueError", "oh").exit_code is ExitCode.FAILED


def test_out_of_memory_names_the_gpu_and_a_larger_one() -> None:
    problem = read("x", "CUDA out of memory.")
    assert "L4" in problem.message
    assert "L40S" in problem.hint


def test_the_line_that_it_rests_on_is_kept_clean() -> None:
    problem = read("x", "", "first", "\x1b[31mRunner failed with exit code: 137\x1b[0m {line} {0}", "last")
    assert problem.raw == "Runner failed with exit code: 137 {line} {0}"
    assert "137" in problem.message


def test_an_unknown_failure_says_the_last_line_in_its_own_words() -> None:
    problem = read(
        "builtins.ValueError", "Traceback (most recent call last):\n  File x\nValueError: the moon is full\n"
    )
    assert "the moon is full" in problem.message
    assert "ValueError" in read("builtins.ValueError", "").message


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("  Caused by: connection reset by peer", "connection reset by peer"),
        ("curl: (28) Connection timed out after 30001 ms", "Connection timed out"),
        ("fatal: unable to access: Temporary failure in name resolution", "Temporary failure in name resolution"),
        ("ERROR: HTTP error 503 Service Unavailable while getting torch", "503 Service Unavailable"),
        ("ERROR: No matching distribution found for torch==99", ""),
    ],
)
def test_a_build_that_a_network_broke_off_is_tried_again(line: str, reason: str) -> None:
    lines = ["error: Failed to fetch wheel for `torch`", line]
    problem = read("modal.exception.ImageBuildError", "Image build for im-1 failed.", *lines)
    assert problem.code == "image_build_failed"
    assert problem.retryable is bool(reason)
    assert (f"({reason}). Try again" in problem.hint) is bool(reason), problem.hint


def test_a_failure_names_the_page_where_it_is_fixed() -> None:
    problem = read("modal.exception.InvalidError", "Please add a payment method to use L40S GPU functions")
    assert problem.url == "https://modal.com/settings/billing"
