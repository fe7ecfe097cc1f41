"""Every way to be signed in to Modal, and every way to seem so: what is found, what is said, what mends it."""

from __future__ import annotations

import secrets
from itertools import count
from pathlib import Path

import pytest

from wizard.core.problem import ExitCode, Problem
from wizard.services.modal.account import find_sign_in, set_aside

ID, SECRET = f"ak-{secrets.token_hex(11)}", f"as-{secrets.token_hex(11)}"
OTHER_ID, OTHER_SECRET = f"ak-{secrets.token_hex(11)}", f"as-{secrets.token_hex(11)}"
PROFILE = f'[acme]\ntoken_id = "{ID}"\ntoken_secret = "{SECRET}"\nactive = true\nenvironment = "staging"\n'
SECOND = f'[home]\ntoken_id = "{OTHER_ID}"\ntoken_secret = "{OTHER_SECRET}"\n'
OAUTH = {"MODAL_OAUTH_REFRESH_TOKEN": "rt-1", "MODAL_OAUTH_CLIENT_ID": "oc-1", "MODAL_OAUTH_CLIENT_SECRET": "os-1"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "modal.toml"


def sign_in(config: Path, text: str | None = None, **variables: str) -> object:
    if text is not None:
        config.write_text(text, encoding="utf-8")
    return find_sign_in({"MODAL_CONFIG_PATH": str(config), **variables})


def refused(config: Path, text: str | None = None, **variables: str) -> Problem:
    with pytest.raises(Problem) as caught:
        sign_in(config, text, **variables)
    problem = caught.value
    assert problem.exit_code is ExitCode.CREDENTIALS
    assert problem.hint, "what to do now is said"
    said = f"{problem.message} {problem.hint}"
    assert not any(secret in said for secret in (SECRET, OTHER_SECRET, "rt-1", "os-1"))
    return problem


@pytest.mark.parametrize(
    ("text", "variables", "source", "token"),
    [
        (None, {"MODAL_TOKEN_ID": ID, "MODAL_TOKEN_SECRET": SECRET}, "MODAL_TOKEN_ID and MODAL_TOKEN_SECRET", ID),
        (PROFILE, {}, "profile acme of", ID),
        (PROFILE + SECOND, {}, "profile acme of", ID),
        (PROFILE + SECOND, {"MODAL_PROFILE": "home"}, "profile home of", OTHER_ID),
        (PROFILE, {"MODAL_TOKEN_ID": OTHER_ID, "MODAL_TOKEN_SECRET": OTHER_SECRET}, "MODAL_TOKEN_ID and", OTHER_ID),
        (SECOND.replace("[home]", "[default]"), {}, "profile default of", OTHER_ID),
        (None, OAUTH, "the OAuth client of MODAL_OAUTH_REFRESH_TOKEN", None),
        (
            "[o]\nactive = true\noauth_refresh_token='r'\noauth_client_id='c'\noauth_jwt_key='k'\n",
            {},
            "the OAuth client of profile o",
            None,
        ),
    ],
    ids=map(str, count()),  # never the Modal tokens, which are made anew each time
)
def test_a_sign_in_that_works(
    text: str | None, variables: dict[str, str], source: str, token: str | None, config: Path
) -> None:
    found = sign_in(config, text, **variables)
    assert found.source.startswith(source)  # type: ignore[attr-defined]
    assert (found.token[0] if found.token else None) == token  # type: ignore[attr-defined]
    assert SECRET not in repr(found) and OTHER_SECRET not in repr(found)


def test_the_environment_comes_from_the_variable_else_from_the_profile(config: Path) -> None:
    assert sign_in(config, PROFILE).environment == "staging"  # type: ignore[attr-defined]
    assert sign_in(config, PROFILE, MODAL_ENVIRONMENT="prod").environment == "prod"  # type: ignore[attr-defined]
    assert sign_in(config, SECOND, MODAL_PROFILE="home").environment is None  # type: ignore[attr-defined]


def test_a_variable_that_is_set_to_nothing_hides_nothing_and_is_told(config: Path) -> None:
    config.write_text(PROFILE)
    variables = {"MODAL_CONFIG_PATH": str(config), "MODAL_TOKEN_ID": "", "MODAL_TOKEN_SECRET": " "}
    found = find_sign_in(variables)
    assert found.source.startswith("profile acme") and found.token == (ID, SECRET)
    assert found.emptied == ("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET")
    assert set(variables) == {"MODAL_CONFIG_PATH"}, "children must not see them either"


@pytest.mark.parametrize(
    ("text", "variables", "code", "words"),
    [
        (None, {}, "no_modal_token", "no Modal token"),
        ("", {"MODAL_TOKEN_ID": "", "MODAL_TOKEN_SECRET": ""}, "no_modal_token", "no Modal token"),
        ("[a]\nactive = true\n", {}, "no_modal_token", "no Modal token"),
        (None, {"MODAL_TOKEN_ID": ID}, "modal_token_half", "only half"),
        (None, {"MODAL_TOKEN_SECRET": SECRET}, "modal_token_half", "MODAL_TOKEN_ID"),
        (f"[a]\nactive = true\ntoken_id = '{ID}'\n", {}, "modal_token_half", "profile a"),
        (PROFILE, {"MODAL_TOKEN_ID": OTHER_ID}, "modal_token_half", "not a valid Modal token"),
        (PROFILE, {"MODAL_TOKEN_SECRET": OTHER_SECRET, "MODAL_TOKEN_ID": ""}, "modal_token_half", "profile acme"),
        (PROFILE, OAUTH, "modal_token_half", "one or the other"),
        (None, {"MODAL_OAUTH_REFRESH_TOKEN": "rt-1"}, "modal_token_half", "MODAL_OAUTH_CLIENT_ID"),
        (None, OAUTH | {"MODAL_OAUTH_JWT_KEY": "k"}, "modal_token_half", "not both"),
        (PROFILE, {"MODAL_PROFILE": "nobody"}, "modal_profile_missing", "it has acme"),
        (None, {"MODAL_PROFILE": "nobody"}, "modal_profile_missing", "there is none"),
        (PROFILE.replace("active = true\n", "") + SECOND, {}, "modal_profile_undecided", "acme, home"),
        (PROFILE.replace("active = true\n", ""), {}, "modal_profile_undecided", "one profile"),
        (PROFILE + SECOND + "active = true\n", {}, "modal_profile_undecided", "2 profiles"),
        (PROFILE + 'token_id = "twice"\n', {}, "modal_config_broken", "line 6"),
        ("active = true\n" + PROFILE, {}, "modal_config_broken", "active is outside"),
        ("[acme\n", {}, "modal_config_broken", "line 1"),
    ],
    ids=map(str, count()),
)
def test_a_sign_in_that_cannot_work_is_one_sentence_and_one_next_action(
    text: str | None, variables: dict[str, str], code: str, words: str, config: Path
) -> None:
    problem = refused(config, text, **variables)
    assert (problem.code, words in problem.message) == (code, True), problem.message


def test_a_file_of_odd_bytes_or_a_folder_is_no_traceback(config: Path) -> None:
    config.write_bytes(b"\xff\xfe[\x00a")
    assert refused(config).code == "modal_config_broken"
    config.unlink()
    config.mkdir()
    assert refused(config).code == "modal_config_broken"


def test_a_broken_file_is_kept_beside_the_new_sign_in(config: Path) -> None:
    assert set_aside(config) is None
    config.write_text(PROFILE)
    assert set_aside(config) is None, "a good one stays"
    for number in ("", "1"):
        config.write_text(f"[broken{number}\n")
        kept = set_aside(config)
        assert kept is not None and kept.read_text() == f"[broken{number}\n"
        assert not config.exists()
