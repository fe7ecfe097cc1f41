"""The pages, clicked through with a plain HTTP client."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.rehearsal.hub.running_hub import MODEL, RunningHub

BANNER = "Demo: nothing leaves this computer"
AUTO = f"{MODEL}-auto-not-requested"
MANUAL = f"{MODEL}-not-requested"
ANSWERS = {
    "Affiliation": "Rehearsal",
    "Country": "Nowhere",
    "Date of birth": "2000-01-01",
    "I agree to use this model for rehearsals only": "true",
    "I want to use it for": "Education",
}


def check(hub: RunningHub, repo: str, token: str = "read") -> int:
    return hub.ask("GET", f"/api/models/{repo}/auth-check", token).status


@pytest.mark.parametrize(
    "path",
    ["/", f"/{MODEL}", "/settings/gated-repos", "/settings/tokens", "/settings/tokens/new", "/oauth/device"],
)
def test_every_page_says_that_it_is_a_rehearsal(hub: RunningHub, path: str) -> None:
    page = hub.ask("GET", path)
    assert page.status == 200 and page.headers.get_content_type() == "text/html"
    assert BANNER in page.text and "You are robin" in page.text
    assert "<script" not in page.text and "default-src 'none'" in page.headers["Content-Security-Policy"]


class Balanced(HTMLParser):
    """Counts the tags that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag


@pytest.mark.parametrize("path", ["/", f"/{MODEL}", f"/{MANUAL}", "/settings/gated-repos", "/settings/tokens/new"])
def test_pages_are_well_formed(hub: RunningHub, path: str) -> None:
    parser = Balanced()
    parser.feed(hub.ask("GET", path).text)
    assert parser.open == []


def test_an_automatic_gate_opens_at_once(hub: RunningHub) -> None:
    page = hub.ask("GET", f"/{AUTO}").text
    assert "Agree and access repository" in page and "Agree to be kind to characters." in page
    assert check(hub, AUTO) == 403
    answer = hub.ask("POST", f"/{AUTO}/ask-access", form={})
    assert (answer.status, answer.headers["Location"]) == (303, f"{hub.url}/{AUTO}")
    assert "you have been granted access" in hub.ask("GET", f"/{AUTO}").text
    assert check(hub, AUTO) == 200


def test_a_manual_gate_asks_its_questions_and_waits(hub: RunningHub) -> None:
    page = hub.ask("GET", f"/{MANUAL}").text
    assert "Agree and send request to access repo" in page and "A person at Rehearsal Lab reads" in page
    assert all(f'name="{label}"' in page for label in ANSWERS)
    refused = hub.ask("POST", f"/{MANUAL}/ask-access", form={"Affiliation": "Rehearsal"})
    assert refused.status == 200 and "Please fill in: Country" in refused.text
    assert hub.ask("POST", f"/{MANUAL}/ask-access", form=ANSWERS).status == 303
    assert "is awaiting a review" in hub.ask("GET", f"/{MANUAL}").text
    repository = hub.fixtures.repository(MANUAL)
    assert repository and repository.requests["robin"].answers == ANSWERS
    assert check(hub, MANUAL) == 403
    hub.ask("POST", f"/{MANUAL}/rehearsal-review", form={"decision": "accepted"})
    assert check(hub, MANUAL) == 200


def test_rejected_and_reset(hub: RunningHub) -> None:
    rejected = hub.ask("GET", f"/{MODEL}-rejected").text
    assert "has been rejected by the repo&#x27;s authors" in rejected and "ask-access" not in rejected
    hub.ask("POST", f"/{MODEL}-rejected/ask-access", form={})
    assert "has been rejected" in hub.ask("GET", f"/api/models/{MODEL}-rejected/auth-check", "read").text
    assert "ask-access" in hub.ask("GET", f"/{MODEL}-reset").text
    hub.ask("POST", f"/{MODEL}-reset/ask-access", form={})
    assert "awaiting a review" in hub.ask("GET", f"/api/models/{MODEL}-reset/auth-check", "read").text


def test_requests_are_listed_and_withdrawn(hub: RunningHub) -> None:
    page = hub.ask("GET", "/settings/gated-repos").text
    assert f"{MODEL}-pending" in page and page.count("Cancel this access request") == 1
    form = {"repo": f"{MODEL}-pending", "kind": "model"}
    assert hub.ask("POST", "/settings/gated-repos/cancel", form=form).status == 303
    assert "not in the authorized list" in hub.ask("GET", f"/api/models/{MODEL}-pending/auth-check", "read").text


