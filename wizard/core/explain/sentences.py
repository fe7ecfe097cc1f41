"""A verdict in words, of whatever the text is about: a model, a dataset or a space, read or written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wizard.core.access.unreachable import UnreachableReason
from wizard.core.access.verdicts import Verdict, verdict_problem
from wizard.core.explain.explanations import ROWS
from wizard.core.explain.repository import Repository
from wizard.core.problem import ExitCode

_OF_CHECK = {verdict.value for verdict in Verdict}
_REFUSED_WRITES = ("wrong_token_scope", "blocked_other", "not_requested")
_NAME = "\0"  # stands for the repository's name while words around it are exchanged


@dataclass(frozen=True)
class Sentences:
    """What a verdict says to a person."""

    cause: str
    hint: str
    url: str | None
    exit_code: ExitCode


def sentences_of(
    verdict: str,
    repository: Repository | None,
    endpoint: str,
    unreachable: UnreachableReason | None = None,
    *,
    write: bool = False,
) -> Sentences:
    """Cause, hint, link and exit code of a verdict."""
    row = ROWS[verdict]
    if write and verdict in _REFUSED_WRITES:
        return _refused_write(row.exit_code, repository, endpoint)
    if verdict not in _OF_CHECK:
        cause, hint, url = row.pasted_cause or row.cause, row.pasted_hint or row.hint, row.url
        words = {"gpu": "the GPU", "larger": "H100", "line": "see the lines below", "endpoint": endpoint}
        cause, hint = (text.format(model=_NAME, **words) for text in (cause, hint))
        url = url.format(model=_NAME, **words)
    else:
        problem = verdict_problem(
            Verdict(verdict),
            model=_NAME,
            endpoint=endpoint,
            source="that run",
            detail="the text names the file that is missing",
            unreachable=unreachable,
        )
        cause, hint, url = problem.message, row.pasted_hint or problem.hint, problem.url or ""
    if repository is None and _NAME in url:
        url = ""
    return Sentences(_named(cause, repository), _named(hint, repository), _page(url, repository), row.exit_code)


def _named(text: str, repository: Repository | None) -> str:
    """The text with the name of the repository, and with the word for what it holds."""
    if repository is None:
        text = text.replace(_NAME, "the model")
    elif repository.type == "model":
        text = text.replace(_NAME, repository.name)
    else:
        text = re.sub(r"\bmodel", repository.type, text).replace(_NAME, f"the {repository.type} {repository.name}")
    return text[:1].upper() + text[1:] if text.startswith(("the ", "your account")) else text


def _page(url: str, repository: Repository | None) -> str | None:
    if repository is None or not url:
        return url or None
    if "?search=" in url:
        return url.replace("/models?", f"/{repository.type}s?").replace(_NAME, repository.name.rsplit("/", 1)[-1])
    return url.replace(_NAME, repository.path)


def _refused_write(exit_code: ExitCode, repository: Repository | None, endpoint: str) -> Sentences:
    where = f" to {_named(_NAME, repository).replace('The ', 'the ')}" if repository else ""
    return Sentences(
        f"The Hub refuses to write{where}: the account of that access token can't write there, or the access token is "
        "read-only.",
        "`hf auth whoami` says which account it is, and its organisations: write under one of these names, with an "
        "access token of the role “write”, or a fine-grained one that may write there.",
        f"{endpoint}/settings/tokens",
        exit_code,
    )
