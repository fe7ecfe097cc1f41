"""What speaks against a text as an access token: placeholders, what is copied along, files in other encodings."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import constants

from wizard.core.access.token_format import is_placeholder, what_is_wrong
from wizard.core.access_token import clean
from wizard.rehearsal.fixtures import Fixtures
from wizard.services.credentials.token_sources import local_candidates

PLACEHOLDERS = (
    *(
        "${HF_TOKEN}",
        "$HF_TOKEN",
        "%HF_TOKEN%",
        "$env:HF_TOKEN",
        "{{ HF_TOKEN }}",
        "${{ secrets.HF_TOKEN }}",
        "{token}",
    ),
    *("<your token>", "<HF_TOKEN>", "[your token]", "__HF_TOKEN__", "@HF_TOKEN@", "<%= token %>", "$(cat token)"),
    *(
        "hf_xxx",
        "hf_XXXXXXXXXXXX",
        "hf_" + "x" * 34,
        "hf_...",
        "hf_…",
        "hf_****",
        "hf_***abcd",
        "hf_…wxYZ",
        "xxx",
        "***",
    ),
    *("your_token_here", "YOUR_HF_TOKEN", "hf_your_token_here", "hf_YOUR_TOKEN", "my_token", "insert_token", "token"),
    *("changeme", "CHANGE_ME", "change-me", "replace-me", "REPLACE_WITH_TOKEN", "TODO", "REDACTED", "hf_REDACTED"),
    *("none", "None", "null", "undefined", "hf_token", "HF_TOKEN", "huggingface_token", "op://vault/hf/token"),
    *(
        "os.environ['HF_TOKEN']",
        "process.env.HF_TOKEN",
        "'${HF_TOKEN}'",
        '"hf_xxx"',
        "Bearer ${HF_TOKEN}",
        "hf_${SUFFIX}",
    ),
)
LOOKALIKES = (
    *("hf_abc", "hf_test123", "test", "s3cr3t-of-the-lab", "0123456789abcdef", "hf_oauth_eyJhbGciOi.J9_your-todo_x"),
    # the words of placeholders in something of a token's length: put together here, since a scanner for secrets would
    # take it for one in this file
    *("hf_" + "yourTodoTokenDummy" + "XXxxChangemeAbcdef", "hf_jwt_" + "eyJ0eXAiOiJKV1QiLCJtoken", "lab-7f3a9c2e"),
)


def letters(count: int = 34) -> str:
    return "".join(random.choices(string.ascii_letters, k=count))


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_a_placeholder_is_called_one(value: str) -> None:
    assert is_placeholder(value)
    assert "It is a placeholder" in str(what_is_wrong(value))


@pytest.mark.parametrize("value", LOOKALIKES)
def test_what_may_be_one_is_none(value: str) -> None:
    assert not is_placeholder(value) and what_is_wrong(value) is None


def test_no_real_token_is_taken_for_a_placeholder() -> None:
    values = ["hf_" + letters() for _ in range(20_000)]
    values += [token.value for token in Fixtures.load().tokens.values()]
    assert [value for value in values if is_placeholder(value)] == []


@pytest.mark.parametrize(
    ("around", "said"),
    [
        ('"{}"', "quotation marks"),
        ("'{}'", "quotation marks"),
        ("{}'", "quotation marks"),
        ("Bearer {}", "Bearer"),
        ("bearer {}", "Bearer"),
        ("Authorization: Bearer {}", "Bearer"),
        ("token {}", "begins with a word"),
        ("HF_TOKEN={}", "name of a variable"),
        ("export HF_TOKEN={}", "name of a variable"),
        ("\ufeff{}", "byte order mark"),
        ("{}\nsecond", "line break"),
        ("{} # mine", "space"),
        ("{}\u200b", "characters"),
    ],
)
def test_what_is_copied_along_is_named(around: str, said: str) -> None:
    assert said in str(what_is_wrong(around.format("hf_" + letters())))


@pytest.fixture
def token_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_accounts: None) -> Path:
    path = tmp_path / "token"
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(path))
    return path


@pytest.mark.parametrize(
    ("encoded", "said"),
    [
        (lambda text: text.encode("utf-16"), "UTF-16"),
        (lambda text: text.encode("utf-16-le"), "UTF-16"),
        (lambda text: text.encode("utf-16-be"), "UTF-16"),
        (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), "UTF-16"),
        (lambda text: text.encode("utf-8-sig"), "byte order mark"),
        (lambda text: text.encode() + b"\xff\xfe", "not UTF-8"),
        (lambda text: bytes(range(256)), "not text"),
        (lambda text: b"{\\rtf1\\ansi " + text.encode() + b"}", "space"),
        (lambda text: b"${HF_TOKEN}\n", "placeholder"),
    ],
)
def test_a_file_that_huggingface_hub_cannot_use_is_named(
    encoded: Callable[[str], bytes], said: str, token_file: Path
) -> None:
    value = "hf_" + letters()
    token_file.write_bytes(encoded(value))
    (candidate,) = local_candidates()
    assert candidate.token is None and said in str(candidate.wrong)
    assert value not in str(candidate)


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"  \n\n"])
def test_a_file_as_people_write_it_is_read(ending: bytes, token_file: Path) -> None:
    value = "hf_" + letters()
    token_file.write_bytes(value.encode() + ending)
    (candidate,) = local_candidates()
    assert candidate.token is not None and candidate.token.reveal() == value


@pytest.mark.parametrize("path", ["", "/", ".", "/dev/null", "/dev/zero", "/nowhere/at/all", "a" * 5000, "\udcff"])
def test_a_path_that_is_no_file_holds_nothing(path: str, token_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", path)
    assert local_candidates() == []


def test_a_placeholder_does_not_mask_ordinary_words(token_file: Path) -> None:
    token_file.write_text("changeme")
    assert local_candidates()[0].wrong
    assert clean("please changeme") == "please changeme"
