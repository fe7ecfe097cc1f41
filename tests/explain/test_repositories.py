"""What an explanation says of datasets, spaces and writes: their pages, their words, and the command that decides."""

from __future__ import annotations

import pytest

from tests.explain.corpus.field_errors import DATASETS, PLACE, SET, STORAGE, WRITES
from tests.explain.corpus.hub_errors import FINE, NOT_ASKED, Case, M
from wizard.core.explain.explain import explain_text
from wizard.core.explain.pasted_text import parse_pasted_text
from wizard.core.explain.repository import Repository, repository_in


@pytest.mark.parametrize("case", DATASETS, ids=lambda case: case.name)
def test_a_dataset_is_called_one_and_has_its_own_page(case: Case) -> None:
    said = explain_text(case.text)
    word = "space" if PLACE in case.text else "dataset"
    assert said.repo_type == word and said.to_mapping()["repo_type"] == word
    if said.verdict != "rate_limited":
        assert f"the {word} " in said.cause.lower() and "model" not in said.cause
    assert "outlines-wizard check" not in said.hint, "that asks about models"
    if said.url and case.model and case.model in said.url:
        assert f"https://huggingface.co/{word}s/{case.model}" in said.url
    if said.url and "?search=" in said.url:
        assert f"/{word}s?search=" in said.url
    if not said.sure and said.others:
        assert said.check == f"hf download {case.model} --repo-type {word} --dry-run" and said.check in said.hint


@pytest.mark.parametrize("case", WRITES, ids=lambda case: case.name)
def test_who_may_not_write_is_not_told_to_make_a_token_that_reads(case: Case) -> None:
    said = explain_text(case.text)
    assert "canReadGatedRepos" not in (said.url or "") and "read access token" not in said.hint
    if case.verdict in ("wrong_token_scope", "blocked_other"):
        assert "refuses to write" in said.cause and "`hf auth whoami`" in said.hint


@pytest.mark.parametrize("case", STORAGE, ids=lambda case: case.name)
def test_the_storage_is_not_taken_for_the_hub(case: Case) -> None:
    said = explain_text(case.text)
    assert "its storage" in said.cause and "hf-xet" in said.hint and not said.others


def test_a_model_is_still_one() -> None:
    said = explain_text(NOT_ASKED)
    assert (said.repo_type, said.url, said.sure) == ("model", f"https://huggingface.co/{M}", True)
    fine = explain_text(f"403 Forbidden: {FINE}\nCannot access content at: https://huggingface.co/{M}/resolve/main/a.")
    assert fine.url and "canReadGatedRepos" in fine.url
    unsure = explain_text(
        f"401 Client Error: Unauthorized for url: https://huggingface.co/{M}/resolve/main/config.json"
    )
    assert unsure.check == f"outlines-wizard check {M}" and f"`{unsure.check}` shows which it is" in unsure.hint


def test_without_a_name_the_deciding_command_has_a_placeholder() -> None:
    said = explain_text("Invalid username or password.")
    assert said.check is None and "`outlines-wizard check MODEL` shows which it is" in said.hint


@pytest.mark.parametrize(
    ("text", "repository"),
    [
        (f"https://huggingface.co/datasets/{SET}/resolve/main/a.csv", Repository(SET, "dataset")),
        (f"https://huggingface.co/api/datasets/{SET}", Repository(SET, "dataset")),
        (f"https://huggingface.co/spaces/{PLACE}", Repository(PLACE, "space")),
        (f"load_dataset('{SET}', split='train')", Repository(SET, "dataset")),
        (f"hf download --repo-type dataset {SET}", Repository(SET, "dataset")),
        (f"hf download {SET} --repo-type dataset", Repository(SET, "dataset")),
        (f"snapshot_download(repo_id='{SET}', repo_type='dataset')", Repository(SET, "dataset")),
        (f"https://me@huggingface.co/{M}/resolve/main/a", Repository(M)),
        (f"https://huggingface.co/{M}.git/info/lfs/objects/batch", Repository(M)),
        (f"https://huggingface.co/api/models/{M}/xet-read-token/0a1b", Repository(M)),
        ("https://huggingface.co/bert-tiny/resolve/main/config.json", Repository("bert-tiny")),
        ("https://huggingface.co/None/resolve/main/config.json", None),
        ("https://huggingface.co/api/repos/create", None),
        ("https://huggingface.co/docs/hub/datasets-gated", None),
        ("https://huggingface.co/settings/tokens", None),
    ],
)
def test_which_repository_a_text_names(text: str, repository: Repository | None) -> None:
    assert repository_in(parse_pasted_text(text), 0) == repository
