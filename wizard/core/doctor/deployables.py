"""What of a script runs in the cloud: functions, classes and build steps, and the models that each of them loads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from wizard.core.doctor.model_loads import ModelLoad, loads_of, loads_of_arguments, loads_of_build_command
from wizard.core.doctor.script_model import Call, Expression, Function, Script, Span
from wizard.core.doctor.values import Values

_BAKES = re.compile(r"snapshot_download|hf_hub_download|from_pretrained|(?:hf|huggingface-cli) download")
_BILLIONS = re.compile(r"(?<![A-Za-z0-9.])(\d+(?:\.\d+)?)x?(\d+(?:\.\d+)?)?[bB](?![A-Za-z])")


@dataclass(frozen=True)
class Deployable:
    """A function, a class, a build step of an image, or a sandbox. `options` is the call that carries gpu= and such."""

    name: str
    line: int
    kind: str  # function, class, build, sandbox
    options: Call
    functions: tuple[Function, ...]
    loads: tuple[ModelLoad, ...]
    image: Expression | None = None
    builds: tuple[Deployable, ...] = field(default=())
    commands: str = ""  # the build commands of its image
    app: Call | None = None  # whose secrets and volumes all its functions have
    gets_secrets: bool = False  # by with_options(secrets=…), where it is called
    image_calls: tuple[Span, ...] = ()  # the calls that its image is made of

    @property
    def calls(self) -> Iterator[Call]:
        """Every call in it, and in the script's own functions that it calls."""
        for function in self.functions:
            yield from function.calls

    def has(self, keyword: str) -> bool:
        """Whether an option is given, here or for the whole App, and is not empty."""
        if keyword == "secrets" and (self.gets_secrets or self.options.get("secret") is not None):
            return True  # as it was called before modal 1.0
        expression = self.options.get(keyword)
        if expression is None and self.app is not None and keyword in ("secrets", "volumes"):
            expression = self.app.get(keyword)
        return expression is not None and not (expression.items == () or expression.code in ("None", "[]", "{}", "0"))

    def has_baked(self, model: str) -> bool:
        """Whether a build step of its image, or a build command, has downloaded a model before."""
        built_here = {each.name for each in self.functions if _is_build(each)}
        built_here |= {
            call.name.replace("self.", f"{self.name}.", 1)
            for each in self.functions
            if each.name in built_here
            for call in each.calls
        }
        return (
            any(load.model == model for build in self.builds for load in build.loads)
            or any(load.model == model and load.call.owner in built_here for load in self.loads)
            or (model in self.commands and _BAKES.search(self.commands) is not None)
        )


def find_deployables(script: Script) -> tuple[Deployable, ...]:
    """Everything of the script that runs in the cloud."""
    builds = tuple(_builds(script))
    found: list[Deployable] = []
    for function in script.functions.values():
        for decorator in function.decorators:
            if decorator.call and decorator.call.attr == "function" and is_app(script, decorator.call.receiver):
                found.append(
                    _deployable(script, function.name, function.line, "function", decorator.call, [function], builds)
                )
    for each in script.classes.values():
        for decorator in each.decorators:
            if decorator.call and decorator.call.attr in ("cls", "server") and is_app(script, decorator.call.receiver):
                methods = [f for name, f in script.functions.items() if name.startswith(f"{each.name}.")]
                found.append(_deployable(script, each.name, each.line, "class", decorator.call, methods, builds))
    return (*found, *builds, *_sandboxes(script))


def _is_build(function: Function) -> bool:
    """Whether a method was run while the image was built, before modal 1.0."""
    return any(each.called == "modal.build" for each in function.decorators)


def is_app(script: Script, receiver: Expression | None) -> bool:
    """Whether an expression is the script's App."""
    if receiver is None:
        return False
    root = script.root(receiver)
    return root in ("modal.App", "modal.Stub", "modal.App.lookup") or (
        not root and receiver.name in ("app", "stub", "modal_app")
    )


