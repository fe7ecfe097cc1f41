"""`status`: everything about one deployed app."""

from __future__ import annotations

import click

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.output.age import age_words
from wizard.cli.output.layout import Block, Exact, Facts, Paragraph
from wizard.core.access_token import clean_line
from wizard.core.models.model_info import is_folder_name
from wizard.core.plan.call_snippets import MAKE_PROXY_TOKEN, Snippet, snippets
from wizard.core.plan.cost import awake_words
from wizard.core.sizing.gpus import device_words
from wizard.flow.deploy.discovery import size_words
from wizard.flow.operate.app_status import SECRET_WORDS, AppStatus, read_app_status
from wizard.flow.operate.deployed_apps import app_missing
from wizard.flow.ports.modal import AppVersion, is_ours

SUMMARY = "One deployed function: state, versions, Modal Secret, weights, cost."
ORDER = 90


@command("status", short_help=SUMMARY)
@click.argument("app")
async def status(context: CommandContext, app: str) -> int:
    """Everything about APP: its state and versions, the containers that run, whether its Modal Secret is up to date and
    its weights are complete, and what it costs awake, asleep and to keep."""
    async with context.services() as ports:
        workspace = await ports.modal.connect()
        report = await read_app_status(ports, app)
    if report is None:
        raise app_missing(app, workspace.environment, lasting=ports.lasting)
    calls = _calls(report, workspace.environment)
    data = report.to_mapping() | {"environment": workspace.environment}
    data["snippets"] = {each.key: each.text for each in calls}
    blocks: list[Block] = [Facts(tuple(row for row in _words(report, workspace.environment) if row[1]))]
    if report.app.endpoint and calls:
        blocks += [Exact(""), Paragraph("Call it with a proxy token in MODAL_KEY and MODAL_SECRET; to create one:")]
        blocks += [Exact(f"    {MAKE_PROXY_TOKEN}", "command")]
        for each in calls:
            blocks += [Exact(""), Exact(f"# {each.label}", "title"), *map(Exact, each.text.splitlines())]
    context.reporter.result(data, blocks)
    return 0


def _calls(report: AppStatus, environment: str) -> list[Snippet]:
    """Programs that call the app, where it is one of ours."""
    if not is_ours(report.app):
        return []
    draft = report.record.draft if report.record else None
    place = None if environment == "main" else environment
    sees, prompt = bool(report.record and report.record.sees), (draft and draft.prompt) or "…"
    return snippets(report.app.name, prompt, endpoint=report.app.endpoint, environment=place, sees=sees)


def _words(report: AppStatus, environment: str) -> list[tuple[str, str]]:
    app, draft, cost = report.app, report.record.draft if report.record else None, report.cost
    weights, awake = report.weights, cost.awake_per_hour
    unknown = "from a folder" if draft and is_folder_name(draft.model or "") else "the Hub doesn't say"
    complete = {True: "complete", False: "NOT complete: deploy again to download them", None: unknown}
    running = [f"{number} × {name}" for name, number in report.containers.items() if number]
    return [
        ("app", f"{app.name} ({app.app_id}) in environment {environment}"),
        ("state", f"{app.state}, version {app.version or '?'}, deployed {age_words(app.deployed_at)}"),
        ("made by", "outlines-wizard" if is_ours(app) else "not outlines-wizard"),
        (
            "model",
            f"{draft.model}@{(draft.revision or '')[:7]}, {draft.output.summary}" if draft and draft.output else "",
        ),
        ("adapters", clean_line(", ".join(draft.adapter)) if draft and draft.adapter else ""),
        ("engine", clean_line(draft.engine_label) if draft else ""),
        ("containers", ", ".join(running) or "none (scaled to zero)"),
        ("secret", f"{report.secret}: {SECRET_WORDS[report.secret_state]}"),
        ("weights", f"{size_words(weights.size)} in {weights.volume}, {complete[weights.complete]}" if weights else ""),
        (
            "price",
            f"{awake_words(awake)}, for each container on {device_words(draft.gpu or '')}" if awake and draft else "",
        ),
        ("price now", f"${cost.now_per_hour:.2f} an hour" if cost.now_per_hour else ""),
        ("idle", f"${cost.idle_per_hour:.2f} an hour, and ${cost.storage_per_month:.2f} a month to keep the weights"),
        ("as of", cost.as_of),
        ("endpoint", f"{app.endpoint} (requires a proxy token)" if app.endpoint else ""),
        ("page", app.url),
        *(("version" if not i else "", _version(each)) for i, each in enumerate(report.versions[:5])),
    ]


def _version(version: AppVersion) -> str:
    by = f" by {version.by}" if version.by else ""
    return f"{version.number}  {version.deployed_at}{by}"
