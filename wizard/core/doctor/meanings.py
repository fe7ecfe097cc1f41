"""What a dotted name of a script may stand for: what is assigned to it, a default, what calls pass for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from wizard.core.doctor.python_source import dotted_name, parse_expression
from wizard.core.doctor.script_model import Call, Script

_REMOTE = {"remote", "local", "spawn", "remote_gen"}

Value = tuple[str, str]  # the code of an expression, and the function around it


def meanings_of(script: Script, name: str, owner: str, depth: int) -> Sequence[Value]:
    """What a dotted name may stand for."""
    if not name or depth == 0:
        return ()
    if found := assignments_of(script, name, owner):
        open_ended = name.startswith("self.") and all(
            "parameter(" in code and "default" not in code for code, _ in found
        )
        return _given_to_class(script, owner, name.removeprefix("self.")) if open_ended else found
    head, _, rest = name.rpartition(".")
    if rest and head:
        return _attribute(script, head, rest, owner, depth)
    return _given_to_function(script, owner, name)


def assignments_of(script: Script, name: str, owner: str) -> list[Value]:
    """What is assigned to a name in the nearest scope that has it, seen from a function."""
    return next(([(each.code, owner) for each in names[name]] for names in script.scopes(owner) if name in names), [])


def additions_to(script: Script, name: str, owner: str) -> Iterator[str]:
    """What is added to a list: ``cmd += […]``, ``cmd.extend(…)``, ``cmd.append(…)``."""
    function = script.functions.get(owner)
    if function is None:
        return
    yield from (each.code for each in function.added.get(name, ()))
    for call in function.calls:
        if call.attr in ("extend", "append") and call.receiver is not None and call.receiver.code == name:
            yield from (each.value.code for each in call.arguments[:1])


def _attribute(script: Script, head: str, name: str, owner: str, depth: int) -> list[Value]:
    """An attribute of a class of the script, of an object of one, or of parsed arguments."""
    if head in script.classes:
        return [(each.code, "") for each in script.classes[head].names.get(name, ())]
    found: list[Value] = []
    for code, whose in meanings_of(script, head, owner, depth - 1):
        node = parse_expression(code)
        if not isinstance(node, ast.Call):
            continue
        made_by = dotted_name(node.func)
        if made_by in script.classes:
            given = next((each.value for each in node.keywords if each.arg == name), None)
            own = [(each.code, "") for each in script.classes[made_by].names.get(name, ())]
            found += [(ast.unparse(given), whose)] if given is not None else own
        elif made_by.endswith("parse_args") or made_by.endswith("parse_known_args"):
            found += _argparse_default(script, name)
    return found


def _argparse_default(script: Script, name: str) -> list[Value]:
    found: list[Value] = []
    for call in script.calls:
        if call.attr != "add_argument":
            continue
        flags = [each.text or "" for each in call.positional]
        names = {flag.lstrip("-").replace("-", "_") for flag in flags if flag.startswith("--")}
        destination, default = call.get("dest"), call.get("default")
        if default is not None and (destination.text == name if destination else name in names):
            found.append((default.code, call.owner))
    return found


def _given_to_function(script: Script, owner: str, parameter: str) -> list[Value]:
    """What the script itself passes for a parameter that has no default."""
    function = script.functions.get(owner)
    if function is None or parameter not in function.parameters:
        return []
    names = [each for each in function.parameters if each not in ("self", "cls")]
    place = names.index(parameter) if parameter in names else -1
    found: list[Value] = []
    for call in script.calls:
        if call.owner != owner and (value := _passed(call, function.short_name, parameter, place)) is not None:
            found.append((value, call.owner))
    return found


def _given_to_class(script: Script, owner: str, parameter: str) -> list[Value]:
    """What is passed for a ``modal.parameter()``: ``Server(model="…")``."""
    name = owner.rpartition(".")[0]
    return [
        (value.code, call.owner)
        for call in script.calls
        if name and call.name == name and (value := call.get(parameter)) is not None
    ]


def _passed(call: Call, function: str, parameter: str, place: int) -> str | None:
    """The code that a call passes for a parameter of a function: called, called in the cloud, or run in a build."""
    called = call.name.rpartition(".")
    is_called = call.name == function or (called[2] in _REMOTE and called[0].rpartition(".")[2] == function)
    if is_called or call.name == f"self.{function}":
        value = call.at(place, parameter) if place >= 0 else call.get(parameter)
        return value.code if value is not None else None
    step = call.first("raw_f") if call.attr == "run_function" else None
    if step is None or step.name != function:
        return None
    keywords, positional_list = call.get("kwargs"), call.get("args")
    for key, value in (keywords.items or ()) if keywords is not None else ():
        if key is not None and key.text == parameter:
            return value.code
    items = (positional_list.items or ()) if positional_list is not None else ()
    return items[place][1].code if 0 <= place < len(items) else None
