"""How functions of an App are declared, entered and called: ways that modal refuses, or passes over, by now."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.core.doctor.current_api import AS_OF, OLD_LIFECYCLE, REMOVED_APP_METHODS
from wizard.core.doctor.deployables import is_app
from wizard.core.doctor.finding import Finding, RuleContext
from wizard.core.doctor.script_model import Call, Edit, Expression, Script


def app_findings(context: RuleContext) -> Iterator[Finding]:
    """Every finding about the functions of an App."""
    yield from _decorators(context)
    yield from _lifecycle(context)
    for call in context.script.calls:
        yield from _app_method(context.script, call)


def _decorators(context: RuleContext) -> Iterator[Finding]:
    """``@app.function`` without parentheses, and on a method: modal refuses both."""
    script = context.script
    for function in script.functions.values():
        for expression in function.decorators:
            name = expression.call.attr if expression.call else expression.name.rpartition(".")[2]
            head = expression.code.partition(".")[0]
            receiver = (
                expression.call.receiver
                if expression.call
                else Expression(expression.span, expression.line, head, head)
            )
            if name != "function" or "." not in expression.code or not is_app(script, receiver):
                continue
            if "." in function.name:
                detail = f"{function.name} is a method, where modal refuses @{head}.function {AS_OF}."
                hint = f"Decorate its class with @{head}.cls(…), and this method with @modal.method()."
                yield Finding("removed_api", "failed", expression.line, detail, hint)
            elif expression.call is None:
                detail = f"@{expression.code} has no parentheses: modal refuses it {AS_OF}."
                edit = Edit((expression.span[1], expression.span[1]), "()")
                yield Finding("removed_api", "failed", expression.line, detail, f"Write @{expression.code}().", (edit,))


def _lifecycle(context: RuleContext) -> Iterator[Finding]:
    """``__enter__`` of a class in the cloud: no container calls it any more."""
    for deployable in context.deployables:
        for function in deployable.functions if deployable.kind == "class" else ():
            new = OLD_LIFECYCLE.get(function.short_name)
            if new and function.name == f"{deployable.name}.{function.short_name}" and not function.decorators:
                when = "starts" if new == "enter" else "stops"
                detail = f"No container calls {function.name} when it {when}, {AS_OF}."
                hint = f"Give it another name, and decorate it with @modal.{new}()."
                yield Finding("removed_api", "failed", function.line, detail, hint)


def _app_method(script: Script, call: Call) -> Iterator[Finding]:
    """``app.webhook(…)``, and ``function.call(…)``, which is called remote now."""
    if call.attr in REMOVED_APP_METHODS and is_app(script, call.receiver):
        yield Finding("removed_api", "failed", call.line, f"App.{call.attr} is gone {AS_OF}.", "Decorate the function "
                      "with @app.function(), and for the web with @modal.fastapi_endpoint().")  # fmt: skip
    elif call.attr == "call" and call.receiver is not None and not call.name.startswith("subprocess"):
        short = call.receiver.code.rpartition(".")[2]
        in_cloud = {
            function.short_name
            for function in script.functions.values()
            for each in function.decorators
            if each.called.rpartition(".")[2] in ("function", "method")
        }
        if short in in_cloud:
            end = call.function[1]
            detail = f"{short}.call is gone {AS_OF}; it is {short}.remote now."
            yield Finding("removed_api", "failed", call.line, detail,
                          f"Write {short}.remote(…).", (Edit((end - 4, end), "remote"),))  # fmt: skip
