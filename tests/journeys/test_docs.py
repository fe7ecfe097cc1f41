"""Every command that README and docs show is run as it stands, in a shell pointed at the stand-ins.

A block fenced as `sh` is a script: its commands are meant to be typed one after another. Names of a published model
become those of the rehearsal's, which has weights that run here.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.person import BIN, CHECKOUT, Person, need_local
from wizard.cli.command_list import command_names
from wizard.core.explain.explanations import FAILURES
from wizard.core.plan.names import app_name

PAGES = ["README.md", "README.zh-CN.md", *sorted(str(p.relative_to(CHECKOUT)) for p in CHECKOUT.glob("docs/*.md"))]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMES = {
    "mistralai/Mistral-7B-Instruct-v0.2": "rehearsal-lab/tiny-character",
    "outlines-mistral-7b-instruct-v0-2": "outlines-tiny-character",
    "google/gemma-3-4b-it": "rehearsal-lab/tiny-character",
    "outlines-gemma-3-4b-it": "outlines-tiny-character",
}
# Commands that other tests run, and why not here. Everything else runs.
ELSEWHERE = {
    "make demo": "the target itself is looked at below; it installs packages",
    "make test": "this is it",
    "pipx install .": "tests/packaging installs the checkout",
    "uv tool install .": "tests/packaging installs the checkout",
    "pip install .": "tests/packaging installs the checkout",
    "outlines-wizard": "tests/terminal drives the wizard with keys",
    "modal token new": "tests of signing in approve it on the stand-in's page",
}


def blocks(page: str) -> list[str]:
    """The scripts of one page."""
    return [found.group(1) for found in BLOCK.finditer((CHECKOUT / page).read_text(encoding="utf-8"))]


def script(page: str) -> str:
    """Everything that a reader of the page would type, top to bottom, without what runs elsewhere."""
    lines = []
    for line in "".join(blocks(page)).splitlines():
        command = re.sub(r"\s{2,}# .*", "", line).strip()
        if command not in ELSEWHERE:
            lines.append(line)
    text = "\n".join(lines)
    for published, ours in NAMES.items():
        text = text.replace(published, ours)
    return text


@pytest.mark.long
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)])
def test_the_commands_of_a_page_run_as_they_stand(page: str, tmp_path: Path) -> None:
    need_local()
    somebody = Person()
    try:
        wrapper = somebody.folder / "bin" / "outlines-wizard"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} -m wizard "$@"\n')
        wrapper.chmod(0o755)
        # A page that serves a rehearsal of its own gets none from us.
        variables = {} if "outlines-wizard rehearse" in script(page) else somebody.serve().variables
        done = somebody.run(
            "bash", "-e", "-o", "pipefail", "-c", script(page),
            **variables, PATH=f"{wrapper.parent}:{BIN}:/usr/local/bin:/usr/bin:/bin",
        )  # fmt: skip
        assert done.code == 0, done
        assert "Traceback" not in done.said, done
    finally:
        somebody.leave()


def test_what_runs_elsewhere_is_still_shown() -> None:
    shown = {
        re.sub(r"\s{2,}# .*", "", line).strip() for page in PAGES for text in blocks(page) for line in text.splitlines()
    }
    assert set(ELSEWHERE) <= shown


@pytest.mark.parametrize("target", ["demo", "rehearse"])
def test_make_demo_is_the_job_without_a_terminal(target: str) -> None:
    asked = subprocess.run(
        ["make", "--dry-run", "--always-make", target],
        cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "outlines-wizard deploy --rehearse --output-dir rehearsed --yes" in asked.stdout


def test_the_page_of_verdicts_is_the_programs_own() -> None:
    checked = subprocess.run(
        [sys.executable, "docs/make_pages.py", "--check"],
        cwd=CHECKOUT, env={"PYTHONPATH": str(CHECKOUT)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("page", [*PAGES, "AGENTS.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert ((CHECKOUT / page).parent / target).exists(), target


def anchors(page: Path) -> set[str]:
    """What a link can point at in a page, as GitHub makes it from its titles."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [*PAGES, "AGENTS.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_links_into_a_page_lead_to_a_title(page: str) -> None:
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([^):#]*\.md)?#([^)]+)\)", text):
        assert anchor in anchors((CHECKOUT / page).parent / target if target else CHECKOUT / page), anchor


def test_every_command_is_in_the_list_of_commands() -> None:
    page = (CHECKOUT / "docs/command-line.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^```text\n(outlines-wizard .*?)^```", page, re.MULTILINE | re.DOTALL)
    assert not [name for name in command_names() if not re.search(rf"(outlines-wizard|\|) {name}\b", listed)]


def test_every_verdict_of_explain_is_named_where_its_answer_is_described() -> None:
    page = (CHECKOUT / "docs/command-line.md").read_text(encoding="utf-8")
    (about,) = (each for each in page.split("\n\n") if each.startswith("`explain` prints"))
    assert not [code for code in FAILURES if f"`{code}`" not in about]


def test_the_workflow_keeps_exit_codes_and_deploys_the_model_that_it_checks() -> None:
    page = (CHECKOUT / "docs/continuous-integration.md").read_text(encoding="utf-8")
    (workflow,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert re.search(r"run: outlines-wizard deploy .* \| tee ", workflow)
    assert re.search(r"^    defaults:\n      run:\n        shell: bash\b", workflow, re.MULTILINE), "else no pipefail"
    (model,) = re.findall(r"check (\S+/\S+)", workflow)
    (app,) = re.findall(r"verify (\S+)", workflow)
    (planned,) = re.findall(r"--model (\S+) .*--save-plan plan.toml", page)
    assert planned == model and app == app_name(model)
