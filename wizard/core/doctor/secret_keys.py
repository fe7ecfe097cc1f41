"""Which variables a Modal Secret has to hold, so that the code which gets it finds its access token."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from wizard.core.doctor.current_api import TOKEN_NAMES
from wizard.core.doctor.deployables import Deployable
from wizard.core.doctor.finding import RuleContext
from wizard.core.doctor.python_source import PythonSource, own_nodes, python_source, variable_key
from wizard.core.doctor.script_model import Call, Expression, Script, pairs
from wizard.core.doctor.values import Values

USUAL = "HF_TOKEN"  # what the Hub's own library reads
_OF_THE_HUB = re.compile(r"(?:HF|HUGGING_?FACE)\w*(?:TOKEN|KEY|SECRET|AUTH)\w*", re.IGNORECASE)
_GIVES_TOKEN = {"token", "use_auth_token", "hf_token", "auth_token", "api_token", "hf_api_token"}
_SETS_USUAL = re.compile(r"environ(?:\[\s*[\"']HF_TOKEN[\"']\s*\]\s*=[^=]|\.setdefault\(\s*[\"']HF_TOKEN[\"'])")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def is_token_name(name: str | None) -> bool:
    """Whether a variable holds an access token of the Hub, by its name."""
    return name is not None and (name in TOKEN_NAMES or _OF_THE_HUB.fullmatch(name) is not None)


def token_keys(context: RuleContext, deployable: Deployable, *more: str) -> tuple[str, ...]:
    """The variables that a deployable's code reads its access token from; the usual one where it names none.
    `more` are those that it will read after a change.

    Of several that stand in for each other in one statement, one is enough.
    """
    script = context.script
    source = python_source(script.source)
    found = list(more)
    for statement in _statements(source, {function.name for function in deployable.functions}):
        reads = list(_reads(script, source, statement))
        must = [name for name, is_needed in reads if is_needed]
        found += must
        may = [name for name, _ in reads]
        if may and not must and not set(may) & set(found):
            found.append(USUAL if USUAL in may else may[0])
    if not found or (not {USUAL, "HUGGING_FACE_HUB_TOKEN"} & set(found) and _looks_itself(context, deployable)):
        found.insert(0, USUAL)
    return tuple(dict.fromkeys(found))


def known_keys(script: Script, deployable: Deployable) -> set[str]:
    """The variables that a deployable's Secrets hold for certain: those that the script itself names."""
    given = deployable.options.get("secrets") or (deployable.app.get("secrets") if deployable.app else None)
    meant = script.resolve(given)
    keys: set[str] = set()
    for _, item in (meant.items or ()) if meant is not None else ():
        secret = script.resolve(item)
        if secret is not None and secret.call is not None:
            keys |= _keys_of(script, secret.call)
    return keys


def _keys_of(script: Script, call: Call) -> set[str]:
    if call.name == "modal.Secret.from_dict":
        return {key.text for key, _ in pairs(script.resolve(call.first("env_dict"), call.owner)) if key.text}
    required = script.resolve(call.get("required_keys"), call.owner)
    texts = [item.text for _, item in required.items or ()] if required is not None else []
    return {text for text in texts if text}


def _statements(source: PythonSource, names: Iterable[str]) -> Iterator[ast.stmt]:
    """The simple statements of the outermost functions with these names, and the heads of compound ones."""
    wanted = set(names)
    for name, function in _functions(source.tree.body, ""):
        if name in wanted:
            yield from (node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function)


def _functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, _Function]]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _functions(node.body, prefix)


def _reads(script: Script, source: PythonSource, statement: ast.stmt) -> Iterator[tuple[str, bool]]:
    """The tokens that a statement reads, itself or by a constant of the module, and whether it fails without."""
    for node in own_nodes(statement):
        name, is_needed = _read(script, source, node)
        if name and (is_token_name(name) or _is_given_as_token(source, node)):
            yield name, is_needed
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            for value in _constants(source, node.id):
                for inner in ast.walk(value):
                    name, is_needed = _read(script, source, inner)
                    if name and (is_token_name(name) or _is_given_as_token(source, node)):
                        yield name, is_needed


def _constants(source: PythonSource, name: str) -> list[ast.expr]:
    """What the module itself assigns to a name."""
    return [
        node.value
        for node in source.tree.body
        if isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) and each.id == name for each in node.targets)
    ]


def _read(script: Script, source: PythonSource, node: ast.AST) -> tuple[str, bool]:
    """The variable that an expression reads, and whether it must be there; empty for anything else."""
    found = variable_key(node)
    if found is None or (isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)):
        return "", False
    key, is_needed = found
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return key.value, is_needed
    if isinstance(key, ast.Name):
        text = Values(script).text(Expression(source.span(key), key.lineno, key.id, key.id))
        return text or "", is_needed
    return "", False


def _is_given_as_token(source: PythonSource, node: ast.AST) -> bool:
    above = source.parent(node)
    if isinstance(above, ast.keyword):
        return above.arg in _GIVES_TOKEN
    return isinstance(above, ast.Call) and ast.unparse(above.func).rpartition(".")[2] == "login" and node in above.args


def _looks_itself(context: RuleContext, deployable: Deployable) -> bool:
    """Whether the Hub's library has to find the token by itself, under the usual name."""
    if any(call.attr == "login" for call in deployable.calls):
        return False
    if any(_SETS_USUAL.search(function.code) for function in deployable.functions):
        return False
    gated = [load for load in deployable.loads if context.needs_token(load.model)]
    return any(not any(load.call.get(keyword) for keyword in _GIVES_TOKEN) for load in gated)
