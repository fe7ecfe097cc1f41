"""The world as data: what is declared, how it is changed, and that it keeps its secrets."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.rehearsal.hub.running_hub import RunningHub
from wizard.rehearsal.fixtures import Fixtures, model_folder, new_token_value
from wizard.rehearsal.hub.repository_store import RepositoryStore

LAB = "rehearsal-lab/tiny-character"
CARD = """---
license: mit
language:
- en
- "fr"
extra_gated_heading: "Say: hello"
extra_gated_prompt: >-
  One thing,
  and another.
extra_gated_fields:
  Your name: text
  "I agree": checkbox
---
# Mine
"""


def test_token_values_are_made_anew_and_never_shown() -> None:
    one, two = Fixtures.load(), Fixtures.load()
    assert one.token("read").value != two.token("read").value
    assert re.fullmatch(r"hf_[A-Za-z]{34}", one.token("read").value)
    assert re.fullmatch(r"hf_oauth_[A-Za-z]{60,}", one.token("oauth").value)
    assert all(token.value not in repr(one.tokens) for token in one.tokens.values())
    declared = Path(model_folder().parent.parent, "wizard", "rehearsal", "fixtures.toml")
    if declared.is_file():
        assert not re.search(r"hf_[A-Za-z]{20,}", declared.read_text())
    assert new_token_value() != new_token_value()


def test_the_bundled_world_has_its_people_and_repositories() -> None:
    fixtures = Fixtures.load()
    assert {"robin", "sam", "kim", "rehearsal-lab"} <= set(fixtures.people)
    assert sum(1 for repository in fixtures.repositories() if repository.shape) >= 60
    states = {"manual": "accepted", "pending": "pending", "rejected": "rejected", "reset": "reset"}
    for suffix, status in states.items():
        repository = fixtures.repository(f"{LAB}-{suffix}")
        assert repository and repository.gated == "manual" and repository.requests["robin"].status == status
    assert fixtures.repository(LAB.upper()) is fixtures.repository(LAB)
    assert fixtures.repository(LAB, "dataset") is None
    assert all(repository.owner in fixtures.people for repository in fixtures.repositories())


def test_every_repository_has_contents_that_stay_the_same() -> None:
    first, second = Fixtures.load(), Fixtures.load()
    for kind in ("model", "dataset"):
        for one, two in zip(first.repositories(kind), second.repositories(kind), strict=True):
            assert RepositoryStore().of(one).head.commit == RepositoryStore().of(two).head.commit
            assert ".gitattributes" in RepositoryStore().of(one).head.files


def test_change() -> None:
    fixtures = Fixtures.load()
    fixtures.change(
        {
            "requests": {LAB: {"robin": "pending", "alex": "accepted", "kim": None}},
            "tokens": {"read": {"state": "expired"}, "second": {"person": "sam", "role": "write"}},
            "repositories": {f"{LAB}-open": {"disabled": True}, "robin/new": {"private": True}},
        }
    )
    repository, other, new = (
        fixtures.repository(LAB),
        fixtures.repository(f"{LAB}-open"),
        fixtures.repository("robin/new"),
    )
    assert repository and other and new and new.private and other.disabled
    assert {name: asked.status for name, asked in repository.requests.items()} == {
        "robin": "pending",
        "alex": "accepted",
    }
    assert fixtures.token("read").is_expired and fixtures.token("second").person == "sam"


@pytest.mark.parametrize(
    "wrong",
    [
        {"weather": {}},
        {"tokens": {"read": {"colour": "blue"}}},
        {"tokens": {"new": {"person": "nobody"}}},
        {"requests": {"nobody/nothing": {"robin": "accepted"}}},
        {"repositories": {LAB: {"colour": "blue"}}},
    ],
)
def test_change_refuses_what_it_does_not_know(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"has no|no repository|Cannot change|not in this world"):
        Fixtures.load().change(wrong)


def test_a_changed_token_changes_the_answer(hub: RunningHub) -> None:
    path = f"/api/models/{LAB}/auth-check"
    assert hub.ask("GET", path, "read").status == 200
    hub.fixtures.change({"tokens": {"read": {"state": "revoked"}}})
    assert hub.ask("GET", path, "read").status == 401
    hub.fixtures.change({"tokens": {"read": {"state": "valid", "expires_at": 1.0}}})
    assert "is expired" in hub.ask("GET", path, "read").text


@pytest.mark.parametrize("options", [{}, {"gated": "manual"}, {"gated": "auto"}, {"private": True}])
def test_a_folder_of_ones_own(hub: RunningHub, tmp_path: Path, options: dict[str, object]) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main")
    hub.fixtures.add_repository(tmp_path, "my-org/my-model", **options)  # type: ignore[arg-type]
    path = "/my-org/my-model/resolve/main/config.json"
    assert hub.ask("GET", path, "read").text == "{}"
    assert hub.ask("GET", path).status == (401 if options else 200)
    assert hub.ask("GET", path, "stranger").status == {"gated": 403, "private": 404}.get(next(iter(options), ""), 200)
    assert hub.ask("GET", "/my-org/my-model/resolve/main/.git/HEAD", "read").status == 404


def test_a_folder_of_ones_own_has_to_make_sense(tmp_path: Path) -> None:
    for folder, name in ((tmp_path / "nope", "a/b"), (tmp_path, "model"), (tmp_path, "a/b/c")):
        with pytest.raises(ValueError, match=r"folder|owner/name"):
            Fixtures.load().add_repository(folder, name)


def test_the_card_of_a_folder_is_read_from_its_front_matter(hub: RunningHub, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(CARD)
    hub.fixtures.add_repository(tmp_path, "me/mine", gated="auto", requests={})
    answer = json.loads(hub.ask("GET", "/api/models/me/mine").body)
    assert answer["cardData"] == {
        "license": "mit",
        "language": ["en", "fr"],
        "extra_gated_heading": "Say: hello",
        "extra_gated_prompt": "One thing, and another.",
        "extra_gated_fields": {"Your name": "text", "I agree": "checkbox"},
    }
    assert "license:mit" in answer["tags"]
    assert "Say: hello" in hub.ask("GET", "/me/mine").text
