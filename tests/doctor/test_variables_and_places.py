"""Variables with access tokens: only a container that cannot go on without one is a finding."""

from __future__ import annotations

import pytest

from tests.doctor.seen import in_function, names

MISSING = {"token_not_in_container", "token_read_on_import", "secret_from_dict"}
FINE = {
    "with a default": 'use(os.environ.get("HF_TOKEN", ""))',
    "with another one behind it": 'use(os.getenv("HF_TOKEN") or os.getenv("HUGGING_FACE_HUB_TOKEN"))',
    "None is as good": 'fetch("acme/open", token=os.environ.get("HF_TOKEN"))',
    "looked for first": """
        if "HF_TOKEN" in os.environ:
            login(os.environ["HF_TOKEN"])
        """,
    "looked for first, and left": """
        if "HF_TOKEN" not in os.environ:
            return
        login(token=os.environ["HF_TOKEN"])
        """,
    "asked for by get": """
        if os.environ.get("HF_TOKEN"):
            login(token=os.environ["HF_TOKEN"])
        """,
    "a name that is tested": """
        token = os.getenv("HF_TOKEN")
        if token:
            login(token=token)
        """,
    "a name given in the test": """
        if token := os.environ.get("HF_TOKEN"):
            login(token)
        """,
    "tried": """
        try:
            login(token=os.environ["HF_TOKEN"])
        except KeyError:
            print("without")
        """,
    "suppressed": """
        import contextlib
        with contextlib.suppress(KeyError):
            login(token=os.environ["HF_TOKEN"])
        """,
    "one or the other": 'use(os.environ["HF_TOKEN"] if "HF_TOKEN" in os.environ else None)',
    "set, not read": 'os.environ["HF_TOKEN"] = "x"',
    "on one's own machine": """
        if modal.is_local():
            login(token=os.environ["HF_TOKEN"])
        """,
    "past a container's return": """
        if not modal.is_local():
            return
        login(token=os.environ["HF_TOKEN"])
        """,
    "in the branch for one's own machine": """
        token = os.environ["HF_TOKEN"] if modal.is_local() else ""
        """,
    "in the other branch of a container's": """
        if not modal.is_local():
            print("there")
        else:
            login(token=os.environ["HF_TOKEN"])
        """,
    "with a second condition": """
        if modal.is_local() and True:
            login(token=os.environ["HF_TOKEN"])
        """,
}
FAILS = {
    "read without more": 'login(token=os.environ["HF_TOKEN"])',
    "a login with None": 'login(os.getenv("HF_TOKEN"))',
    "a login with a name that may be None": """
        token = os.environ.get("HF_TOKEN")
        login(token=token)
        """,
    "an error of one's own": """
        token = os.environ.get("HF_TOKEN")
        if not token:
            raise RuntimeError("no token")
        """,
    "an error when it is not there": """
        if "HF_TOKEN" not in os.environ:
            raise SystemExit("no token")
        """,
    "insisted on": """
        token = os.environ.get("HF_TOKEN")
        assert token, "no token"
        """,
    "caught and raised again": """
        try:
            login(token=os.environ["HF_TOKEN"])
        except KeyError as error:
            raise RuntimeError("no token") from error
        """,
    "another error caught": """
        try:
            login(token=os.environ["HF_TOKEN"])
        except ValueError:
            pass
        """,
    "in the branch for containers": """
        if modal.is_local():
            print("here")
        else:
            login(token=os.environ["HF_TOKEN"])
        """,
    "another variable looked for": """
        if "WANDB_API_KEY" in os.environ:
            login(token=os.environ["HF_TOKEN"])
        """,
}


@pytest.mark.parametrize("case", FINE)
def test_a_variable_that_may_be_missing_is_no_finding(case: str) -> None:
    assert not MISSING & names(in_function(FINE[case]))


@pytest.mark.parametrize("case", FAILS)
def test_a_variable_that_stops_the_container_is_one(case: str) -> None:
    assert "token_not_in_container" in names(in_function(FAILS[case]))
    assert not MISSING & names(in_function(FAILS[case], "image=image, secrets=[hub]"))


@pytest.mark.parametrize(
    "head",
    [
        'if modal.is_local():\n    TOKEN = os.environ["HF_TOKEN"]\nelse:\n    TOKEN = ""',
        'TOKEN = os.environ["HF_TOKEN"] if modal.is_local() else None',
        'try:\n    TOKEN = os.environ["HF_TOKEN"]\nexcept KeyError:\n    TOKEN = None',
        'TOKEN = None\nif "HF_TOKEN" in os.environ:\n    TOKEN = os.environ["HF_TOKEN"]',
        'if __name__ == "__main__":\n    TOKEN = os.environ["HF_TOKEN"]',
        'TOKEN = os.environ.get("HF_TOKEN", "")',
        'TOKEN = os.getenv("HF_TOKEN")',
        'secret = modal.Secret.from_dict({"HF_TOKEN": os.environ.get("HF_TOKEN", "")})',
        'secret = modal.Secret.from_dict({"HF_TOKEN": os.getenv("HF_TOKEN")})',
        'secret = modal.Secret.from_dict({"HF_TOKEN": os.environ["HF_TOKEN"] if modal.is_local() else ""})',
        'secret = modal.Secret.from_dict({"HF_TOKEN": os.environ["HF_TOKEN"]}) if modal.is_local() else hub',
        'if modal.is_local():\n    secret = modal.Secret.from_dict({"HF_TOKEN": os.environ["HF_TOKEN"]})',
        'secret = modal.Secret.from_local_environ(["HF_TOKEN"])',
        'secret = modal.Secret.from_dict({"HF_HOME": os.environ["HF_HOME"]})',
    ],
)
def test_what_an_import_in_the_container_gets_past_is_no_finding(head: str) -> None:
    assert not MISSING & names(in_function("print(1)", head=head))


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('TOKEN = os.environ["HF_TOKEN"]', "token_read_on_import"),
        ('if modal.is_local():\n    print(1)\nelse:\n    TOKEN = os.environ["HF_TOKEN"]', "token_read_on_import"),
        ('secret = modal.Secret.from_dict({"HF_TOKEN": os.environ["HF_TOKEN"]})', "secret_from_dict"),
        ('secret = modal.Secret.from_dict(dict(HF_TOKEN=os.environ["HF_TOKEN"]))', "secret_from_dict"),
    ],
)
def test_what_stops_the_import_in_the_container_is_one(head: str, name: str) -> None:
    assert name in names(in_function("print(1)", head=head))
