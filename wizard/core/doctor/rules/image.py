"""What the image of a script is built from: packages and images that are not pinned, and a pin that is too old."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wizard.core.doctor.edits import replace
from wizard.core.doctor.finding import Finding, RuleContext
from wizard.core.doctor.rules.api import OLD_OUTLINES, OUTLINES
from wizard.core.doctor.rules.image_secrets import is_image
from wizard.core.doctor.rules.pins import package_name, packages_of, why_not_pinned
from wizard.core.doctor.script_model import Expression, Script
from wizard.core.doctor.values import Values
from wizard.core.inference.engine_registry import engines
from wizard.core.lint.registry import backends

_PINS = {
    package_name(name): version
    for packages in (*(each.image_packages for each in backends()), *(each.packages for each in reversed(engines())))
    for name, version in packages.items()
}
_PINNED = re.compile(r"==|~=|===|<|@\s*\S+@|\.whl|@[0-9a-f]{7,}|#sha256")
_AT_COMMIT = re.compile(r"git\+\w+://[^/]+/[^@\s]+@[\w./-]+")
_MOVING = re.compile(r"/(?:master|main|HEAD|latest|develop)\b")


def image_findings(context: RuleContext) -> Iterator[Finding]:
    """Every finding about the image."""
    yield from _packages(context)
    yield from _base_images(context)


def _packages(context: RuleContext) -> Iterator[Finding]:
    for call in context.script.calls:
        if call.attr not in ("pip_install", "uv_pip_install") or not is_image(context.script, call):
            continue
        for item in packages_of(context.script, call):
            expression = context.script.resolve(item, call.owner) or item
            is_here = call.span[0] <= expression.span[0] < call.span[1]
            wanted = expression.text
            if wanted is not None and OLD_OUTLINES.match(wanted) and (what := _calls_of_outlines(context.script)):
                reason = why_not_pinned(context.script, call, "outlines", _PINS)
                yield _outdated(expression, wanted, what, reason)
            if wanted is not None and "git+" in wanted:
                if not _AT_COMMIT.search(wanted):
                    yield _unpinned_repository(expression, wanted)
                continue
            if wanted is not None and (address := re.search(r"https?://\S+", wanted)):
                if _MOVING.search(address.group()):
                    yield _unpinned_repository(expression, f"git+{address.group()}")
                continue
            if wanted is None or _PINNED.search(wanted) or wanted.startswith("-"):
                continue
            name = re.split(r"[\[><=!~;@ ]", wanted, maxsplit=1)[0]
            package = package_name(wanted)
            version = _PINS.get(package)
            quote = expression.code[0] if expression.code[:1] in "\"'" else '"'
            is_bare = re.fullmatch(r"[\w.-]+(?:\[[\w, -]*\])?", wanted) is not None
            is_known = version is not None and is_bare and is_here
            reason = why_not_pinned(context.script, call, package, _PINS) if is_known else ""
            edits = (replace(expression, f"{quote}{wanted}=={version}{quote}"),) if is_known and not reason else ()
            yield Finding(
                "unpinned_package",
                "warning",
                expression.line,
                f"{name} is not pinned: the next image may hold another version than the one that was tried.",
                f"Write {wanted}=={version}." if edits else f"Pin it: {name}==….",
                edits,
                left_because=reason,
            )


def _calls_of_outlines(script: Script) -> str:
    """What an old version has to do with the script's calls; empty where they go together, or cannot be told."""
    names = [call.name for call in script.calls]
    if any(name.startswith(("outlines.generate.", "outlines.models.")) for name in names):
        return "still has the calls that are gone from outlines: they and this pin change together"
    if any(name == "outlines.Generator" or name.startswith("outlines.from_") for name in names):
        return "does not have the calls of outlines 1 that the script makes"
    return ""


def _unpinned_repository(expression: Expression, wanted: str) -> Finding:
    """``git+https://…``: the newest commit of a branch, whichever that is when the image is built."""
    address = re.sub(r"//[^/@]*@", "//", wanted.partition("git+")[2].partition("#")[0])
    return Finding(
        "unpinned_package",
        "warning",
        expression.line,
        f"{address} is not pinned: the next image may hold another commit than the one that was tried.",
        "Name a commit in the address: behind an @ at its end, or in place of the branch.",
    )


def _outdated(expression: Expression, wanted: str, what: str, reason: str) -> Finding:
    """The pin that goes with calls which are gone: both change, or neither."""
    new = f"outlines=={_PINS['outlines']}"
    edits = (replace(expression, f"{expression.code[0]}{new}{expression.code[0]}"),)
    return Finding(
        "outdated_package",
        "warning",
        expression.line,
        f"{wanted} {what}.",
        f"Write {new}.",
        edits if expression.code[:1] in "\"'" and not reason else (),
        left_because=reason,
        group=OUTLINES,
    )


def _base_images(context: RuleContext) -> Iterator[Finding]:
    for call in context.script.calls:
        tag = Values(context.script).text(call.first("tag"), call.owner) if call.attr == "from_registry" else None
        if tag is None or not call.name.startswith("modal.Image.") or "@" in tag:
            continue
        version = tag.rpartition("/")[2].partition(":")[2]
        if version in ("", "latest"):
            yield Finding(
                "unpinned_image",
                "warning",
                call.line,
                f"{tag} is not pinned: the next image may be built on another one than the one that was tried.",
                "Name a version behind a colon, or a digest.",
            )
