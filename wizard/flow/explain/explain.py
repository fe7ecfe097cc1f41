"""Explaining a pasted text, with the one thing that only this machine knows: whether an access token exists here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from wizard.core.explain.classifier import classify
from wizard.core.explain.explain import Explanation, make_explanation
from wizard.core.explain.pasted_text import parse_pasted_text
from wizard.core.problem import Problem
from wizard.flow.ports.credentials import TokenFrom
from wizard.flow.ports.services import Ports

_PLACES: tuple[TokenFrom, ...] = ("env", "hf")  # not the keyring: it may show a dialog, and nothing else reads ours


async def explain_pasted(text: str, session: Callable[[], AbstractAsyncContextManager[Ports]]) -> Explanation:
    """Explain a text. Services are opened only where an access token on this machine would decide the verdict."""
    pasted = parse_pasted_text(text)
    classification = classify(pasted)
    if classification.may_be_forwarding:
        async with session() as ports:
            classification = classify(pasted, token_here=await _token_is_here(ports))
    return make_explanation(pasted, classification)


async def _token_is_here(ports: Ports) -> bool:
    for place in _PLACES:
        try:
            if await ports.tokens.find(place) is not None:
                return True
        except Problem:  # what is there cannot be an access token; it could not have been forwarded either
            continue
    return False
