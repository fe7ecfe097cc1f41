"""PastedText errors and what they mean; texts that look alike and mean something else; both in every layout."""

from __future__ import annotations

import pytest

from tests.explain.corpus.field_errors import FIELD_ERRORS, FIELD_LOOKALIKES
from tests.explain.corpus.hub_errors import HUB_ERRORS, Case
from tests.explain.corpus.layouts import IN_A_CONTAINER, LAYOUTS
from tests.explain.corpus.lookalikes import LOOKALIKES as KNOWN_LOOKALIKES
from tests.explain.corpus.other_errors import OTHER_ERRORS
from tests.explain.corpus.picture_errors import PICTURE_ERRORS, PICTURE_LOOKALIKES
from tests.explain.corpus.reported_errors import REPORTED_ERRORS, REPORTED_LOOKALIKES
from tests.explain.corpus.unseen_errors import UNSEEN_ERRORS, UNSEEN_LOOKALIKES
from wizard.core.access.verdicts import Verdict
from wizard.core.explain.classification import NOT_RECOGNISED
from wizard.core.explain.explain import explain_text
from wizard.core.explain.explanations import FAILURES

CASES = (*HUB_ERRORS, *OTHER_ERRORS, *REPORTED_ERRORS, *UNSEEN_ERRORS, *PICTURE_ERRORS, *FIELD_ERRORS)
LOOKALIKES = (*KNOWN_LOOKALIKES, *REPORTED_LOOKALIKES, *UNSEEN_LOOKALIKES, *PICTURE_LOOKALIKES, *FIELD_LOOKALIKES)


def test_the_corpus_is_large_and_covers_every_verdict() -> None:
    assert len(CASES) >= 120
    assert len(LOOKALIKES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)
    # a check or a deploy of this program alone says these: nobody else has the words
    never_pasted = {Verdict.READY.value, Verdict.NOT_A_TEXT_MODEL.value, Verdict.ENDPOINT_NOT_TRUSTED.value}
    never_pasted |= {"modal_busy", "import_error"}
    assert {case.verdict for case in CASES} == ({v.value for v in Verdict} | set(FAILURES)) - never_pasted


def what_is_wrong(case: Case, layout: str) -> str:
    """What an explanation got wrong; empty when nothing."""
    explanation = explain_text(LAYOUTS[layout](case.text))
    if explanation.verdict != case.verdict:
        return f"{case.name}: {explanation.verdict} instead of {case.verdict}"
    if not (explanation.cause and explanation.hint and 1 <= len(explanation.evidence) <= 6):
        return f"{case.name}: incomplete"
    if layout not in IN_A_CONTAINER and case.sure is not None and explanation.sure is not case.sure:
        return f"{case.name}: sure is {explanation.sure}"
    decides = f"`{explanation.check}`"
    if not explanation.sure and explanation.model and case.verdict in list(Verdict) and decides not in explanation.hint:
        return f"{case.name}: does not offer the check that decides"
    # a terminal that breaks words can take a name's end away, but never makes up another one
    if explanation.model != case.model and not (layout == "hard_wrapped" and explanation.model is None):
        return f"{case.name}: model {explanation.model} instead of {case.model}"
    return ""


@pytest.mark.parametrize("layout", LAYOUTS)
def test_errors_are_recognised(layout: str) -> None:
    assert [wrong for case in CASES if (wrong := what_is_wrong(case, layout))] == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_texts_that_look_alike_are_left_alone(layout: str) -> None:
    found = {name: explain_text(LAYOUTS[layout](text)) for name, text in LOOKALIKES}
    assert {name: said.verdict for name, said in found.items() if said.verdict != NOT_RECOGNISED} == {}
    assert all(said.hint and not said.sure for said in found.values())


@pytest.mark.parametrize("case", HUB_ERRORS[::6], ids=lambda case: case.name)
def test_an_error_is_found_in_the_middle_of_a_long_log(case: Case) -> None:
    noise = "\n".join(f"INFO 10-18 08:{i % 60:02}:00 [loggers.py:{i}] Engine 000: {i} tokens/s" for i in range(3000))
    explanation = explain_text(f"{noise}\n{case.text}\n{noise}")
    assert explanation.verdict == case.verdict


@pytest.mark.parametrize("kept", [0.95, 0.9])
@pytest.mark.parametrize("case", [case for case in HUB_ERRORS if len(case.text) > 400], ids=lambda case: case.name)
def test_a_text_that_is_cut_never_ends_in_a_confident_mistake(case: Case, kept: float) -> None:
    size = int(len(case.text) * kept)
    for text in (case.text[:size], case.text[-size:]):
        explanation = explain_text(text)
        assert explanation.verdict == case.verdict or not explanation.sure


def test_what_this_program_said_itself_is_recognised() -> None:
    said = '{"event": "Failed", "step": "access", "code": "not_requested", "message": "acme/tiny-7b is gated"}'
    assert explain_text(said).verdict == "not_requested"
    assert explain_text("✗ modal_auth  Modal does not accept this Modal token.").verdict == "modal_auth"
    assert explain_text("✗ not requested  one/two is gated, and robin has not asked yet.").verdict == "not_requested"
    assert explain_text("✗ nonsense  Nothing.").verdict == NOT_RECOGNISED
