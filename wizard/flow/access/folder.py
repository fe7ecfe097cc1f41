"""A model in a folder of this machine, looked at as one on the Hub is: there is no gate, and its hash is its commit."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import replace

from wizard.core.access.verdicts import Verdict, verdict_problem
from wizard.core.events import Progress
from wizard.core.inference.engine import InferenceEngine
from wizard.core.models.loading import NotLoadable, engine_to_judge, loading_notes, why_not_loadable
from wizard.core.models.local_folder import folder_facts
from wizard.core.models.model_info import ADAPTER_CONFIG, ModelFacts
from wizard.flow.access.report import AccessReport
from wizard.flow.ports.folders import FoldersPort

READ = ("config.json", "tokenizer_config.json", ADAPTER_CONFIG)


async def read_folder(folders: FoldersPort, folder: str) -> AsyncGenerator[Progress | ModelFacts, None]:
    """Read a folder and all that is in it; how far that is, then what is known of the model. Raises Problem."""
    files = await folders.files(folder)
    total, done, known = sum(file.size for file in files), 0, []
    for file in files:
        yield Progress("model", done, total, "bytes")
        known.append(await folders.digest(folder, file))
        done += file.size
    yield Progress("model", total, total, "bytes")
    texts = {name: await folders.read_json(folder, name) for name in READ if name in {file.name for file in files}}
    yield folder_facts(folder, tuple(known), await folders.parameters(folder, files), texts)


async def read_folders(folders: FoldersPort, names: Iterable[str]) -> AsyncGenerator[Progress | ModelFacts, None]:
    """The same for those of several models that are folders on this machine."""
    for name in names:
        if (folder := folders.folder_of(name)) is not None:
            async with aclosing(read_folder(folders, folder)) as reading:
                async for item in reading:
                    yield item


async def known_folders(folders: FoldersPort, *names: str) -> dict[str, ModelFacts]:
    """What is known of those of several models that are folders on this machine, by name."""
    async with aclosing(read_folders(folders, names)) as reading:
        return {item.repo_id: item async for item in reading if isinstance(item, ModelFacts)}


def judge_folder(facts: ModelFacts, engine: InferenceEngine | None, pages: str) -> AccessReport:
    """Whether the model in a folder can be deployed; `pages` is the Hub that links lead to."""
    report = AccessReport(facts.repo_id, facts.commit, Verdict.READY, None, facts, pages=pages, engine=engine)
    judging = engine_to_judge(facts, engine)
    wrong = why_not_loadable(facts, judging)
    if wrong is None:
        return replace(report, notes=() if facts.is_adapter else loading_notes(facts, judging))
    verdict = verdict_on(wrong)
    problem = verdict_problem(
        verdict, model=facts.repo_id, endpoint=pages, detail=wrong.why, way_on=wrong.way_on, engine=judging.label
    )
    return replace(report, verdict=verdict, problem=replace(problem, url=None))


def verdict_on(wrong: NotLoadable) -> Verdict:
    """The verdict on a model that no engine, or not the one that was named, can load."""
    return Verdict.WEIGHTS_MISSING if wrong.generates_text else Verdict.NOT_A_TEXT_MODEL
