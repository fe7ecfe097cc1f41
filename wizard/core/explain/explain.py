"""What an error means: one verdict, the lines that it rests on, one cause, one next action; never a guess.

The words are those of `check`. Where a text fits two causes it says so, and which `check` tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wizard.core.access.unreachable import UnreachableReason
from wizard.core.access.verdicts import PUBLIC_HUB, Verdict
from wizard.core.access_token import clean_line
from wizard.core.explain.classification import NOT_RECOGNISED, Classification
from wizard.core.explain.classifier import classify
from wizard.core.explain.context_clues import unreachable_reason
from wizard.core.explain.explanations import ROWS
from wizard.core.explain.pasted_text import PastedText, Secret, parse_pasted_text
from wizard.core.explain.sentences import Sentences, sentences_of
from wizard.core.problem import ExitCode

EVIDENCE = 4  # lines
_OF_CHECK = {verdict.value for verdict in Verdict}


@dataclass(frozen=True)
class Explanation:
    """What a text means. `others` are verdicts that it fits as well; `check` is the command that tells them apart.
    `model` is the repository that it is about, which holds what `repo_type` says.
    """

    verdict: str
    cause: str
    hint: str
    url: str | None = None
    model: str | None = None
    repo_type: str | None = None
    evidence: tuple[str, ...] = ()
    sure: bool = True
    others: tuple[str, ...] = ()
    check: str | None = None
    secrets: tuple[Secret, ...] = field(default_factory=tuple)
    exit_code: ExitCode = ExitCode.FAILED

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence for each secret that the text gives away."""
        return tuple(
            f"The text holds a secret, {secret.masked} ({secret.what}): anyone who has seen the text can use it. "
            f"Revoke it: {secret.url}"
            for secret in self.secrets
        )

    def to_mapping(self) -> dict[str, Any]:
        """The public JSON object."""
        return {
            "verdict": self.verdict,
            "cause": self.cause,
            "hint": " ".join((self.hint, *self.warnings)),
            "url": self.url,
            "model": self.model,
            "repo_type": self.repo_type,
            "evidence": list(self.evidence),
            "sure": self.sure,
            "others": list(self.others),
            "check": self.check,
            "revoke": [{"what": secret.what, "masked": secret.masked, "url": secret.url} for secret in self.secrets],
        }


def explain_text(text: str, *, endpoint: str = PUBLIC_HUB, token_here: bool = False) -> Explanation:
    """Explain a pasted text. `token_here`: an access token exists on the machine where it was pasted."""
    pasted = parse_pasted_text(text)
    return make_explanation(pasted, classify(pasted, token_here=token_here), endpoint)


def make_explanation(pasted: PastedText, classification: Classification, endpoint: str = PUBLIC_HUB) -> Explanation:
    """The classification as sentences, with the lines that it rests on."""
    if classification.verdict == NOT_RECOGNISED:
        return _not_recognised(pasted, classification)
    repository, about = classification.repository, classification.matches[0].pattern.about
    unreachable = UnreachableReason.STORAGE if about == "storage" else unreachable_reason(pasted)

    def said(verdict: str) -> Sentences:
        reason = unreachable if verdict == "hub_unreachable" else None
        return sentences_of(verdict, repository, endpoint, reason, write=about == "write")

    words = said(classification.verdict)
    cause, hint = words.cause, words.hint
    others = [name for name in classification.others if said(name).cause != cause]
    if not classification.sure and others:
        also = " ".join(f"{name}: {said(name).cause}" for name in others[:2])
        cause = f"{cause} The text fits {'other causes' if len(others) > 1 else 'another cause'} as well: {also}"
    check = _deciding_command(classification, about)
    if check and not classification.sure and (classification.others or repository):
        hint = hint if f"`{check}`" in hint else f"`{check}` shows which it is. {hint}"
    return Explanation(
        verdict=classification.verdict,
        cause=cause,
        hint=hint,
        url=words.url,
        model=repository.name if repository else None,
        repo_type=repository.type if repository else None,
        evidence=_evidence(pasted, classification),
        sure=classification.sure,
        others=classification.others,
        check=check if repository or about == "write" else None,
        secrets=pasted.secrets,
        exit_code=words.exit_code,
    )


def _deciding_command(classification: Classification, about: str) -> str | None:
    """The command that tells the causes apart which the text fits; with a placeholder where no name is known."""
    if not _is_about_access(classification.verdict):
        return None
    repository = classification.repository
    if about == "write":
        return "hf auth whoami"
    if repository is not None and repository.type != "model":
        return f"hf download {repository.name} --repo-type {repository.type} --dry-run"
    return f"outlines-wizard check {repository.name if repository else 'MODEL'}"


def _is_about_access(verdict: str) -> bool:
    return verdict in _OF_CHECK or ROWS[verdict].is_about_access


def _evidence(pasted: PastedText, classification: Classification) -> tuple[str, ...]:
    """The lines of the deciding match, whole even where it is wrapped, and of what supports it; in their order."""
    chosen: list[int] = []
    for match in classification.matches[:6]:
        for index in range(pasted.line_at(match.start), pasted.line_at(max(match.start, match.end - 1)) + 1):
            if index not in chosen and len(chosen) < EVIDENCE:
                chosen.append(index)
    lines = [clean_line(pasted.lines[index], 300) for index in sorted(chosen)]
    if classification.verdict == "env_not_forwarded":
        lines += [line for line in classification.clues.lines if line not in lines]
    return tuple(dict.fromkeys(lines))[: EVIDENCE + 2]


def _not_recognised(pasted: PastedText, classification: Classification) -> Explanation:
    if classification.matches:
        line = clean_line(pasted.lines[pasted.line_at(classification.matches[0].start)], 200)
        cause = f"The log mentions an error (“{line}”), but then continues and works: that was not the cause."
    else:
        cause = "This text contains no known error of the Hub, Modal or structured output."
    hint = (
        "Paste more of it: the whole traceback, or the log from its first error on. If it is about a model, "
        "`outlines-wizard check MODEL` asks the Hub itself; `outlines-wizard doctor` looks at this machine."
    )
    return Explanation(NOT_RECOGNISED, cause, hint, secrets=pasted.secrets, sure=False)
