"""Access tokens in a script: missing where a gated model is loaded, or there where anybody can read them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wizard.core.doctor.control_flow import ANY, ControlFlow, EnvironmentRead, read_control_flow
from wizard.core.doctor.current_api import TOKEN_NAMES
from wizard.core.doctor.deployables import Deployable
from wizard.core.doctor.edits import add_argument, replace
from wizard.core.doctor.finding import Finding, RuleContext
from wizard.core.doctor.script_model import Call, Edit, Expression, Function, Script
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
    yield from _in_the_image(context)
    yield from _secret_from_dict(context)


def secret_edit(context: RuleContext, deployable: Deployable) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """Attach the Modal Secret to a deployable: the edits, and the imports that they need."""
    word, new_imports = context.modal("Secret")
    code = f'[{word}.from_name("{context.secret}", required_keys=["HF_TOKEN"])]'
    there = deployable.options.get("secrets")
    edit = replace(there, code) if there else add_argument(deployable.options, f"secrets={code}")
    return (edit,), new_imports


def _gated_without_secret(context: RuleContext, deployable: Deployable) -> Iterator[Finding]:
    if deployable.has("secrets") or deployable.options.unpacks:
        return
    load = next((each for each in deployable.loads if context.needs_token(each.model) and not each.has_token), None)
    if load is not None and _has_token_in_image(context.script, deployable):
        load = None
    reads = next(_reads_of_token(context.script, deployable), None)
    edits, new_imports = secret_edit(context, deployable)
    what = _WHAT[deployable.kind].format(deployable.name)
    if load is not None:
        gated = "needs an access token" if context.is_certain(load.model) else "is of a gated family"
        yield Finding(
            "gated_without_secret",
            "failed",
            deployable.line,
            f"{load.model} {gated}, and {what} loads it (line {load.call.line}) without a Modal "
            "Secret: the Hub answers 401.",
            _how_to_make(context),
            edits,
            new_imports,
            next_step=_next(context),
        )
    elif reads is not None:
        yield Finding(
            "token_not_in_container",
            "failed",
            reads.line,
            f"{reads.code[:60]} is read in the container, where {what} has no Modal Secret: a "
            "variable of your own machine does not arrive there.",
            _how_to_make(context),
            edits,
            new_imports,
            next_step=_next(context),
        )


def _how_to_make(context: RuleContext) -> str:
    return f"Attach a Modal Secret that holds HF_TOKEN. {_make_it(context, 'it')}"


def _make_it(context: RuleContext, what: str) -> str:
    return (
        f"Make {what} once: on https://modal.com/secrets, or with "
        f"`modal secret create {context.secret} --from-dotenv FILE`, so that it is on no command line."
    )


def _next(context: RuleContext) -> str:
    return _make_it(context, f"the Modal Secret {context.secret}, which holds HF_TOKEN,")


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
            pairs = _pairs(script.resolve(call.first("vars"), call.owner))
            if any(key.text in TOKEN_NAMES and value.text != "" for key, value in pairs):
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
            edits: tuple[Edit, ...] = ()
            new_imports: tuple[str, ...] = ()
            in_function = any(c.owner and c.span[0] < expression.span[0] < c.span[1] for c in context.script.calls)
            whole = what.startswith("Hugging") and match.group() == expression.text
            if whole and in_function and not _in_env(context.script, expression):
                edits, new_imports = (replace(expression, 'os.environ["HF_TOKEN"]'),), ("os",)
            yield Finding(
                "token_in_source",
                "failed",
                expression.line,
                f"A secret is written into the script ({what}): whoever reads the file, or its history, can use it.",
                f"Revoke it ({url}), and read it from a Modal Secret instead.",
                edits,
                new_imports,
                next_step=f"Revoke the secret that was in the file ({url}).",
            )


def _in_env(script: Script, expression: Expression) -> bool:
    start, end = expression.span
    return any(
        call.span[0] < start and end < call.span[1]
        for call in script.calls
        if call.attr in ("env", "from_dict") and call.receiver is not None
    )


def _in_the_image(context: RuleContext) -> Iterator[Finding]:
    """``image.env({"HF_TOKEN": …})`` and the like: it stays in a layer of the image."""
    script = context.script
    for call in script.calls:
        if call.attr == "env" and call.receiver is not None and is_image(script, call):
            expression = script.resolve(call.first("vars"), call.owner)
            for key, value in _pairs(expression):
                if not _is_secret(key, value) or value.text == "":
                    continue
                yield Finding(
                    "token_in_image",
                    "failed",
                    key.line,
                    f"{key.text} is put into the image: it stays readable in one of its layers.",
                    _how_to_make(context),
                    _without_key(call, expression, key),
                    next_step=_next(context),
                )
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


def _pairs(expression: Expression | None) -> Iterator[tuple[Expression, Expression]]:
    """Names and values of a dictionary, written as ``{…}`` or as ``dict(…)``."""
    if expression is None:
        return
    if expression.call and expression.call.name == "dict":
        for argument in expression.call.arguments:
            if argument.keyword and not argument.keyword.startswith("*"):
                name = argument.keyword
                yield Expression(argument.span, argument.value.line, name, value=name, is_literal=True), argument.value
    for key, value in expression.items or ():
        if key is not None:
            yield key, value


def _is_secret(key: Expression, value: Expression) -> bool:
    """Whether a variable holds an access token, or a secret that comes from one's own environment."""
    if key.text in TOKEN_NAMES:
        return True
    named = re.search(r"(?:^|_)(?:TOKEN|API_KEY|SECRET|PASSWORD)$", key.text or "")
    return bool(named and re.match(r"os\.(?:environ|getenv)", value.code))


def _without_key(call: Call, expression: Expression | None, key: Expression) -> tuple[Edit, ...]:
    if expression is None or expression.items is None or call.receiver is None or len(call.arguments) != 1:
        return ()
    rest = [f"{name.code}: {value.code}" for name, value in expression.items if name is not None and name is not key]
    if any(name is None for name, _ in expression.items):
        return ()
    if rest:
        return (replace(expression, "{" + ", ".join(rest) + "}"),)
    if expression.span[0] < call.span[0] or expression.span[1] > call.span[1]:
        return ()  # the dictionary is somebody else's, too
    return (Edit((call.receiver.span[1], call.span[1]), ""),)


def is_image(script: Script, call: Call) -> bool:
    """Whether a method is called on an image."""
    root = script.root(call.receiver, call.owner)
    if root:
        return root.startswith("modal.Image")
    return call.receiver is not None and "image" in call.receiver.name.lower()


def _secret_from_dict(context: RuleContext) -> Iterator[Finding]:
    script, flow = context.script, read_control_flow(context.script.source)
    for call in script.calls:
        if call.name != "modal.Secret.from_dict":
            continue
        expression = script.resolve(call.first("env_dict"), call.owner)
        for key, value in _pairs(expression):
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
            code = f'{word}.from_name("{context.secret}", required_keys=["HF_TOKEN"])'
            single = expression is not None and expression.items is not None and len(expression.items) == 1
            yield Finding(
                "secret_from_dict",
                "failed",
                call.line,
                f"{key.text} is taken from your own environment when the file is imported. The container imports it "
                "too, without that variable.",
                _how_to_make(context),
                (Edit(call.span, code),) if single else (),
                new_imports,
                next_step=_next(context),
            )
