"""The unmodified Hub library against the stand-in, in this process."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import httpx2
import pytest
from huggingface_hub import HfApi, hf_hub_download, set_client_factory, snapshot_download
from huggingface_hub.errors import (
    DeviceCodeError,
    DisabledRepoError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    NotASafetensorsRepoError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils._http import default_client_factory
from huggingface_hub.utils._oauth_device import poll_device_token, refresh_access_token, request_device_code

from tests.rehearsal.hub.running_hub import MODEL, RunningHub, Serve, point_library_at
from wizard.rehearsal.faults import Fault
from wizard.rehearsal.fixtures import model_folder
from wizard.rehearsal.hub.content import weights


def api(hub: RunningHub, token: str | None = "read") -> HfApi:
    return HfApi(endpoint=hub.url, token=hub.value(token) or False)


def test_model_info(hub: RunningHub) -> None:
    info = api(hub).model_info(MODEL, files_metadata=True)
    weight = next(sibling for sibling in info.siblings or [] if sibling.rfilename == "model.safetensors")
    assert (info.id, info.gated, info.private, info.disabled) == (MODEL, "auto", False, False)
    assert info.sha == hub.hub.commit(MODEL)
    assert info.safetensors and info.safetensors.total == info.safetensors.parameters["BF16"]
    assert weight.lfs and weight.size == weight.lfs.size == (model_folder() / "model.safetensors").stat().st_size
    assert info.card_data and info.card_data.license == "apache-2.0"
    assert info.config and info.config["model_type"] == "llama"
    assert {"safetensors", "license:apache-2.0"} <= set(info.tags or [])
    again = api(hub, None).model_info(MODEL, revision=info.sha, expand=["gated", "usedStorage"])
    assert (again.gated, again.author) == ("auto", None) and again.used_storage
    assert api(hub).model_info(MODEL, securityStatus=True).security_repo_status
    with pytest.raises(RevisionNotFoundError):
        api(hub).model_info(MODEL, revision="nope")
    assert api(hub).model_info(MODEL, revision="v1.0").sha == info.sha


def test_renamed_repository_is_followed(hub: RunningHub, tmp_path: Path) -> None:
    assert api(hub).model_info(f"{MODEL}-old-name").id == f"{MODEL}-renamed"
    assert api(hub, None).model_info("gpt2").id == "openai-community/gpt2"
    path = hf_hub_download(f"{MODEL}-old-name", "config.json", cache_dir=tmp_path, endpoint=hub.url)
    assert Path(path).read_bytes() == (model_folder() / "config.json").read_bytes()


def test_search_pages_through_everything(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hub = serve(page_size=7)
    point_library_at(hub.url, monkeypatch, tmp_path)
    found = [model.id for model in api(hub).list_models()]
    pages = [seen for seen in hub.hub.seen if seen.path == "/api/models"]
    assert len(found) == len(set(found)) > 80
    assert len(pages) == -(-len(found) // 7)
    assert "robin/private-character" in found and "sam/private-character" not in found
    assert f"{MODEL}-disabled" not in found


def test_search_filters(hub: RunningHub) -> None:
    def ids(**query: Any) -> list[str]:
        return [model.id for model in api(hub, None).list_models(**query)]

    assert ids(search="mistral 7b instruct", sort="downloads")[0] == "mistralai/Mistral-7B-Instruct-v0.2"
    assert ids(author="qwen", num_parameters="min:30B,max:40B", sort="likes")[0] == "Qwen/Qwen3-30B-A3B"
    assert MODEL in ids(num_parameters="max:2M")
    assert set(ids(gated=True, author="mistralai")) < set(ids(author="mistralai"))
    assert "meta-llama/Llama-3.1-8B-Instruct" not in ids(gated=False)
    assert ids(pipeline_tag="fill-mask") == ["google-bert/bert-base-uncased"]
    assert "rehearsal-lab/tiny-character-gguf" in ids(filter=["gguf", "license:apache-2.0"])
    assert ids(search="no such thing at all") == []
    assert len(ids(limit=3)) == 3
    downloads = [model.downloads or 0 for model in api(hub).list_models(sort="downloads", limit=60)]
    assert downloads == sorted(downloads, reverse=True)
    (model,) = api(hub).list_models(search="Mistral-7B-Instruct-v0.2", expand=["gated", "safetensors", "downloads"])
    assert model.gated == "auto" and model.safetensors and model.safetensors.total == 7_241_732_096
    (model,) = api(hub).list_models(search="Mistral-7B-Instruct-v0.2", full=True, cardData=True, fetch_config=True)
    assert model.siblings and model.card_data and model.config
    assert [dataset.id for dataset in api(hub).list_datasets(search="sheets", limit=1)] == [
        "rehearsal-lab/character-sheets"
    ]


def test_whoami(hub: RunningHub) -> None:
    read = api(hub).whoami()
    assert (read["name"], read["auth"]["accessToken"]["role"]) == ("robin", "read")
    assert {org["name"] for org in read["orgs"]} == {"robins-workshop", "guarded-lab"}
    for name, permitted in (("fine-grained", True), ("fine-grained-no-gated", False)):
        token = api(hub, name).whoami()["auth"]["accessToken"]
        assert (token["role"], token["fineGrained"]["canReadGatedRepos"]) == ("fineGrained", permitted)
    oauth = api(hub, "oauth").whoami()["auth"]
    assert oauth["type"] == "oauth" and "accessToken" not in oauth
    with pytest.raises(HfHubHTTPError) as caught:
        api(hub, "expired").whoami()
    assert "is expired" in caught.value.response.headers["X-Error-Message"]


@pytest.mark.parametrize(
    ("repo", "token", "expected"),
    [
        (MODEL, "read", None),
        (MODEL, None, GatedRepoError),
        (f"{MODEL}-pending", "read", GatedRepoError),
        (MODEL, "fine-grained-no-gated", HfHubHTTPError),
        ("sam/private-character", "read", RepositoryNotFoundError),
        ("robin/private-character", "fine-grained", None),
        (f"{MODEL}-disabled", "read", DisabledRepoError),
        (f"{MODEL}-region-blocked", "read", HfHubHTTPError),
    ],
)
def test_auth_check(hub: RunningHub, repo: str, token: str | None, expected: type[Exception] | None) -> None:
    if expected is None:
        api(hub, token).auth_check(repo)
        return
    with pytest.raises(expected) as caught:
        api(hub, token).auth_check(repo)
    assert type(caught.value) is expected


def test_snapshot_download(hub: RunningHub, tmp_path: Path) -> None:
    value = hub.value("read")
    folder = Path(snapshot_download(MODEL, cache_dir=tmp_path, endpoint=hub.url, token=value))
    for file in model_folder().iterdir():
        assert (folder / file.name).read_bytes() == file.read_bytes()
    assert (folder / ".gitattributes").is_file() and folder.name == hub.hub.commit(MODEL)
    before = len(hub.hub.seen)
    snapshot_download(MODEL, cache_dir=tmp_path, endpoint=hub.url, token=value)
    assert [seen.path for seen in hub.hub.seen[before:]] == [f"/api/models/{MODEL}/revision/main"]
    with pytest.raises(GatedRepoError):
        snapshot_download(f"{MODEL}-rejected", cache_dir=tmp_path, endpoint=hub.url, token=value)


def test_hf_hub_download(hub: RunningHub, tmp_path: Path) -> None:
    def download(repo: str, file: str, token: str | None = "read") -> Path:
        value = hub.value(token) or False
        return Path(hf_hub_download(repo, file, cache_dir=tmp_path, endpoint=hub.url, token=value))

    weight = (model_folder() / "model.safetensors").read_bytes()
    assert download(MODEL, "model.safetensors").read_bytes() == weight
    assert download(f"{MODEL}-cdn", "model.safetensors", None).read_bytes() == weight
    assert download(f"{MODEL}-onnx", "onnx/model_quantized.onnx", None).stat().st_size == 131072
    with pytest.raises(EntryNotFoundError):
        download(MODEL, "nope.json")
    with pytest.raises(LocalEntryNotFoundError) as caught:
        download(MODEL, "config.json", "fine-grained-no-gated")
    assert "fine-grained token settings" in str(caught.value.__cause__)


def test_cdn_redirect_leaves_the_token_behind(hub: RunningHub, tmp_path: Path) -> None:
    hf_hub_download(f"{MODEL}-cdn", "model.safetensors", cache_dir=tmp_path, endpoint=hub.url, token=hub.value("read"))
    head = next(seen for seen in hub.hub.seen if seen.path.endswith("model.safetensors"))
    body = next(seen for seen in hub.hub.seen if seen.path.startswith("/cdn/"))
    assert (head.status, head.token) == (302, "read")
    assert (body.status, body.token) == (200, None)


def test_interrupted_download_is_taken_up_again(hub: RunningHub, tmp_path: Path) -> None:
    hub.hub.faults.arm(Fault("hub:GET */resolve/*/model.safetensors", "disconnect", times=1))
    path = hf_hub_download(MODEL, "model.safetensors", cache_dir=tmp_path, endpoint=hub.url, token=hub.value("read"))
    assert Path(path).read_bytes() == (model_folder() / "model.safetensors").read_bytes()
    assert [seen.method for seen in hub.hub.seen if seen.path.endswith(".safetensors")] == ["HEAD", "GET", "GET"]


def test_safetensors_metadata(hub: RunningHub) -> None:
    whole = api(hub).get_safetensors_metadata(MODEL)
    shards = api(hub).get_safetensors_metadata(f"{MODEL}-sharded")
    assert not whole.sharded and shards.sharded and len(shards.files_metadata) == 2
    assert whole.parameter_count == shards.parameter_count
    assert set(whole.weight_map) == set(shards.weight_map)
    large = api(hub).get_safetensors_metadata("Qwen/Qwen2.5-72B-Instruct")
    assert large.parameter_count == {"BF16": 72_706_203_648} and len(large.files_metadata) == 37
    for missing in ("gguf", "pytorch-bin", "lora"):
        with pytest.raises(NotASafetensorsRepoError):
            api(hub).get_safetensors_metadata(f"{MODEL}-{missing}")


def test_shards_hold_the_very_weights(hub: RunningHub, tmp_path: Path) -> None:
    folder = Path(snapshot_download(f"{MODEL}-sharded", cache_dir=tmp_path, endpoint=hub.url, token=False))
    index = json.loads((folder / weights.INDEX_FILE).read_text())
    expected = tensors(model_folder() / "model.safetensors")
    found: dict[str, bytes] = {}
    for name in set(index["weight_map"].values()):
        found |= tensors(folder / name)
    assert found == expected
    assert index["metadata"]["total_size"] == sum(map(len, expected.values()))
    assert not (folder / "model.safetensors").exists()


def tensors(path: Path) -> dict[str, bytes]:
    start, header = weights.read_header(path)
    data = path.read_bytes()[start:]
    return {name: data[slice(*tensor["data_offsets"])] for name, tensor in header.items() if name != "__metadata__"}


def test_tree_and_history(hub: RunningHub) -> None:
    files = {entry.path: entry for entry in api(hub).list_repo_tree(MODEL, recursive=True, expand=True)}
    assert files["model.safetensors"].lfs.sha256 != "*" * 64  # type: ignore[union-attr]
    assert files["config.json"].last_commit.oid == hub.hub.commit(MODEL)  # type: ignore[union-attr]
    masked = {entry.path: entry for entry in api(hub, None).list_repo_tree(MODEL)}
    assert masked["model.safetensors"].lfs.sha256 == "*" * 64  # type: ignore[union-attr]
    assert masked["model.safetensors"].blob_id == files["model.safetensors"].blob_id  # type: ignore[union-attr]
    top = [entry.path for entry in api(hub).list_repo_tree(f"{MODEL}-onnx")]
    assert "onnx" in top and "onnx/model.onnx" not in top
    below = [entry.path for entry in api(hub).list_repo_tree(f"{MODEL}-onnx", "onnx")]
    assert below == ["onnx/model.onnx", "onnx/model_quantized.onnx"]
    infos = api(hub).get_paths_info(f"{MODEL}-onnx", ["onnx", "config.json", "nope"])
    assert [info.path for info in infos] == ["onnx", "config.json"]
    commits = api(hub).list_repo_commits(MODEL)
    assert [commit.title for commit in commits] == [f"Upload {MODEL}", "initial commit"]
    refs = api(hub).list_repo_refs(MODEL)
    assert refs.branches[0].target_commit == commits[0].commit_id == refs.tags[0].target_commit
    assert [entry.path for entry in api(hub).list_repo_tree(MODEL, revision=commits[1].commit_id)] == [".gitattributes"]


def test_authors_review_requests(hub: RunningHub) -> None:
    author, repo = api(hub, "author"), f"{MODEL}-pending"
    assert {asked.username for asked in author.list_pending_access_requests(repo)} == {"robin", "kim"}
    author.accept_access_request(repo, "robin")
    api(hub).auth_check(repo)
    (accepted,) = author.list_accepted_access_requests(repo)
    author.reject_access_request(repo, request_id=accepted.request_id, rejection_reason="Not today")
    assert [asked.username for asked in author.list_rejected_access_requests(repo)] == ["robin"]
    for wrong, status in (("nobody", 404), ("robin", 404)):
        with pytest.raises(HfHubHTTPError) as caught:
            author.reject_access_request(repo, wrong, rejection_reason=None)
        assert caught.value.response.status_code == status
    author.grant_access(repo, "alex")
    api(hub, "stranger").auth_check(repo)
    with pytest.raises(HfHubHTTPError, match="already has access"):
        author.grant_access(repo, "alex")


def test_asking_and_withdrawing_with_a_token(hub: RunningHub) -> None:
    repo = f"{MODEL}-not-requested"
    asked = hub.ask("POST", f"/{repo}/ask-access", "write", form={})
    assert (asked.status, asked.headers["Location"]) == (303, f"{hub.url}/{repo}")
    assert "awaiting a review" in hub.ask("GET", f"/api/models/{repo}/auth-check", "read").text
    cancel = f"/api/models/{repo}/user-access-request/cancel"
    assert json.loads(hub.ask("POST", cancel, "write").body) == {"ok": True}
    assert hub.ask("POST", cancel, "write").status == 404
    assert hub.ask("POST", f"/{MODEL}-rejected/ask-access", "write", form={}).status == 303
    assert "has been rejected" in hub.ask("GET", f"/api/models/{MODEL}-rejected/auth-check", "read").text


def test_device_login(hub: RunningHub) -> None:
    info = request_device_code()
    assert info["verification_uri"] == f"{hub.url}/oauth/device"
    assert info["verification_uri_complete"].endswith(info["user_code"])
    threading.Timer(0.3, hub.hub.approve_login, args=(info["user_code"].lower(),)).start()
    pending: list[int] = []
    response = poll_device_token(info, on_pending=lambda: pending.append(1))
    assert pending and response["access_token"].startswith("hf_oauth_")
    assert HfApi(endpoint=hub.url).whoami(response["access_token"])["name"] == "robin"
    HfApi(endpoint=hub.url, token=response["access_token"]).auth_check(MODEL)
    renewed = refresh_access_token(response["refresh_token"])
    assert renewed["access_token"] != response["access_token"]
    with pytest.raises(DeviceCodeError, match="invalid_grant"):
        refresh_access_token(response["refresh_token"])


@pytest.mark.parametrize(("end", "code"), [("deny_login", "access_denied"), ("expire_login", "expired_token")])
def test_device_login_that_fails(hub: RunningHub, end: str, code: str) -> None:
    info = request_device_code()
    getattr(hub.hub, end)(info["user_code"])
    with pytest.raises(DeviceCodeError) as caught:
        poll_device_token(info)
    assert caught.value.error_code == code


def test_device_login_asks_to_slow_down(hub: RunningHub) -> None:
    info = request_device_code()
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": info["device_code"],
        "client_id": "anything",
    }
    answers = [json.loads(hub.ask("POST", "/oauth/token", form=form).body)["error"] for _ in range(2)]
    assert answers == ["authorization_pending", "slow_down"]


def test_over_https_the_classes_are_the_real_ones(
    serve: Serve, certificate: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hub = serve(tls=certificate)
    point_library_at(hub.url, monkeypatch, tmp_path)
    set_client_factory(lambda: httpx2.Client(verify=certificate[1], follow_redirects=True))
    try:
        assert hub.url.startswith("https://")
        for repo, token in (("nobody/nothing", None), (f"{MODEL}-open", "revoked"), (f"{MODEL}-open", "expired")):
            with pytest.raises(RepositoryNotFoundError) as caught:
                api(hub, token).auth_check(repo)
            assert caught.value.response.status_code == 401
        with pytest.raises(GatedRepoError):
            api(hub, None).auth_check(MODEL)
        path = hf_hub_download(
            f"{MODEL}-cdn", "model.safetensors", cache_dir=tmp_path, endpoint=hub.url, token=hub.value("read")
        )
        assert Path(path).read_bytes() == (model_folder() / "model.safetensors").read_bytes()
        assert len(list(api(hub).list_models(search="qwen", limit=20))) > 10
    finally:
        set_client_factory(default_client_factory)
