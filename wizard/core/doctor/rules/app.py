"""How functions of an App are declared, entered and called: ways that modal refuses, or passes over, by now."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.core.doctor.current_api import NOW, OLD_LIFECYCLE, REMOVED_APP_METHODS
from wizard.core.doctor.deployables import is_app
from wizard.core.doctor.finding import Context, Finding
from wizard.core.doctor.script_model import Call, Edit, Piece, Script


def app_findings(context: Context) -> Iterator[Finding]:
    """Every finding about the functions of an App."""
    yield from _decorators(context)
    yield from _lifecycle(context)
    for call in context.script.calls:
        yield from _app_method(context.script, call)


def _decorators(context: Context) -> Iterator[Finding]:
    """``@app.function`` without parentheses, and on a method: modal refuses both."""
    script = context.script
    for function in script.functions.values():
        for piece in function.decorators:
            name = piece.call.attr if piece.call else piece.name.rpartition(".")[2]
            head = piece.code.partition(".")[0]
            receiver = piece.call.receiver if piece.call else Piece(piece.span, piece.line, head, head)
            if name != "function" or "." not in piece.code or not is_app(script, receiver):
                continue
            if "." in function.name:
                detail = f"{function.name} is a method, where modal refuses @{head}.function {NOW}."
                hint = f"Decorate its class with @{head}.cls(…), and this method with @modal.method()."
                yield Finding("removed_api", "failed", piece.line, detail, hint)
            elif piece.call is None:
                detail = f"@{piece.code} has no parentheses: modal refuses it {NOW}."
                edit = Edit((piece.span[1], piece.span[1]), "()")
                yield Finding("removed_api", "failed", piece.line, detail, f"Write @{piece.code}().", (edit,))


def _lifecycle(context: Context) -> Iterator[Finding]:
    """``__enter__`` of a class in the cloud: no container calls it any more."""
    for unit in context.units:
        for function in unit.functions if unit.kind == "class" else ():
            new = OLD_LIFECYCLE.get(function.short)
            if new and function.name == f"{unit.name}.{function.short}" and not function.decorators:
                when = "starts" if new == "enter" else "stops"
                detail = f"No container calls {function.name} when it {when}, {NOW}."
                hint = f"Give it another name, and decorate it with @modal.{new}()."
                yield Finding("removed_api", "failed", function.line, detail, hint)


def _app_method(script: Script, call: Call) -> Iterator[Finding]:
    """``app.webhook(…)``, and ``function.call(…)``, which is called remote now."""
    if call.attr in REMOVED_APP_METHODS and is_app(script, call.receiver):
        yield Finding("removed_api", "failed", call.line, f"App.{call.attr} is gone {NOW}.", "Decorate the function "
                      "with @app.function(), and for the web with @modal.fastapi_endpoint().")  # fmt: skip
    elif call.attr == "call" and call.receiver is not None and not call.name.startswith("subprocess"):
        short = call.receiver.code.rpartition(".")[2]
        in_cloud = {
            function.short
            for function in script.functions.values()
            for each in function.decorators
            if (each.call.name if each.call else each.name).rpartition(".")[2] in ("function", "method")
        }
        if short in in_cloud:
            end = call.function[1]
            yield Finding("removed_api", "failed", call.line, f"{short}.call is gone {NOW}; it is {short}.remote now.",
                          f"Write {short}.remote(…).", (Edit((end - 4, end), "remote"),))  # fmt: skip
