"""What a pasted text tells beside its error: where it ran, whether there was an access token, why no answer came."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wizard.core.access.unreachable import UnreachableReason
from wizard.core.access_token import clean_line
from wizard.core.explain.pasted_text import PastedText

_PROMPT = r"(?:^|\n)[ \t]*(?:\([\w.-]+\)[ \t]*)?(?:[\w.~@:/-]*[$#%❯➜λ>]|PS [^>\n]{0,200}>|!|>>>)[ \t]*"
_IN_MODAL = re.compile(
    r"/pkg/modal/|\bta-01[0-9a-z]{10,}|=> step \d+: running function|runner failed with|modal\.exception\.|"
    r"modal (?:run|deploy|serve|app logs|shell)\b|<ta-[0-9a-z]{10,}>|view run at https://modal\.com|modal-client"
)
_IN_OTHER_CONTAINER = re.compile(
    r"docker (?:run|compose|logs|exec)\b|docker-compose|text_generation_launcher|lorax_launcher|kubectl |\bpod/[\w-]+|"
    r"crashloopbackoff|oomkilled|(?:^|\n)[\w.-]+[-_]\d+[ \t]+\|[ \t]|in the container|inside the container|"
    r"vertex ai|sagemaker|runpod"
)
_TOKEN_OUTSIDE = re.compile(
    _PROMPT + r"(?:export|set|setx)[ \t]+(?:hf_token|hugging_face_hub_token)[= ]|"
    r"\bexport (?:hf_token|hugging_face_hub_token)=|\$env:hf_token[ \t]*=|"
    + _PROMPT
    + r"(?:hf_token|hugging_face_hub_token)=\S+[ \t]+\w|"
    + _PROMPT
    + r"(?:hf auth|huggingface-cli) (?:login|whoami)(?![^\n]*\n[ \t]*(?:error: )?not logged in)|"
    + _PROMPT
    + r"(?:echo|printenv)[ \t]+[\"']?\$?\{?hf_token|"
    r"(?:^|\n)[ \t]*login successful|token is valid \(permission|your token has been saved to|✓ logged in|"
    r"\bi(?:'m| am) logged in\b|\bi (?:have )?(?:exported|set) (?:my |the )?`?\$?hf_token|"
    r"hf_token is (?:set|exported) (?:on|in|locally)|"
    r"(?:^|\n)[ \t]*(?:\.env:?[ \t]*)?hf_token[ \t]*=[ \t]*[\"']?hf_…"
)
_TOKEN_FORWARDED = re.compile(
    r"(?:-e|--env)[ =]?[\"']?(?:hf_token|hugging_face_hub_token)|--env-file|secret\.from_name|secrets=\[|secretkeyref|"
    r"environment:\s*\n[^\n]*\n?[^\n]*hf_token|--secret id=hf_token"
)
_TOKEN_SENT = re.compile(
    r"authorization:[ \t]*bearer|"
    r"(?<![`\w])(?:use_auth_token|token)[ \t]*=[ \t]*[\"']?(?:hf_…|true\b|hf_token|os\.)|--token\b|--hf-token\b"
)
_WHOAMI = re.compile(r"/api/whoami")

_UNREACHABLE: tuple[tuple[UnreachableReason, re.Pattern[str]], ...] = (
    (
        UnreachableReason.OFFLINE,
        re.compile(
            r"offline mode is enabled|hf_hub_offline=1|outgoing traffic has been disabled|transformers_offline=1"
        ),
    ),
    (UnreachableReason.CERTIFICATE, re.compile(r"certificate")),
    (
        UnreachableReason.PROXY,
        re.compile(r"proxyerror|tunnel connection failed|cannot connect to proxy|proxy authentication"),
    ),
    (
        UnreachableReason.NAME,
        re.compile(r"resolve|name or service not known|nodename nor servname|getaddrinfo|name resolution"),
    ),
    (UnreachableReason.SLOW, re.compile(r"timed out|timeout|time-out")),
    (
        UnreachableReason.BROKEN,
        re.compile(
            r"reset by peer|remotedisconnected|connection aborted|server error|cas service|"
            r"server disconnected|eof occurred"
        ),
    ),
)


@dataclass(frozen=True)
class ContextClues:
    """Where the error was seen. `lines` are those that show that an access token exists outside of the container."""

    in_modal: bool
    in_container: bool
    token_outside: bool
    forwarded: bool
    token_sent: bool
    asked_whoami: bool
    lines: tuple[str, ...] = ()


def find_context_clues(pasted: PastedText) -> ContextClues:
    """What the whole text says of where it ran and of access tokens."""
    whole = "\n".join((pasted.whole, *pasted.lines)).lower()
    in_modal = bool(_IN_MODAL.search(whole))
    outside = _TOKEN_OUTSIDE.search(whole)
    lines: tuple[str, ...] = ()
    if outside:
        words = outside.group().strip().split()[-1]
        lines = tuple(clean_line(line, 300) for line in pasted.lines if words in line.lower())[:1]
    return ContextClues(
        in_modal=in_modal,
        in_container=in_modal or bool(_IN_OTHER_CONTAINER.search(whole)),
        token_outside=outside is not None,
        forwarded=bool(_TOKEN_FORWARDED.search(whole)),
        token_sent=bool(_TOKEN_SENT.search(whole)),
        asked_whoami=bool(_WHOAMI.search(whole)),
        lines=lines,
    )


def unreachable_reason(pasted: PastedText) -> UnreachableReason | None:
    """What kept the Hub from answering, where the text says so."""
    text = " ".join(pasted.lines).lower()
    return next((reason for reason, pattern in _UNREACHABLE if pattern.search(text)), None)