def _deployable(
    script: Script, name: str, line: int, kind: str, options: Call, own: list[Function], builds: tuple[Deployable, ...]
) -> Deployable:
    functions = _with_helpers(script, own)
    app = next((call for call in script.calls if call.name in ("modal.App", "modal.Stub")), None)
    image = options.get("image") or (app.get("image") if app else None)
    chain = set(_chain(script, image))
    baked = tuple(each for each in builds if each.options.span in chain)
    steps = [each for each in script.calls if each.attr in ("run_commands", "dockerfile_commands")]
    commands = "\n".join(
        Values(script).text(argument.value) or argument.value.code
        for step in steps
        if step.span in chain
        for argument in step.arguments
    )
    gets_secrets = any(
        call.attr == "with_options" and call.get("secrets") is not None and call.receiver and call.receiver.code == name
        for call in script.calls
    )
    loads = tuple(loads_of(script, functions))
    return Deployable(
        name, line, kind, options, functions, loads, image, baked, commands, app, gets_secrets, tuple(chain)
    )


def _builds(script: Script) -> Iterator[Deployable]:
    for call in script.calls:
        if call.receiver is None:
            continue
        if call.attr in ("run_commands", "dockerfile_commands"):
            if found := loads_of_build_command(script, call):
                yield Deployable(
                    call.attr, call.line, "build", call, (), found, call.receiver, image_calls=_before(script, call)
                )
            continue
        if call.attr != "run_function":
            continue
        step = call.first("raw_f")
        function = script.functions.get(step.name) if step and step.name else None
        if function is None:
            continue
        functions = _with_helpers(script, [function])
        loads = tuple(loads_of(script, functions))
        before = _before(script, call)
        yield Deployable(function.name, call.line, "build", call, functions, loads, call.receiver, image_calls=before)


def _before(script: Script, step: Call) -> tuple[Span, ...]:
    """The calls that an image is made of before a build step."""
    return tuple(_chain(script, step.receiver))


def _sandboxes(script: Script) -> Iterator[Deployable]:
    """Sandboxes whose commands load a model: those that they are made with, and those that are run in them."""
    made = [call for call in script.calls if call.name in ("modal.Sandbox.create", "modal.Sandbox.create.aio")]
    for call in made:
        loads = list(loads_of_arguments(script, call))
        if sum(each.owner == call.owner for each in made) == 1:
            for other in script.calls:
                is_run = other.attr == "exec" or other.name.endswith(".exec.aio")
                if is_run and other.receiver is not None and other.owner == call.owner:
                    loads += loads_of_arguments(script, other)
        if loads:
            yield Deployable("Sandbox", call.line, "sandbox", call, (), tuple(loads), call.get("image"))


def _chain(script: Script, expression: Expression | None, depth: int = 40) -> Iterator[Span]:
    """Places of the calls that an image is made of, names followed."""
    if expression is None or depth == 0:
        return
    if expression.call:
        yield expression.call.span
        yield from _chain(script, expression.call.receiver, depth - 1)
    elif expression.name:
        for assigned in script.names.get(expression.name, ()):
            if assigned.span != expression.span and expression.span[0] > assigned.span[0]:
                yield from _chain(script, assigned, depth - 1)


def _with_helpers(script: Script, own: list[Function]) -> tuple[Function, ...]:
    found = list(own)
    for function in found:
        for call in function.calls:
            helper = script.functions.get(call.name)
            if helper is not None and helper not in found and call.attr != "remote" and len(found) < 50:
                found.append(helper)
    return tuple(found)


def gigabytes_by_name(model: str) -> float | None:
    """Size of the weights in 16 bit, as the name tells it: two bytes for each parameter."""
    match = _BILLIONS.search(model.rsplit("/", 1)[-1].replace("_", "-"))
    if not match:
        return None
    first, second = float(match.group(1)), float(match.group(2) or 1)
    return 2 * first * second if match.group(2) else 2 * first


def number_of(script: Script, expression: Expression | None, owner: str = "") -> float | None:
    """The number that an expression of literals and constants comes to: ``20 * MINUTES``."""
    found = script.resolve(expression, owner)
    if found is None:
        return None
    if isinstance(found.value, (int, float)) and not isinstance(found.value, bool):
        return float(found.value)
    try:
        return _evaluate(script, ast.parse(found.code, mode="eval").body, owner)
    except (SyntaxError, ValueError, OverflowError, RecursionError):
        return None


def _evaluate(script: Script, node: ast.AST, owner: str) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return float(node.value)
    if isinstance(node, ast.Name):
        value = script.resolve(next(iter(script.names.get(node.id, ())), None), owner)
        if value is not None and isinstance(value.value, (int, float)):
            return float(value.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Add)):
        left, right = _evaluate(script, node.left, owner), _evaluate(script, node.right, owner)
        return left * right if isinstance(node.op, ast.Mult) else left + right
    raise ValueError("not a number that can be read")