def test_a_new_token_is_shown_once_and_works(hub: RunningHub) -> None:
    page = hub.ask("GET", "/settings/tokens/new?canReadGatedRepos=true&tokenType=fineGrained").text
    assert 'value="fineGrained" checked' in page and 'name="canReadGatedRepos" value="true" checked' in page
    form = {"displayName": "read", "tokenType": "fineGrained", "canReadGatedRepos": "true"}
    created = hub.ask("POST", "/settings/tokens/new", form=form)
    match = re.search(r'id="token">(hf_[A-Za-z]{34})<', created.text)
    assert match and created.headers["Cache-Control"] == "no-store"
    assert check(hub, MODEL, match[1]) == 200
    listed = hub.ask("GET", "/settings/tokens").text
    assert "read-2" in listed and match[1] not in listed
    hub.ask("POST", "/settings/tokens/revoke", form={"name": "read-2"})
    assert check(hub, MODEL, match[1]) == 401


def test_a_token_without_the_permission_is_told_so(hub: RunningHub) -> None:
    form = {"displayName": "narrow", "tokenType": "fineGrained"}
    created = hub.ask("POST", "/settings/tokens/new", form=form).text
    value = re.search(r"hf_[A-Za-z]{34}", created)
    assert value and check(hub, MODEL, value[0]) == 403


@pytest.mark.parametrize(("decision", "state"), [("approve", "approved"), ("deny", "denied")])
def test_device_page(hub: RunningHub, decision: str, state: str) -> None:
    begun = hub.ask("POST", "/oauth/device", form={"client_id": "somebody"}).text
    code = re.search(r'"user_code": "(\w{4}-\w{4})"', begun)
    assert code
    page = hub.ask("GET", f"/oauth/device?user_code={code[1]}").text
    assert f'value="{code[1]}"' in page and ">Approve<" in page and ">Deny<" in page
    answer = hub.ask("POST", "/oauth/device/answer", form={"user_code": code[1].lower(), "decision": decision})
    assert state.capitalize() in answer.text
    again = hub.ask("POST", "/oauth/device/answer", form={"user_code": code[1], "decision": decision})
    assert again.status == 404


def test_cards_and_questions_are_escaped(hub: RunningHub, tmp_path: Path) -> None:
    card = "---\nlicense: mit\n---\n# <script>alert(1)</script>\n\n- `x` <b>\n\n```\n<i>\n```\n"
    (tmp_path / "README.md").write_text(card)
    hostile = {"extra_gated_prompt": "<script>no</script>", "extra_gated_fields": {'"><script>': "text"}}
    hub.fixtures.add_repository(tmp_path, "robin/hostile", gated="manual", requests={}, card=hostile)
    page = hub.ask("GET", "/robin/hostile", headers={"Cookie": "rehearsal_person=alex"}).text
    assert "<script" not in page and "<b>" not in page and "<i>" not in page
    assert "&lt;script&gt;alert(1)" in page and "license: mit" not in page
    assert "&quot;&gt;&lt;script&gt;" in page


def test_the_browser_can_be_handed_over(hub: RunningHub) -> None:
    switched = hub.ask("GET", f"/{MODEL}?as=alex")
    assert (switched.status, switched.headers["Location"]) == (303, f"/{MODEL}")
    cookie = switched.headers["Set-Cookie"].partition(";")[0]
    assert "You are alex" in hub.ask("GET", f"/{MODEL}", headers={"Cookie": cookie}).text
    assert hub.ask("GET", "/robin/private-character", headers={"Cookie": cookie}).status == 404
    assert hub.ask("GET", "/robin/private-character").status == 200


def test_forms_of_other_sites_are_refused(hub: RunningHub) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    for path in (f"/{AUTO}/ask-access", "/settings/tokens/new", "/oauth/device/answer", "/settings/gated-repos/cancel"):
        assert hub.ask("POST", path, form={}, headers=headers).status == 403


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:1", 200), ("localhost", 200), ("elsewhere.example", 403)])
def test_a_name_that_somebody_else_points_at_this_machine_is_refused(hub: RunningHub, host: str, status: int) -> None:
    assert hub.ask("GET", "/settings/tokens/new", headers={"Host": host}).status == status
