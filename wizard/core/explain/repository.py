"""Which repository of the Hub a pasted text is about: a model, a dataset or a space, and its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from wizard.core.explain.pasted_text import PastedText
from wizard.core.models.model_info import is_model_name

RepositoryType = Literal["model", "dataset", "space"]

_SITE = r"https?://(?:[\w.:-]+@)?[\w.:-]+"
_NAME = r"(?P<name>[\w.-]+/[\w.-]+?)"
_WORD = r"(?P<type>model|dataset|space)"
_FOLDER = r"(?:(?P<type>models|datasets|spaces)/)?"
_PLACES = r"(?:resolve|revision|raw|tree|auth-check|blob|xet-read-token|xet-write-token|commit|preupload|paths-info)"
# In `compact` text, where a name cannot be cut by a line's end.
_IN_COMPACT = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[Aa]ccessto{_WORD}{_NAME}isrestricted",
        rf"requesttoaccess{_WORD}{_NAME}(?:isawaiting|hasbeen)",
        rf"Repo{_WORD}{_NAME}isgated",
        rf"{_SITE}/(?:api/)?{_FOLDER}{_NAME}/{_PLACES}(?![\w-])",
        rf"{_SITE}/(?:api/)?{_FOLDER}{_NAME}\.git/info/(?:lfs|refs)",
        rf"(?<![\w./-]){_NAME}isnotalocalfolder",
        rf"(?<![\w./-]){_NAME}doesnotappeartohaveafilenamed",
    )
)
_IN_LINES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"access to it at\s+{_SITE}/{_FOLDER}(?P<name>[\w.-]+/[\w.-]+)",
        rf"{_SITE}/api/(?P<type>models|datasets|spaces)/(?P<name>[\w.-]+/[\w.-]+)",
        r"(?:--model(?:-id|_id)?|--tokenizer|model_id:|model_tag'?:)[= ]+[\"'(]?(?P<name>[\w.-]+/[\w.-]+)",
        r"(?P<type>load_dataset)\(\s*(?:path=)?[\"'](?P<name>[\w.-]+/[\w.-]+)[\"']",
        r"(?:from_pretrained|snapshot_download|hf_hub_download|LLM|pipeline)\(\s*(?:model=|repo_id=)?[\"'](?P<name>[\w.-]+/[\w.-]+)[\"']",
        rf"(?:hf|huggingface-cli) download\s+(?:--repo-type[ =]{_WORD}\s+)?[\"']?(?P<name>[\w.-]+/[\w.-]+)",
        r"(?:model|repo|id|repo_id)=[\"'](?P<name>[\w.-]+/[\w.-]+)[\"']",
        r"[Cc]ould not download '(?P<name>[\w.-]+/[\w.-]+)'",
        r"(?:^| )[Dd]ownloading (?P<name>[\w.-]+/[\w.-]+)(?= |$)",
        r"for model (?P<name>[\w.-]+/[\w.-]+)",
        r"(?P<type>[Dd]ataset|[Mm]odel|[Ss]pace|[Rr]epo) '(?P<name>[\w.-]+/[\w.-]+)'",
        r"the (?P<type>Space): (?P<name>[\w.-]+/[\w.-]+)",
        r"(?:git@hf\.co:|ollama (?:run|pull) hf\.co/)(?:(?P<type>datasets|spaces)/)?(?P<name>[\w.-]+/[\w.-]+)",
        r"when trying to load (?P<name>[\w.-]+/[\w.-]+)",
        rf"https?://(?:[\w.-]+@)?(?:huggingface\.co|hf\.co|hf-mirror\.com)/{_FOLDER}(?P<name>[\w.-]+/[\w.-]+)",
    )
)
_LAST_RESORT = (  # compact; the second one: a model of the first days, which has no owner
    re.compile(rf"https?://(?:huggingface\.co|hf\.co)/(?:api/)?{_FOLDER}(?P<name>[\w.-]+/[\w.-]+)'"),
    re.compile(rf"{_SITE}/(?:api/models/)?(?P<name>[\w.-]+)/(?:resolve|raw|blob)/[\w-]+/"),
)
_NOT_OWNERS = {
    *("docs", "settings", "models", "spaces", "datasets", "api", "repos", "join", "pricing", "papers", "blog", "tasks"),
    *("usr", "opt", "home", "root", "site-packages", "dist-packages", "none", "null", "undefined"),
}
_NOT_NAMES = {"resolve", "revision", "raw", "tree", "blob", "create", "none", "null", "undefined"}
_OF_DATASETS = re.compile(r"--repo-type[ =]dataset|repo_type=[\"']dataset")
_OF_SPACES = re.compile(r"--repo-type[ =]space|repo_type=[\"']space")


@dataclass(frozen=True)
class Repository:
    """A repository of the Hub by its name and what it holds."""

    name: str
    type: RepositoryType = "model"

    @property
    def path(self) -> str:
        """Its address within the Hub's website."""
        return self.name if self.type == "model" else f"{self.type}s/{self.name}"


def repository_in(pasted: PastedText, line: int) -> Repository | None:
    """The repository that the text is about: the one named nearest to `line`, else anywhere."""
    first, last = max(0, line - 12), min(len(pasted.lines), line + 12)
    if not pasted.lines:
        return None
    end = pasted.starts[last] if last < len(pasted.starts) else len(pasted.compact)
    for compact, lines in (
        (pasted.compact[pasted.starts[first] : end], pasted.lines[first:last]),
        (pasted.compact, pasted.lines),
    ):
        found = next(_repositories(compact, " ".join(lines)), None)
        if found:
            return found
    return None


def _repositories(compact: str, lines: str) -> Iterator[Repository]:
    for patterns, text in ((_IN_COMPACT, compact), (_IN_LINES, lines), (_LAST_RESORT, compact)):
        for pattern in patterns:
            for match in pattern.finditer(text):
                name = match.group("name").strip(".-").removesuffix(".git")
                parts = name.lower().split("/")
                if is_model_name(name) and not (
                    parts[0] in _NOT_OWNERS or "…" in name or (parts[-1] in _NOT_NAMES and len(parts) > 1)
                ):
                    yield Repository(name, _type_of(match.groupdict().get("type"), lines))


def _type_of(word: str | None, lines: str) -> RepositoryType:
    word = (word or "").lower()
    if "dataset" in word:
        return "dataset"
    if "space" in word:
        return "space"
    if word in ("", "repo"):
        return "dataset" if _OF_DATASETS.search(lines) else "space" if _OF_SPACES.search(lines) else "model"
    return "model"
