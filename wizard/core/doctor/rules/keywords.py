"""Keyword arguments of functions, classes and build steps that are called something else now, or are gone."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.core.doctor.current_api import AS_OF, REMOVED_KEYWORDS, RENAMED_KEYWORDS
from wizard.core.doctor.edits import remove_argument, rename_keyword
from wizard.core.doctor.finding import Finding, RuleContext
from wizard.core.doctor.script_model import Argument, Call, Edit, Script, gap_after


def keyword_findings(context: RuleContext) -> Iterator[Finding]:
    """Every old keyword argument."""
    seen: set[tuple[int, int]] = set()
    for deployable in context.deployables:
        for argument in deployable.options.arguments:
            old = argument.keyword or ""
            if argument.span in seen or (old not in RENAMED_KEYWORDS and old not in REMOVED_KEYWORDS):
                continue
            seen.add(argument.span)
            yield _finding(context.script, deployable.options, argument, old)


def _finding(script: Script, call: Call, argument: Argument, old: str) -> Finding:
    line = argument.value.line
    if old == "secret":
        edits, reason = _secret(script, call, argument)
    elif old in REMOVED_KEYWORDS:
        edits, reason = (), ""
    else:
        edits, reason = _renamed(script, call, argument, RENAMED_KEYWORDS[old])
    if old in REMOVED_KEYWORDS:
        return Finding("removed_api", "failed", line, f"{old}= is gone {AS_OF}.", REMOVED_KEYWORDS[old], edits,
                       left_because=reason)  # fmt: skip
    new = RENAMED_KEYWORDS[old]
    hint = f"Write {new}={argument.value.code}."
    return Finding("removed_api", "failed", line, f"{old}= is gone {AS_OF}; it is {new}= now.", hint, edits,
                   left_because=reason)  # fmt: skip


def _renamed(script: Script, call: Call, argument: Argument, new: str) -> tuple[tuple[Edit, ...], str]:
    """The change to the new name, or why there is none: both are given, or may be."""
    there = call.get(new)
    if there is not None:
        if there.code == argument.value.code:
            return (remove_argument(script.source.encode(), call, argument),), ""
        return (), f"{new}= is given as well, with another value"
    if _may_hold(script, call, new):
        return (), f"the options that are unpacked here may hold {new} as well"
    return (rename_keyword(argument, new),), ""


def _secret(script: Script, call: Call, argument: Argument) -> tuple[tuple[Edit, ...], str]:
    """``secret=X`` is ``secrets=[X]``, or one more of those that are there."""
    data = script.source.encode()
    value = argument.value
    there = call.get("secrets")
    if value.is_literal and value.value is None:
        return (remove_argument(data, call, argument),), ""
    if there is None:
        if _may_hold(script, call, "secrets"):
            return (), "the options that are unpacked here may hold secrets as well"
        start, end = value.span[0], argument.span[1]
        written = data[start:end].decode()
        if written != value.code:
            return (), "its value is in parentheses"
        return (rename_keyword(argument, "secrets"), Edit((start, start), "["), Edit((end, end), "]")), ""
    if there.items is None or not there.code.startswith("["):
        return (), "secrets= is given as well, and is no list that can be added to here"
    if any(item.code == value.code for _, item in there.items):
        return (remove_argument(data, call, argument),), ""
    if there.items:
        gap = gap_after(data, there.items[-1][1].span)
        more = Edit((gap.place, gap.place), f"{gap.before}{value.code}{gap.after}")
    else:
        more = Edit(there.span, f"[{value.code}]")
    return (more, remove_argument(data, call, argument)), ""


def _may_hold(script: Script, call: Call, keyword: str) -> bool:
    """Whether ``**options`` of a call can carry a keyword: unless all their keys are seen, and it is none of them."""
    for argument in call.arguments:
        if not argument.keyword or not argument.keyword.startswith("*"):
            continue
        meant = script.resolve(argument.value, call.owner)
        if meant is None or meant.items is None or argument.keyword == "*":
            return True
        if any(key is None or key.text is None or key.text == keyword for key, _ in meant.items):
            return True
    return False
