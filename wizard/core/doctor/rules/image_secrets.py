"""Access tokens and keys that are put into an image, where they stay readable in a layer or in its history."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wizard.core.doctor.current_api import TOKEN_NAMES
from wizard.core.doctor.deployables import Deployable
from wizard.core.doctor.edits import remove_call, remove_item
from wizard.core.doctor.finding import Finding, RuleContext
from wizard.core.doctor.python_source import python_source
from wizard.core.doctor.rules.hub_secret import Attachment, attach_to_all, how_to_make, next_step
from wizard.core.doctor.script_model import Call, Edit, Expression, Script, pairs
from wizard.core.doctor.secret_keys import is_token_name


def image_secret_findings(context: RuleContext) -> Iterator[Finding]:
    """``image.env({"HF_TOKEN": …})`` and the like."""
    script = context.script
    for call in script.calls:
        if call.attr == "env" and call.receiver is not None and is_image(script, call):
            expression = script.resolve(call.first("vars"), call.owner)
            for key, value in pairs(expression):
                if _is_secret(key, value) and value.text != "":
                    yield _in_env(context, call, expression, key)
        elif call.attr in ("run_commands", "dockerfile_commands") and is_image(script, call):
            for argument in call.arguments:
                text = argument.value.text or argument.value.code
                if re.search(r"\b(?:HF_TOKEN|HUGGING_FACE_HUB_TOKEN)=|login --token", text):
                    yield Finding(
                        "token_in_image",
                        "failed",
                        argument.value.line,
                        "An access token is part of a build command: it stays in the image's history.",
                        "Pass secrets=[…] to this build step, and let the command read the variable.",
                    )


def _in_env(context: RuleContext, call: Call, expression: Expression | None, key: Expression) -> Finding:
    """The variable goes only together with a Secret for everything that has used it."""
    name = key.text or ""
    removed = _without_key(context.script, call, expression, key)
    attached = Attachment(keys=(name,))
    if not is_token_name(name):
        attached = Attachment(keys=(name,), left_because=f"the code may read {name}, and no Modal Secret holds it yet")
    elif removed:
        attached = attach_to_all(context, _users(context, call))
    is_fixed = bool(removed) and not attached.left_because
    return Finding(
        "token_in_image",
        "failed",
        key.line,
        f"{name} is put into the image: it stays readable in one of its layers.",
        how_to_make(context, attached.keys),
        (*removed, *attached.edits) if is_fixed else (),
        attached.new_imports if is_fixed else (),
        next_step=next_step(context, attached.keys),
        left_because=attached.left_because,
    )


def _users(context: RuleContext, call: Call) -> list[Deployable]:
    """What runs in the image that a call is part of; everything, where that cannot be told."""
    every = [each for each in context.deployables if each.kind != "sandbox"]
    return [each for each in every if call.span in each.image_calls] or every


def _is_secret(key: Expression, value: Expression) -> bool:
    """Whether a variable holds an access token, or a secret that comes from one's own environment."""
    if key.text in TOKEN_NAMES:
        return True
    named = re.search(r"(?:^|_)(?:TOKEN|API_KEY|SECRET|PASSWORD)$", key.text or "")
    return bool(named and re.match(r"os\.(?:environ|getenv)", value.code))


def _without_key(script: Script, call: Call, expression: Expression | None, key: Expression) -> tuple[Edit, ...]:
    """Take a variable out of the dictionary, and the whole call where it is the only one."""
    if expression is None or expression.items is None or call.receiver is None or len(call.arguments) != 1:
        return ()
    is_elsewhere = expression.span[0] < call.span[0] or expression.span[1] > call.span[1]
    given = call.arguments[0].value
    if is_elsewhere and (not given.name or len(python_source(script.source).reads(given.name)) > 1):
        return ()  # the dictionary is somebody else's, too
    if len(expression.items) == 1:
        return () if is_elsewhere else (remove_call(script.source.encode(), call),)
    spans = [((name or value).span[0], value.span[1]) for name, value in expression.items]
    item = next(span for span, (name, _) in zip(spans, expression.items, strict=True) if name is key)
    data = script.source.encode()
    if data[item[1] :].lstrip()[:1] not in (b",", b"}", b"#"):
        return ()  # its value is in parentheses
    return (remove_item(data, spans, item),)


def is_image(script: Script, call: Call) -> bool:
    """Whether a method is called on an image."""
    root = script.root(call.receiver, call.owner)
    if root:
        return root.startswith("modal.Image")
    return call.receiver is not None and "image" in call.receiver.name.lower()
