"""API that is gone: of modal before 1.0, of outlines before 1.0, and a parameter of transformers that never was."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.core.doctor.current_api import (
    AS_OF,
    DEPRECATED,
    GENERATORS,
    LOOKUPS,
    OUTPUT_TOKENS,
    REMOVED,
    REMOVED_IMAGE_METHODS,
    REMOVED_KEYWORDS,
    RENAMED,
    RENAMED_IMAGE_METHODS,
    RENAMED_KEYWORDS,
)
from wizard.core.doctor.finding import Finding, RuleContext, add_argument
from wizard.core.doctor.rules.access import is_image
from wizard.core.doctor.script_model import Call, Edit, Expression, Script


def api_findings(context: RuleContext) -> Iterator[Finding]:
    """Every finding about API that is gone."""
    yield from _names(context)
    yield from _keywords(context)
    for call in context.script.calls:
        yield from _gpu(call)
        yield from _image_method(context.script, call)
        yield from _outlines_model(context.script, call)
        yield from _outlines_generator(context.script, call)
        yield from _answer(context.script, call)
        yield from _device(call)


def _names(context: RuleContext) -> Iterator[Finding]:
    """Dotted names that are called something else now, or are gone."""
    seen: set[tuple[int, str]] = set()
    script = context.script
    used = [(call.name, call.line, call.function) for call in script.calls]
    used += [(expression.name, expression.line, expression.span) for expression in script.attributes]
    for name, line, span in used:
        if (line, name) in seen:
            continue
        seen.add((line, name))
        if name in RENAMED or name in LOOKUPS:
            new = RENAMED.get(name, name.removesuffix("lookup") + "from_name")
            word, new_imports = context.modal(new.removeprefix("modal.").split(".")[0])
            code = ".".join([word, *new.removeprefix("modal.").split(".")[1:]])
            edit = Edit(span, code)
            yield Finding("removed_api", "failed", line, f"{name} is gone {AS_OF}; it is {new} now.", f"Write {code}.",
                          (edit,), new_imports, (name,) if name in RENAMED else ())  # fmt: skip
        elif gone := next((each for each in REMOVED if name == each or name.startswith(f"{each}.")), None):
            library = "as of outlines 1.3" if name.startswith("outlines") else AS_OF
            yield Finding("removed_api", "failed", line, f"{gone} is gone {library}.", REMOVED[gone])
        elif old := next((each for each in DEPRECATED if name == each or name.startswith(f"{each}.")), None):
            detail = f"{old} will be taken out of modal: it says so {AS_OF}."
            yield Finding("deprecated_api", "warning", line, detail, DEPRECATED[old])


def _keywords(context: RuleContext) -> Iterator[Finding]:
    for deployable in context.deployables:
        given = {argument.keyword for argument in deployable.options.arguments}
        for argument in deployable.options.arguments:
            old = argument.keyword or ""
            if old in RENAMED_KEYWORDS:
                new = RENAMED_KEYWORDS[old]
                edits = () if new in given else (Edit(argument.span, f"{new}={argument.value.code}"),)
                detail = f"{old}= is gone {AS_OF}; it is {new}= now."
                yield Finding("removed_api", "failed", argument.value.line, detail,
                              f"Write {new}={argument.value.code}.", edits)  # fmt: skip
            elif old in REMOVED_KEYWORDS:
                detail = f"{old}= is gone {AS_OF}."
                yield Finding("removed_api", "failed", argument.value.line, detail, REMOVED_KEYWORDS[old])


def _gpu(call: Call) -> Iterator[Finding]:
    """``modal.gpu.A100(size="80GB", count=2)`` is the text ``A100-80GB:2`` now."""
    if not call.name.startswith("modal.gpu."):
        return
    text = _gpu_text(call)
    hint = f'Write gpu="{text}".' if text else 'Write the GPU as text, for instance gpu="A100-80GB:2".'
    edits = (Edit(call.span, f'"{text}"'),) if text else ()
    yield Finding("removed_api", "failed", call.line, f"{call.name} is gone {AS_OF}: a GPU is a text now.", hint, edits,
                  dropped_imports=("modal.gpu",))  # fmt: skip


def _gpu_text(call: Call) -> str:
    kind = call.name.removeprefix("modal.gpu.").upper().replace("_", "-")
    size, memory, count = (call.get(keyword) for keyword in ("size", "memory", "count"))
    if any(argument.keyword not in ("size", "memory", "count") for argument in call.arguments):
        return ""
    gigabytes = str(size.value if size else memory.value if memory else "").upper().removesuffix("GB")
    number = count.value if count else 1
    if not isinstance(number, int) or (gigabytes and not gigabytes.isdecimal()):
        return ""
    return f"{kind}{f'-{gigabytes}GB' if gigabytes and kind == 'A100' else ''}{f':{number}' if number > 1 else ''}"


def _image_method(script: Script, call: Call) -> Iterator[Finding]:
    if call.receiver is None or not (is_image(script, call) or call.name.startswith("modal.Image.")):
        return
    end = call.function[1]
    if call.attr in RENAMED_IMAGE_METHODS:
        new = RENAMED_IMAGE_METHODS[call.attr]
        edits = [Edit((end - len(call.attr), end), new)]
        if new.startswith("add_local") and call.get("copy") is None:
            edits.append(add_argument(call, "copy=True"))
        yield Finding("removed_api", "failed", call.line, f"Image.{call.attr} is gone {AS_OF}; it is {new} now.",
                      f"Write {new}(…).", tuple(edits))  # fmt: skip
    elif call.attr in REMOVED_IMAGE_METHODS:
        detail = f"Image.{call.attr} is gone {AS_OF}."
        yield Finding("removed_api", "failed", call.line, detail, REMOVED_IMAGE_METHODS[call.attr])


def _outlines_model(script: Script, call: Call) -> Iterator[Finding]:
    """``outlines.models.transformers(name)`` loaded a model by name; from_transformers wraps a loaded one."""
    if call.name != "outlines.models.transformers":
        return
    model = call.first("model_name")
    edits: tuple[Edit, ...] = ()
    if model is not None and all(each.keyword in (None, "model_name", "device") for each in call.arguments):
        code = (
            f"outlines.from_transformers(\n{call.indent}    "
            f'transformers.AutoModelForCausalLM.from_pretrained({model.code}, device_map="auto"),\n{call.indent}    '
            f"transformers.AutoTokenizer.from_pretrained({model.code}),\n{call.indent})"
        )
        edits = (*_imports_before(script, call, ("outlines", "transformers")), Edit(call.span, code))
    yield Finding(
        "removed_api",
        "failed",
        call.line,
        "outlines.models.transformers(…) is gone as of outlines 1.3.",
        "Load the model with transformers, and wrap it: outlines.from_transformers(model, tokenizer).",
        edits,
    )


def _imports_before(script: Script, call: Call, modules: tuple[str, ...]) -> tuple[Edit, ...]:
    known = {
        called
        for each in script.imports
        for _, called in each.names
        if not each.module and each.owner in ("", call.owner) and each.statement[0] < call.span[0]
    }
    missing = [module for module in modules if module not in known]
    text = "".join(f"{call.indent}import {module}\n" for module in missing)
    return (Edit((call.statement, call.statement), text),) if text else ()


def _outlines_generator(script: Script, call: Call) -> Iterator[Finding]:
    """``outlines.generate.json(model, schema)`` is ``outlines.Generator(model, type)``, and answers with text."""
    kind = call.name.removeprefix("outlines.generate.")
    if kind == call.name or kind not in GENERATORS:
        return
    code = _generator_code(script, call, kind)
    edits = (*_imports_before(script, call, ("outlines",)), Edit(call.span, code)) if code else ()
    yield Finding(
        "removed_api",
        "failed",
        call.line,
        f"{call.name}(…) is gone as of outlines 1.3.",
        "Use outlines.Generator(model, output type). It answers with text: parse it where an object is needed.",
        edits,
    )


def _generator_code(script: Script, call: Call, kind: str) -> str:
    if not call.arguments or any(each.keyword is not None for each in call.arguments):
        return ""
    model = call.arguments[0].value.code
    if kind == "text":
        return f"outlines.Generator({model})"
    if len(call.arguments) != 2:
        return ""
    given = call.arguments[1].value
    wanted = GENERATORS[kind].format(given.code)
    if kind == "json":
        meant = script.resolve(given, call.owner)
        is_class = given.name in script.classes or (
            given.name.rpartition(".")[2][:1].isupper() and not meant_text(meant)
        )
        if not is_class and not meant_text(meant):
            return ""
        wanted = given.code if is_class else f"outlines.json_schema({given.code})"
    return f"outlines.Generator({model}, {wanted})"


def meant_text(expression: Expression | None) -> bool:
    """Whether an expression is a JSON Schema: as text, or as a dictionary."""
    return expression is not None and (expression.text is not None or expression.items is not None)


def _answer(script: Script, call: Call) -> Iterator[Finding]:
    """A call of an Outlines model or generator on transformers: without a limit it stops after 20 tokens."""
    if call.attr == "batch" or not is_generator(script, call):
        return
    if call.unpacks or any(each.keyword in ("max_new_tokens", "max_length", "max_tokens") for each in call.arguments):
        return
    yield Finding(
        "answer_cut_short",
        "failed",
        call.line,
        "The call names no max_new_tokens: transformers stops after 20 tokens, in the middle of most JSON.",
        f"Pass max_new_tokens=…, for instance {OUTPUT_TOKENS}.",
        (add_argument(call, f"max_new_tokens={OUTPUT_TOKENS}"),),
    )


def is_generator(script: Script, call: Call) -> bool:
    """Whether what is called is an Outlines model over transformers, or a generator over one."""
    return made_by(script, call) in ("outlines.from_transformers", "outlines.Generator")


def made_by(script: Script, call: Call) -> str:
    """Which function of outlines made what is called, where it rests on transformers; empty for anything else."""
    if not call.name or ("." in call.name and not call.name.startswith("self.")):
        return ""
    made = script.resolve(Expression(call.function, call.line, call.name, call.name), call.owner)
    name = made.call.name if made is not None and made.call is not None else ""
    if made is not None and made.call is not None and name == "outlines.Generator" and made.call.arguments:
        made = script.resolve(made.call.arguments[0].value, call.owner)
    if made is None or made.call is None or made.call.name != "outlines.from_transformers":
        return ""
    return name


def _device(call: Call) -> Iterator[Finding]:
    """``AutoModel….from_pretrained(device="cuda")``: there is no such parameter."""
    argument = next((each for each in call.arguments if each.keyword == "device"), None)
    is_model = ".AutoModel" in call.name or call.name.startswith("AutoModel")
    if call.attr != "from_pretrained" or not is_model or argument is None:
        return
    where = "auto" if argument.value.text in ("cuda", "auto", "cuda:0") else argument.value.text
    edits = (Edit(argument.span, f'device_map="{where}"'),) if where else ()
    yield Finding(
        "unknown_parameter",
        "failed",
        argument.value.line,
        "from_pretrained has no parameter device: the model's own class refuses it.",
        'Write device_map="auto".',
        edits,
    )


def content_findings(context: RuleContext) -> Iterator[Finding]:
    """``model(prompt, type).content``: Outlines answers with the text itself."""
    calls = {call.span: call for call in context.script.calls}
    for each in context.script.call_attributes:
        call = calls.get(each.call)
        if call is not None and each.attr == "content" and is_generator(context.script, call):
            yield Finding(
                "answer_is_text",
                "failed",
                each.line,
                "Outlines answers with text, which has no attribute content.",
                "Leave out .content.",
                (Edit((each.call[1], each.span[1]), ""),),
            )
