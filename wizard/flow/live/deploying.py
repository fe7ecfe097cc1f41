"""Deploys of a live check: of a small app's text, and of a model by the job that `deploy` runs."""

from __future__ import annotations

from contextlib import aclosing

from wizard.core.events import Failed, Finished, LogLine, PlanReady
from wizard.core.output.output_type import OutputType
from wizard.core.plan.draft import Draft
from wizard.flow.deploy.job import run_job
from wizard.flow.deploy.job_state import JobOptions
from wizard.flow.live.state import Job, Live
from wizard.flow.ports.modal import NO_DEPLOY_OUTCOME, DeployOutcome

OUTPUT = OutputType(
    "schema",
    '{"type": "object", "properties": {"kind": {"enum": ["cat", "dog", "bird"]}, "legs": {"enum": [2, 4]}}, '
    '"required": ["kind", "legs"], "additionalProperties": false}',
)
PROMPT = "Which animal sings in the morning, and how many legs does it have?"
IDLE_SECONDS = 10
TAG = "live-check"


async def deploy_file(live: Live, app: str, source: str) -> DeployOutcome:
    """Deploy the text of an app. From here on it counts as made."""
    file = live.options.folder / f"{app.replace('-', '_')}.py"
    live.ports.files.write(file, source)
    live.made.apps.append(app)
    outcome = NO_DEPLOY_OUTCOME
    async with aclosing(live.modal.deploy(file, app, TAG)) as running:
        async for item in running:
            outcome = outcome if isinstance(item, LogLine) else item
    return outcome


async def deploy_model(live: Live, name: str, model: str, engine: str, *, max_tokens: int = 64) -> Job:
    """Deploy a model with an endpoint, as `deploy --no-sample` does. Raises Problem."""
    app = f"{live.name}-{name}"
    draft = Draft(
        model=model,
        app=app,
        output=OUTPUT,
        prompt=PROMPT,
        gpu=live.scope.gpu,
        secret=live.name,
        volume=live.name,
        max_tokens=max_tokens,
        max_containers=1,
        scaledown_window=IDLE_SECONDS,
        endpoint=True,
        engine=engine,
        snapshot="cpu",
    )
    live.made.apps.append(app)
    live.made.volumes.append(live.name)
    if (await live.facts(model)).needs_token:
        live.made.secrets.append(live.name)
    options = JobOptions(output_dir=live.options.folder, sample=False)
    endpoint = ""
    async with aclosing(run_job(draft, options, live.ports, agree)) as events:
        async for event in events:
            if isinstance(event, Failed):
                raise event.problem
            if isinstance(event, Finished):
                endpoint = event.endpoint
    return Job(app, model, endpoint)


async def agree(_: PlanReady) -> bool:
    """Whoever started the check has agreed to all of it."""
    return True
