"""``modal.gpu.A100(size="80GB", count=2)`` is the text ``A100-80GB:2`` now, unless it is read as an object."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from wizard.core.doctor.current_api import AS_OF
from wizard.core.doctor.finding import Finding, RuleContext
from wizard.core.doctor.fixes.imports import exchange_names
from wizard.core.doctor.python_source import PythonSource, python_source
from wizard.core.doctor.script_model import Call, Edit

_TAKES_GPU = {"function", "cls", "server", "create", "with_options", "run_function", "run_commands", "pip_install",
              "uv_pip_install", "apt_install", "dockerfile_commands", "poetry_install_from_file", "from_dockerfile",
              "from_registry", "pip_install_from_requirements", "pip_install_from_pyproject", "micromamba_install",
              "pip_install_private_repos", "uv_sync"}  # fmt: skip
_PLAIN = re.compile(r"[^\W\d]\w*(?:\.\w+)*")


class _NotPlain(Exception):
    """A GPU is used as more than the value of gpu=."""

    def __init__(self, node: ast.AST) -> None:
        super().__init__()
        self.line = getattr(node, "lineno", 0)


def gpu_findings(context: RuleContext) -> Iterator[Finding]:
    """Every GPU that is made by a call."""
    source = python_source(context.script.source)
    for call in context.script.calls:
        if not call.name.startswith("modal.gpu."):
            continue
        text, count = _text(call)
        hint = f"Write gpu={text}." if text else 'Write the GPU as text, for instance gpu="A100-80GB:2".'
        edits: tuple[Edit, ...] = ()
        reason = ""
        node = source.call_at(call.span)
        if text and node is not None:
            try:
                edits = (Edit(call.span, text), *_edits(source, node, count))
            except _NotPlain as error:
                reason = f"line {error.line} uses the GPU as an object, which a text is not"
        detail = f"{call.name} is gone {AS_OF}: a GPU is a text now."
        yield Finding("removed_api", "failed", call.line, detail, hint, edits,
                      dropped_imports=("modal.gpu",), left_because=reason)  # fmt: skip
    yield from _unread_imports(source)


def _unread_imports(source: PythonSource) -> Iterator[Finding]:
    """``from modal import gpu`` that nothing reads: it stops the import of the script all the same."""
    is_read = any(isinstance(node, ast.Attribute) and ast.unparse(node) == "modal.gpu" for node in source.nodes)
    for node in source.nodes:
        edits: list[Edit] = []
        if isinstance(node, ast.Import) and not is_read:
            plain = [each for each in node.names if each.name == "modal.gpu" and each.asname is None]
            edits = [Edit(source.span(each), "modal") for each in plain]
        elif isinstance(node, ast.ImportFrom) and node.module == "modal" and not node.level:
            gone = [each for each in node.names if each.name == "gpu" and not source.reads(each.asname or "gpu")]
            edits = exchange_names(source, node, gone, []) if gone else []
        if edits:
            detail = f"modal.gpu is gone {AS_OF}: the script cannot be imported."
            line = getattr(node, "lineno", 1)
            yield Finding("removed_api", "failed", line, detail, "Leave out this import.", tuple(edits))


def _text(call: Call) -> tuple[str, str]:
    """The code of the text that says the same, and of its count; empty where that cannot be told."""
    kind = call.name.removeprefix("modal.gpu.").upper().replace("_", "-")
    size, memory, count = (call.get(keyword) for keyword in ("size", "memory", "count"))
    if any(argument.keyword not in ("size", "memory", "count") for argument in call.arguments):
        return "", ""
    if any(each is not None and not each.is_literal for each in (size, memory)):
        return "", ""
    gigabytes = str(size.value if size else memory.value if memory else "").upper().removesuffix("GB")
    if gigabytes and not gigabytes.isdecimal():
        return "", ""
    kind = f"{kind}{f'-{gigabytes}GB' if int(gigabytes or 0) and kind == 'A100' else ''}"
    if count is None or (count.is_literal and count.value == 1):
        return f'"{kind}"', "1"
    if isinstance(count.value, int) and not isinstance(count.value, bool) and count.value > 1:
        return f'"{kind}:{count.value}"', str(count.value)
    return (f'f"{kind}:{{{count.code}}}"', count.code) if _PLAIN.fullmatch(count.code) else ("", "")


def _edits(source: PythonSource, node: ast.expr, count: str) -> list[Edit]:
    """The further changes that a GPU which is a text needs. Raises _NotPlain where it has to stay an object."""
    name = _destination(source, node)
    if not name:
        return []
    edits: list[Edit] = []
    for read in source.reads(name):
        above = source.parent(read)
        if isinstance(above, ast.Attribute) and above.attr == "count" and isinstance(above.ctx, ast.Load):
            if len(source.bindings(name)) > 1:
                raise _NotPlain(read)
            edits.append(Edit(source.span(above), count))
        elif _destination(source, read):
            raise _NotPlain(read)
    return edits


def _destination(source: PythonSource, node: ast.expr) -> str:
    """The name that an expression is assigned to; empty where it is the value of gpu= itself. Raises _NotPlain."""
    above = source.parent(node)
    if isinstance(above, ast.keyword) and above.arg == "gpu":
        call = source.parent(above)
        if isinstance(call, ast.Call) and _last_name(call.func) in _TAKES_GPU:
            return ""
        if isinstance(call, ast.Call) and _last_name(call.func) == "dict":
            return _options(source, call)
    if isinstance(above, (ast.List, ast.Tuple, ast.BoolOp)) or (
        isinstance(above, ast.IfExp) and node is not above.test
    ):
        return _destination(source, above)
    if isinstance(above, ast.Dict) and node in above.values:
        key = above.keys[above.values.index(node)]
        if isinstance(key, ast.Constant) and key.value == "gpu":
            return _options(source, above)
    if isinstance(above, (ast.Assign, ast.AnnAssign)) and not isinstance(source.parent(above), ast.ClassDef):
        targets = above.targets if isinstance(above, ast.Assign) else [above.target]
        if len(targets) == 1 and isinstance(targets[0], ast.Name):
            return targets[0].id
    raise _NotPlain(node)


def _options(source: PythonSource, options: ast.expr) -> str:
    """Empty where a dictionary of options is only unpacked into calls that take a GPU. Raises _NotPlain."""
    above = source.parent(options)
    if isinstance(above, ast.keyword) and above.arg is None:
        call = source.parent(above)
        if isinstance(call, ast.Call) and _last_name(call.func) in _TAKES_GPU:
            return ""
    elif isinstance(above, ast.Assign) and len(above.targets) == 1 and isinstance(above.targets[0], ast.Name):
        for read in source.reads(above.targets[0].id):
            if source.parent(read) is options or not isinstance(source.parent(read), ast.keyword):
                raise _NotPlain(read)
            _options(source, read)
        return ""
    raise _NotPlain(options)


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
