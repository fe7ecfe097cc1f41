"""The questions about the function: its output type, the test prompt, the GPU, and the settings of the plan."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from wizard.cli.flags.files import read_text
from wizard.cli.lines.adapters import TITLE, adapters_shown, ask_adapters
from wizard.cli.lines.dialog import Choice, Question
from wizard.cli.lines.session import LineSession
from wizard.core.output.kinds.registry import KINDS
from wizard.core.output.output_kind import OutputKind
from wizard.core.output.output_type import OutputType, parse_output
from wizard.core.plan.cost import awake_per_hour, awake_words
from wizard.core.plan.draft import Draft
from wizard.core.plan.setting import Setting
from wizard.core.plan.typed_setting import read_typed
from wizard.core.problem import Problem, usage
from wizard.core.sizing.gpus import GPUS, NO_GPU, GpuChoice, read_gpu
from wizard.core.sizing.memory_fit import fit_on, recommend
from wizard.flow.deploy.job_state import require
from wizard.flow.lint.lint import prove_compiles

_FILES = ("schema", "grammar")  # kinds whose text is often long enough for a file


async def ask_output(session: LineSession) -> None:
    """What the output should look like; it is checked against the structured-output backends."""
    kinds = [Choice(kind.name, kind.label) for kind in KINDS.values()]
    current = session.job.draft.output
    explanation = "It is enforced while the model writes, so every answer has it. A JSON Schema is the usual choice."
    text = "What should the output look like?"
    while True:
        chosen = current.kind if current else kinds[0].value
        name = await session.dialog.ask(Question(text, kinds, chosen, explanation=explanation), str)
        output = await _ask_spec(session, KINDS[name])
        if output is None:
            continue
        try:
            proof = await prove_compiles(session.ports, output, session.job.draft.backend or "auto")
        except Problem as problem:
            session.dialog.say_problem(problem)
            continue
        session.dialog.say(f"{output.summary}: {proof}.")
        prompt = None if output != current else session.job.draft.prompt
        session.decide(output=output, prompt=prompt)
        return


async def ask_prompt(session: LineSession) -> None:
    """The prompt of the test call."""
    output = require(session.job.draft.output)
    default = session.job.draft.prompt or output.example_prompt
    explanation = "After the deploy, the function is called once with this prompt, and its answer is checked."
    session.decide(
        prompt=await session.dialog.ask(Question("Test prompt", default=default, explanation=explanation), str)
    )


async def _ask_spec(session: LineSession, kind: OutputKind) -> OutputType | None:
    """The output type of a kind; None where what was typed is none, which has been said."""
    if kind.editor.name == "none":
        return parse_output(kind.name, "", kind.label)
    values = [Choice(value, value) for value in kind.editor.values]
    presets = [Choice(preset.text, preset.name) for preset in kind.presets]
    choices = values or presets
    more = ", a file, or module:Class of a Pydantic class" if kind.name == "schema" else ""
    more = more or (", or a file" if kind.name in _FILES else "")
    default = choices[0].value if choices else kind.editor.placeholder or None
    text = f"{kind.label}: type it on one line{more}" if not values else kind.label
    question = Question(text, choices, default, free=not values, explanation=kind.editor.help)
    typed = await session.dialog.ask(question, str)
    try:
        return parse_output(kind.name, await _text(session, kind, typed), kind.label)
    except Problem as problem:
        session.dialog.say_problem(problem)
        return None


async def _text(session: LineSession, kind: OutputKind, typed: str) -> str:
    """What was typed, or what is in the file or class that it names. Raises Problem."""
    if kind.name not in _FILES or "{" in typed:
        return typed
    if await asyncio.to_thread(os.path.isfile, typed):
        return await asyncio.to_thread(read_text, Path(typed), kind.label)
    if kind.name == "schema" and ":" in typed:
        return await session.ports.lint.schema_of_class(typed)
    return typed


async def ask_gpu(session: LineSession) -> None:
    """Which GPU, with its price and whether the model fits."""
    job = session.job
    facts, draft = require(job.facts), job.draft
    engine = draft.engine_for(facts, session.ports.missing_engines).engine
    budget = draft.budget_for(facts)
    rates = await session.ports.modal.rates()
    try:
        best = recommend(facts, budget, rates, engine=engine).choice
    except Problem as problem:
        session.dialog.say_problem(problem)
        best = None
    offered = [GpuChoice(gpu) for gpu in (*GPUS, NO_GPU)]
    if best is not None and best not in offered:
        offered.insert(0, best)
    choices = []
    for each in offered:
        name = "none: a CPU" if each.is_cpu else each.spec
        fits = fit_on(facts, budget, each, engine).verdict
        choices.append(Choice(each.spec, f"{name}, {awake_words(awake_per_hour(each.spec, rates))}, {fits}"))
    default = draft.gpu or (best.spec if best is not None else None)
    explanation = "The price is for a running container; idle functions cost nothing. Several: as in H100:2."
    question = Question("Which GPU?", choices, default, free=True, explanation=explanation)
    session.decide(gpu=await session.dialog.ask(question, lambda text: read_gpu(text).spec))


async def ask_settings(session: LineSession) -> None:
    """The inference engine, and the other settings for whoever wants to change them."""
    for setting in Draft.settings():
        if setting.label and setting.asked:
            await _ask_setting(session, setting)
    others = [setting for setting in Draft.settings() if setting.label and not setting.asked]
    while True:
        choices = [Choice("", "Continue")] + [
            Choice(setting.name, f"{setting.label}: {_shown(session, setting)}") for setting in others
        ]
        choices.append(Choice("adapter", f"{TITLE}: {adapters_shown(session)}"))
        question = Question("Change other settings?", choices, "", explanation="Most people change none of these.")
        name = await session.dialog.ask(question, str)
        if not name:
            return
        if name == "adapter":
            await ask_adapters(session)
        else:
            await _ask_setting(session, next(setting for setting in others if setting.name == name))


async def _ask_setting(session: LineSession, setting: Setting) -> None:
    current = getattr(session.job.draft, setting.name)
    values = ("no", "yes") if setting.value_type is bool else setting.allowed
    choices = [Choice(value, value) for value in values]
    question = Question(setting.label, choices, _shown(session, setting), explanation=setting.tip)
    shown = _shown(session, setting)
    value = await session.dialog.ask(question, lambda text: current if text == shown else _read(setting, text))
    if value != current:
        session.decide(**{setting.name: value})


def _shown(session: LineSession, setting: Setting) -> str:
    """The value that is decided, or what stands for none."""
    value = getattr(session.job.draft, setting.name)
    if value is None and setting.from_model is not None:
        value = setting.from_model(session.job.draft.model or "")
    if value is None:
        value = setting.default if setting.unset is None else setting.unset
    return ("yes" if value else "no") if setting.value_type is bool else str(value)


def _read(setting: Setting, text: str) -> Any:
    """The value of a typed text; None for what is not decided. Raises Problem."""
    if setting.value_type is bool:
        return text == "yes" or None
    if text == setting.unset:
        return None
    value, wrong = read_typed(setting, text)
    if wrong:
        raise usage("setting_invalid", wrong)
    return value
