"""Access tokens in a script: missing where a gated model is loaded, or there where anybody can read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace as replaced

from wizard.core.doctor.control_flow import ANY, ControlFlow, EnvironmentRead, read_control_flow
from wizard.core.doctor.current_api import TOKEN_NAMES
from wizard.core.doctor.deployables import Deployable
from wizard.core.doctor.edits import replace
from wizard.core.doctor.finding import Finding, RuleContext
from wizard.core.doctor.rules.hub_secret import (
    Attachment,
    attach_secret,
    attach_to_all,
    how_to_make,
    next_step,
    secret_code,
)
from wizard.core.doctor.rules.image_secrets import image_secret_findings
from wizard.core.doctor.script_model import Call, Edit, Expression, Function, Script, pairs
from wizard.core.doctor.secret_keys import USUAL, is_token_name, known_keys
from wizard.core.explain.pasted_text import SECRET_SHAPES

_READ = re.compile(rf"os\.(?:environ\[|getenv\(|environ\.get\()\s*[\"'](?:{'|'.join(TOKEN_NAMES)})[\"']\s*[\])]")
_WHAT = {
    "function": "the function {}",
    "class": "the class {}",
    "build": "the image's build step {}",
    "sandbox": "the sandbox",
}
_PLACEHOLDER = re.compile(r"^(?:hf_)?[xX.*…]+$|your|<.*>", re.IGNORECASE)


def access_findings(context: RuleContext) -> Iterator[Finding]:
    """Every finding about access tokens."""
    for deployable in context.deployables:
        yield from _gated_without_secret(context, deployable)
    yield from _read_on_import(context)
    yield from _literals(context)
    yield from image_secret_findings(context)
    yield from _secret_from_dict(context)


def _gated_without_secret(context: RuleContext, deployable: Deployable) -> Iterator[Finding]:
    if deployable.has("secrets") or deployable.options.unpacks:
        return
    load = next((each for each in deployable.loads if context.needs_token(each.model) and not each.has_token), None)
    if load is not None and _has_token_in_image(context.script, deployable):
        load = None
    reads = next(_reads_of_token(context.script, deployable), None)
    secret = attach_secret(context, deployable)
    what = _WHAT[deployable.kind].format(deployable.name)
    if load is not None:
        gated = "needs an access token" if context.is_certain(load.model) else "is of a gated family"
        yield Finding(
            "gated_without_secret",
            "failed",
            deployable.line,
            f"{load.model} {gated}, and {what} loads it (line {load.call.line}) without a Modal "
            "Secret: the Hub answers 401.",
            how_to_make(context, secret.keys),
            secret.edits,
            secret.new_imports,
            next_step=next_step(context, secret.keys),
        )
    elif reads is not None:
        yield Finding(
            "token_not_in_container",
            "failed",
            reads.line,
            f"{reads.code[:60]} is read in the container, where {what} has no Modal Secret: a "
            "variable of your own machine does not arrive there.",
            how_to_make(context, secret.keys),
            secret.edits,
            secret.new_imports,
            next_step=next_step(context, secret.keys),
        )


def _reads_of_token(script: Script, deployable: Deployable) -> Iterator[Expression]:
    """Places in a deployable that fail where a variable with an access token is missing."""
    flow = read_control_flow(script.source)
    for function in deployable.functions:
        for read in flow.reads:
            inside = function.span[0] <= read.span[0] and read.span[1] <= function.span[1]
            if read.variable not in TOKEN_NAMES or not inside or flow.is_local(read.span):
                continue
            if not flow.is_guarded(read.span, read.variable) and (read.must_be_there or _fails(function, read, flow)):
                yield Expression(read.span, read.line, read.code)
        for line, name in flow.demands(function.span, *TOKEN_NAMES):
            yield Expression(function.span, line, name)
        for call in function.calls:
            for argument in call.arguments:
                if flow.is_local(argument.span) or flow.is_guarded(argument.span, argument.value.code):
                    continue
                meant = script.resolve(argument.value, function.name)
                if meant is not None and meant is not argument.value and _stops(meant, call, flow):
                    yield Expression(argument.span, argument.value.line, meant.code)


def _fails(function: Function, read: EnvironmentRead, flow: ControlFlow) -> bool:
    """Whether a function that reads a variable by ``os.environ.get`` fails without it: it logs in, or insists."""
    names = [name for name, all_ in function.names.items() if any(each.span == read.span for each in all_)]
    for call in function.calls:
        for argument in call.arguments if call.attr == "login" else ():
            is_it = argument.value.span == read.span or argument.value.code in names
            if is_it and not flow.is_guarded(argument.span, read.variable, *names):
                return True
    return any(flow.demands(function.span, *names))


def _stops(meant: Expression, call: Call, flow: ControlFlow) -> bool:
    """Whether a constant of the module is a variable that a container lacks, and the call cannot go on without it."""
    if not _READ.fullmatch(meant.code) or flow.is_local(meant.span) or flow.is_guarded(meant.span, ANY):
        return False
    return meant.code.startswith("os.environ[") or call.attr == "login"


def _has_token_in_image(script: Script, deployable: Deployable) -> bool:
    """Whether ``image.env({"HF_TOKEN": …})`` gives it a token: bad, but not missing."""
    chain = set(deployable.image_calls)
    for call in script.calls:
        if call.attr == "env" and call.span in chain:
            given = pairs(script.resolve(call.first("vars"), call.owner))
            if any(key.text in TOKEN_NAMES and value.text != "" for key, value in given):
                return True
    return False


def _read_on_import(context: RuleContext) -> Iterator[Finding]:
    """``HF_TOKEN = os.environ["HF_TOKEN"]`` of the module: every container imports it, with or without a Secret."""
    flow = read_control_flow(context.script.source)
    in_cloud = [each for each in context.deployables if each.kind in ("function", "class")]
    if in_cloud and all(each.has("secrets") for each in in_cloud):
        return  # each of them may bring the variable
    for expressions in context.script.names.values():
        for expression in expressions:
            if flow.is_local(expression.span) or flow.is_guarded(expression.span, *TOKEN_NAMES):
                continue
            if expression.code.startswith("os.environ[") and _READ.fullmatch(expression.code):
                better = expression.code.replace("os.environ[", "os.environ.get(").replace("]", ")")
                yield Finding(
                    "token_read_on_import",
                    "failed",
                    expression.line,
                    f"{expression.code} is read when the file is imported, which every container does: without the "
                    "variable it stops there.",
                    "Read it in the function that needs it.",
                    (replace(expression, better),),
                )


def _literals(context: RuleContext) -> Iterator[Finding]:
    """Access tokens and keys written into the source."""
    for expression in context.script.strings:
        for what, url, shape in SECRET_SHAPES:
            match = shape.search(expression.text or "")
            if not match or _PLACEHOLDER.search(match.group()):
                continue
            owners = {c.owner for c in context.script.calls if c.span[0] < expression.span[0] < c.span[1]} - {""}
            whole = what.startswith("Hugging") and match.group() == expression.text
            is_code = whole and bool(owners) and not _in_env(context.script, expression)
            secret = _read_instead(context, expression, owners) if is_code else Attachment()
            yield Finding(
                "token_in_source",
                "failed",
                expression.line,
                f"A secret is written into the script ({what}): anyone who reads the file, or its history, can use it.",
                f"Revoke it ({url}), and read it from a Modal Secret instead.",
                secret.edits,
                secret.new_imports,
                next_step=f"Revoke the secret that was in the file ({url}).",
                left_because=secret.left_because,
            )


def _read_instead(context: RuleContext, expression: Expression, owners: set[str]) -> Attachment:
    """Read the token from a Secret that whatever runs this code has, under a name that it surely holds."""
    users = [each for each in context.deployables if owners & {function.name for function in each.functions}]
    with_secrets = [each for each in users if each.has("secrets")]
    held = [{key for key in known_keys(context.script, each) if is_token_name(key)} for each in with_secrets]
    common = set.intersection(*held) if held else {USUAL}
    key = USUAL if USUAL in common or not common else min(common)
    secret = attach_to_all(context, users, key)
    if secret.left_because:
        return secret
    word, new_imports = context.standard("os")
    return replaced(secret, edits=(replace(expression, f'{word}.environ["{key}"]'), *secret.edits),
                    new_imports=(*new_imports, *secret.new_imports))  # fmt: skip


def _in_env(script: Script, expression: Expression) -> bool:
    start, end = expression.span
    return any(
        call.span[0] < start and end < call.span[1]
        for call in script.calls
        if call.attr in ("env", "from_dict") and call.receiver is not None
    )


def _secret_from_dict(context: RuleContext) -> Iterator[Finding]:
    script, flow = context.script, read_control_flow(context.script.source)
    for call in script.calls:
        if call.name != "modal.Secret.from_dict":
            continue
        expression = script.resolve(call.first("env_dict"), call.owner)
        for key, value in pairs(expression):
            stops = any(
                read.must_be_there
                and value.span[0] <= read.span[0] < value.span[1]
                and not flow.is_local(read.span)
                and not flow.is_guarded(read.span, read.variable)
                for read in flow.reads
            )
            if key.text not in TOKEN_NAMES or not stops:
                continue  # os.environ.get cannot stop the container, and the Secret carries the value from here
            word, new_imports = context.modal("Secret")
            keys = (key.text or USUAL,)
            code = secret_code(context, word, keys)
            single = expression is not None and expression.items is not None and len(expression.items) == 1
            yield Finding(
                "secret_from_dict",
                "failed",
                call.line,
                f"{key.text} is taken from your own environment when the file is imported. The container imports it "
                "too, without that variable.",
                how_to_make(context, keys),
                (Edit(call.span, code),) if single else (),
                new_imports,
                next_step=next_step(context, keys),
            )
