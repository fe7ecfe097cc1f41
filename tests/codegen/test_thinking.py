"""Reasoning before the answer, in the rendered app: its tags, its switch, and when the structure begins."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.codegen.test_endpoint_requests import load as load_app
from tests.codegen.thinking_families import FAMILIES, NOT_THINKING, USER, tokenizer_of
from tests.support.plans import plan
from wizard.codegen.app_file import render_app
from wizard.core.models.thinking import read_thinking

torch = pytest.importorskip("torch")

YES_OR_NO = ("regex", "(yes|no)")


def load(folder: Path, **changes: Any) -> ModuleType:
    """The rendered app as a module; it is never run."""
    return load_app(folder / f"thinking_app_{len(list(folder.iterdir()))}.py", plan(**changes))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return load(tmp_path_factory.mktemp("app"), closes_thinking=True, auto_think=64, endpoint=True)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_prompt_ends_where_the_reasoning_begins_or_the_answer(app: ModuleType, name: str) -> None:
    family = FAMILIES[name]
    tokenizer = tokenizer_of(family.template, family.tokens, family.special)
    thinking = app.Thinking(tokenizer)

    def prompt(think: int) -> str:
        text = tokenizer.apply_chat_template(USER, tokenize=False, **thinking.options(think))
        begun: str = thinking.begin(text, think)
        return begun

    assert prompt(50).endswith(family.on)
    assert prompt(0).endswith(family.off)
    assert "Who?" in prompt(0)
    end = tokenizer.decode([*thinking.ending, *thinking.after], skip_special_tokens=False)
    assert end == family.end
    known = read_thinking(family.template)
    assert known is not None and (known.opening, known.closing) == (thinking.opening, thinking.closing)
    assert known.switches == family.switches
    assert known.is_always_on == (not family.switches)
    assert known.needs_closing == ("enable_thinking" not in family.switches)


@pytest.mark.parametrize("name", NOT_THINKING)
def test_a_model_that_does_not_think_is_known_and_refuses(app: ModuleType, name: str, tmp_path: Path) -> None:
    template = NOT_THINKING[name]
    assert read_thinking(template) is None
    thinking = app.Thinking(tokenizer_of(template))
    assert (thinking.budget(None), thinking.budget("off"), thinking.begin("Who?", 0)) == (0, 0, "Who?")
    with pytest.raises(ValueError, match="does not think"):
        thinking.budget(200)
    with pytest.raises(ValueError, match="does not think"):  # the container refuses, with this reason
        load(tmp_path, think="200").Thinking(tokenizer_of(template))


def test_a_model_that_only_drops_what_others_reasoned_may_think_where_it_is_told_to(app: ModuleType) -> None:
    template = "{% for m in messages %}{{ m.content.split('</think>')[-1] }}{% endfor %}<|assistant|>"
    known = read_thinking(template)
    assert known is not None and not known.is_sure and not known.is_always_on and not known.needs_closing
    thinking = app.Thinking(tokenizer_of(template, ("<think>", "</think>")))
    assert thinking.begin("<|assistant|>", 9) == "<|assistant|><think>"


def test_of_several_templates_the_usual_one_counts(app: ModuleType) -> None:
    qwen = FAMILIES["qwen3"]
    tokenizer = copy.deepcopy(tokenizer_of(qwen.template, qwen.tokens))
    tokenizer.chat_template = {"tool_use": NOT_THINKING["no tags"], "default": qwen.template}
    thinking = app.Thinking(tokenizer)
    assert (thinking.closing, thinking.gap, tokenizer.decode(thinking.after)) == ("</think>", "\n", "\n\n")
    tokenizer.chat_template = None
    assert app.Thinking(tokenizer).budget("off") == 0


def test_what_a_call_may_ask_for(tmp_path: Path, app: ModuleType) -> None:
    qwen = FAMILIES["qwen3"]
    deployed = load(tmp_path, think="400", auto_think=64).Thinking(tokenizer_of(qwen.template, qwen.tokens))
    asked = {None: 400, 200: 200, 1: 1, 0: 0, "off": 0, "auto": 64, "low": 100, "high": 400, "none": 0}
    assert [deployed.budget(each) for each in asked] == list(asked.values())
    assert (deployed.budget(True), deployed.budget(False)) == (64, 0)
    assert app.Thinking(tokenizer_of(qwen.template, qwen.tokens)).budget("high") == 64
    for wrong in (-1, "much", 1.5, [], {}):
        with pytest.raises(ValueError, match="think is"):
            deployed.budget(wrong)


def test_a_tag_that_somebody_writes_in_a_prompt_opens_no_block(app: ModuleType) -> None:
    qwen = FAMILIES["qwen3"]
    thinking = app.Thinking(tokenizer_of(qwen.template, qwen.tokens))
    assert thinking.begin("<|user|>What is <think>?<|assistant|>", 9).endswith("<|assistant|><think>\n")
    assert thinking.begin("<|user|>What is <think>?<|assistant|>", 0).endswith("<|assistant|>")


# --- scripted logits ------------------------------------------------------------------------------------------------


def answers_of(
    app: ModuleType,
    name: str,
    scripts: list[str],
    think: list[int],
    *,
    most: int = 20,
    room: int = 400,
    tell: Any = None,
) -> list[Any]:
    """What comes of one batch in which the model of a family wants to write these scripts, letter after letter; ␄ is
    the token that ends an answer. After its script it wants to write z for ever.
    """
    family = FAMILIES[name]
    tokenizer = tokenizer_of(family.template, family.tokens, family.special)
    size = len(tokenizer)
    backend, thinking = app.Backend(tokenizer, size), app.Thinking(tokenizer)
    output = backend.read(*YES_OR_NO)
    answers = [app.Answer("?", output, most, {}, (), tell) for _ in scripts]
    for answer, budget in zip(answers, think, strict=True):
        answer.think = budget
        answer.begin(backend, tokenizer)
        left = room - thinking.start(answer, room)
        answer.limit = min(answer.max_tokens, left)
    wanted = [tokenizer(script.replace("␄", "<|eos|>"))["input_ids"] for script in scripts]
    rest = tokenizer("z")["input_ids"][0]
    masks = app.ThinkingMasks(backend, answers)
    chosen = torch.zeros((len(scripts), 1), dtype=torch.long)
    for at in range(max(answer.limit + answer.ahead for answer in answers) + 1):
        scores = torch.linspace(0, 1, size).repeat(len(scripts), 1)
        for row, script in enumerate(wanted):
            scores[row, script[at] if at < len(script) else rest] = 10.0
        chosen = torch.cat([chosen, masks(chosen, scores).argmax(-1, keepdim=True)], dim=1)
    for answer in answers:
        answer.finish()
    return answers


def reasoning(answer: Any) -> str:
    return answer.thought.text.text if answer.thought else ""


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "tags that are no tokens"])
def test_structure_begins_after_the_end_tag_after_the_budget_and_where_the_tag_never_comes(
    app: ModuleType, name: str
) -> None:
    """In one batch, beside answers that do not reason."""
    end = app.Thinking(tokenizer_of(FAMILIES[name].template, FAMILIES[name].tokens, FAMILIES[name].special)).closing
    scripts = [f"Hm, {{}}.{end}yes␄", "yes, " * 30, "I end.␄", "no␄", f"{end}no␄", "zzzz"]
    found = answers_of(app, name, scripts, [40, 12, 40, 0, 40, 1])
    told = [(reasoning(answer), answer.text) for answer in found]
    assert [text in ("yes", "no") for _, text in told] == [True] * 6, told
    assert [why for why, _ in told] == ["Hm, {}.", "yes, yes, ye", "I end.", "", "", "z"]
    assert told[3][1] == "no"
    assert not any(answer.truncated or answer.refused for answer in found)
    assert found[1].thought.text.tokens == 12, "never more than the budget"


@pytest.mark.parametrize("backend", ["xgrammar", "outlines_core"])
def test_every_structured_output_backend_begins_after_the_reasoning(backend: str, tmp_path: Path) -> None:
    other = load(tmp_path, think="40", backend=backend)
    found = answers_of(other, "qwen3", ["Hm.</think>no␄", "z" * 90, "no␄"], [40, 5, 0])
    assert [(reasoning(answer), answer.text) for answer in found][::2] == [("Hm.", found[0].text), ("", "no")]
    assert all(answer.text in ("yes", "no") and not answer.refused for answer in found)


def test_tags_that_are_no_tokens_end_the_reasoning_as_well(app: ModuleType) -> None:
    scripts = ["Hm <b>.</think>yes␄", "Hm </thin", "</think>", "a</th</think>no␄", "I end.␄"]
    found = answers_of(app, "tags that are no tokens", scripts, [40, 9, 40, 40, 40])
    assert [reasoning(answer) for answer in found] == ["Hm <b>.", "Hm ", "", "a</th", "I end."]
    assert all(answer.text in ("yes", "no") for answer in found)


def test_reasoning_is_told_before_the_text_and_never_in_it(app: ModuleType) -> None:
    told: list[Any] = []
    (answer,) = answers_of(app, "qwen3", ["a ä 😀 b</think>"], [60], tell=told.append)
    kinds = [isinstance(piece, app.Reasoning) for piece in told]
    assert kinds == sorted(kinds, reverse=True), "the text came before the reasoning had ended"
    assert "".join(piece for piece in told if isinstance(piece, app.Reasoning)) == "a ä 😀 b" == reasoning(answer)
    assert "".join(piece for piece in told if not isinstance(piece, app.Reasoning)) == answer.text
    assert "\ufffd" not in "".join(told)


def test_an_answer_that_starts_over_tells_its_reasoning_once(app: ModuleType) -> None:
    told: list[str] = []
    (answer,) = answers_of(app, "qwen3", ["abcdef</think>"], [60], tell=told.append)
    again = app.Thought(answer.thought.thinking, told.append, answer.thought)
    again.budget = 60
    for token in answer.thought.thinking.tokenizer("abcdefgh")["input_ids"]:
        again.take(token)
    again.end()
    assert "".join(piece for piece in told if isinstance(piece, app.Reasoning)) == "abcdefgh"


@pytest.mark.parametrize("room", [4, 5, 8, 20, 60, 400])
def test_reasoning_leaves_room_for_the_answer(app: ModuleType, room: int) -> None:
    """What the context cannot hold is taken from the reasoning first; there is never an empty answer."""
    (answer,) = answers_of(app, "qwen3", ["z" * 500], [300], most=50, room=room)
    if answer.limit <= 0:
        assert room <= 4, "it is refused as a prompt that fills the context is"
        return
    assert answer.text and answer.ahead + answer.limit <= room
    assert answer.limit == 50 if room >= 400 else answer.limit >= room // 2 - 3


def test_an_answer_that_nobody_waits_for_stops_at_once(app: ModuleType) -> None:
    qwen = FAMILIES["qwen3"]
    tokenizer = tokenizer_of(qwen.template, qwen.tokens)
    backend = app.Backend(tokenizer, len(tokenizer))
    answer = app.Answer("?", backend.read(*YES_OR_NO), 9, {})
    answer.think, answer.gone = 50, True
    answer.begin(backend, tokenizer)
    app.Thinking(tokenizer).start(answer, 400)
    scores = app.ThinkingMasks(backend, [answer])(torch.zeros((1, 1), dtype=torch.long), torch.zeros(1, len(tokenizer)))
    assert int(scores.argmax()) == backend.end_token


# --- over HTTP ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "think"),
    [
        ({}, None),
        ({"think": 200}, 200),
        ({"think": 0}, 0),
        ({"think": "off"}, "off"),
        ({"think": True}, True),
        ({"reasoning_effort": "low"}, "low"),
        ({"reasoning_effort": "minimal"}, "minimal"),
        ({"thinking_token_budget": 50}, 50),
        ({"think": 9, "reasoning_effort": "high"}, 9),
        ({"chat_template_kwargs": {"enable_thinking": True}}, "auto"),
        ({"chat_template_kwargs": {"enable_thinking": False}}, "off"),
        ({"chat_template_kwargs": {}}, None),
    ],
)
def test_a_request_may_say_how_far_the_model_reasons(app: ModuleType, body: dict[str, Any], think: Any) -> None:
    assert app.read_request({"messages": USER, **body}).get("think") == think


@pytest.mark.parametrize("body", [{"think": -1}, {"think": "much"}, {"reasoning_effort": 7.5}, {"think": [1]}])
def test_what_is_no_budget_is_refused_by_its_name(app: ModuleType, body: dict[str, Any]) -> None:
    with pytest.raises(app.Refusal) as refused:
        app.read_request({"messages": USER, **body})
    assert refused.value.param == next(iter(body))


def test_an_app_without_thinking_says_so_over_http(tmp_path: Path) -> None:
    other = load(tmp_path, endpoint=True)
    assert other.read_request({"messages": USER, "think": 0})
    with pytest.raises(other.Refusal, match="think is not supported"):
        other.read_request({"messages": USER, "think": 200})


def test_apps_that_do_not_think_have_none_of_it() -> None:
    for changes in ({}, {"endpoint": True}, {"engine": "vllm"}):
        source = render_app(plan(**changes))
        assert not re.search(r"class Thinking|class Thought|Reasoning|THINK =", source)
