"""API that is gone: of modal before 1.0, of outlines before 1.0, and a parameter of transformers that never was."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wizard.core.doctor.current_api import (
    AS_OF,
    DEPRECATED,
    GENERATORS,
    LOOKUPS,
    NEW_KEYWORDS,
    OUTPUT_TOKENS,
    REMOVED,
    REMOVED_IMAGE_METHODS,
    RENAMED,
    RENAMED_IMAGE_METHODS,
)
from wizard.core.doctor.edits import add_argument, remove_argument, rename_keyword, replace
from wizard.core.doctor.finding import Finding, RuleContext
from wizard.core.doctor.python_source import python_source
from wizard.core.doctor.rules.gpu import gpu_findings
from wizard.core.doctor.rules.image_secrets import is_image
from wizard.core.doctor.rules.keywords import keyword_findings
from wizard.core.doctor.script_model import Call, Edit, Expression, Script, Span
from wizard.core.doctor.values import Values

OUTLINES = "outlines"  # its old calls and an old pin of the package change together
OLD_OUTLINES = re.compile(r"outlines\s*(?:==|~=|<=)\s*0\.")


def api_findings(context: RuleContext) -> Iterator[Finding]:
    """Every finding about API that is gone."""
    yield from _names(context)
    yield from keyword_findings(context)
    yield from gpu_findings(context)
    for call in context.script.calls:
        yield from _image_method(context.script, call)
        yield from _outlines_model(context.script, call)
        yield from _outlines_generator(context.script, call)
        yield from _answer(context.script, call)
        yield from _device(context.script, call)


def _names(context: RuleContext) -> Iterator[Finding]:
    """Dotted names that are called something else now, or are gone."""
    seen: set[tuple[int, str]] = set()
    script = context.script
    calls = {call.function: call for call in script.calls}
    used = [(call.name, call.line, call.function) for call in script.calls]
    used += [(expression.name, expression.line, expression.span) for expression in script.attributes]
    used += _bare_names(script, {span for _, _, span in used})
    for name, line, span in used:
        if (line, name) in seen:
            continue
        seen.add((line, name))
        if name in RENAMED or name in LOOKUPS:
            new = RENAMED.get(name, name.removesuffix("lookup") + "from_name")
            word, new_imports = context.modal(new.removeprefix("modal.").split(".")[0])
            code = ".".join([word, *new.removeprefix("modal.").split(".")[1:]])
            reason = _refused_keywords(calls.get(span), new, NEW_KEYWORDS.get(new))
            yield Finding("removed_api", "failed", line, f"{name} is gone {AS_OF}; it is {new} now.", f"Write {code}.",
                          () if reason else (Edit(span, code),), new_imports, (name,) if name in RENAMED else (),
                          left_because=reason)  # fmt: skip
        elif gone := next((each for each in REMOVED if name == each or name.startswith(f"{each}.")), None):
            library = "as of outlines 1.3" if name.startswith("outlines") else AS_OF
            group = _group(script) if name.startswith("outlines") else ""
            yield Finding("removed_api", "failed", line, f"{gone} is gone {library}.", REMOVED[gone], group=group)
        elif old := next((each for each in DEPRECATED if name == each or name.startswith(f"{each}.")), None):
            detail = f"{old} will be taken out of modal: it says so {AS_OF}."
            yield Finding("deprecated_api", "warning", line, detail, DEPRECATED[old])


def _group(script: Script) -> str:
    """What the calls of outlines belong to: where its version is pinned to an old one, half a change breaks them."""
    return OUTLINES if any(OLD_OUTLINES.match(each.text or "") for each in script.strings) else ""


def _bare_names(script: Script, known: set[Span]) -> Iterator[tuple[str, int, Span]]:
    """Names from modal that are read without being called, as in an annotation."""
    source = python_source(script.source)
    for each in script.imports:
        for name, called in each.names:
            if each.module == "modal" and f"modal.{name}" in RENAMED:
                places = ((source.span(read), read.lineno) for read in source.reads(called))
                yield from ((f"modal.{name}", line, span) for span, line in places if span not in known)


def _refused_keywords(call: Call | None, new: str, accepted: frozenset[str] | None) -> str:
    """Why a call cannot just be given another name: the new one has no such argument."""
    names = [each.value for each in call.arguments if each.keyword in (None, "name")] if call else []
    if new == "modal.Function.from_name" and any("." in (each.text or "") for each in names[1:]):
        return "a method is found by modal.Cls.from_name, and called on an object of the class"
    for argument in call.arguments if call and accepted else ():
        if argument.keyword and not argument.keyword.startswith("*") and argument.keyword not in (accepted or ()):
            return f"{new} has no argument {argument.keyword}"
    return ""


def _image_method(script: Script, call: Call) -> Iterator[Finding]:
    if call.receiver is None or not (is_image(script, call) or call.name.startswith("modal.Image.")):
        return
    end = call.function[1]
    if call.attr in RENAMED_IMAGE_METHODS:
        new = RENAMED_IMAGE_METHODS[call.attr]
        edits = [Edit((end - len(call.attr), end), new)]
        if new.startswith("add_local") and call.get("copy") is None:
            edits.append(add_argument(call, "copy=True"))
        reason = _refused_keywords(call, new, NEW_KEYWORDS.get(new))
        if new.startswith("add_local") and not reason and not _has_absolute_target(script, call):
            reason = f"{new} takes an absolute path in the container"
        yield Finding("removed_api", "failed", call.line, f"Image.{call.attr} is gone {AS_OF}; it is {new} now.",
                      f"Write {new}(…).", () if reason else tuple(edits), left_because=reason)  # fmt: skip
    elif call.attr in REMOVED_IMAGE_METHODS:
        detail = f"Image.{call.attr} is gone {AS_OF}."
        yield Finding("removed_api", "failed", call.line, detail, REMOVED_IMAGE_METHODS[call.attr])


def _has_absolute_target(script: Script, call: Call) -> bool:
    """Whether the path in the container is given, and is absolute."""
    return (Values(script).text(call.at(1, "remote_path"), call.owner) or "").startswith("/")


def _outlines_model(script: Script, call: Call) -> Iterator[Finding]:
    """``outlines.models.transformers(name)`` loaded a model by name; from_transformers wraps a loaded one."""
    if call.name != "outlines.models.transformers":
        return
    model = call.first("model_name")
    source = python_source(script.source)
    block = source.block_start(call.span[0])
    edits: tuple[Edit, ...] = ()
    if model is not None and block and all(each.keyword in (None, "model_name", "device") for each in call.arguments):
        indent = block[1]
        code = (
            f"outlines.from_transformers(\n{indent}    "
            f'transformers.AutoModelForCausalLM.from_pretrained({model.code}, device_map="auto"),\n{indent}    '
            f"transformers.AutoTokenizer.from_pretrained({model.code}),\n{indent})"
        )
        edits = (*_imports_before(script, call, ("outlines", "transformers")), Edit(call.span, code))
    yield Finding(
        "removed_api",
        "failed",
        call.line,
        "outlines.models.transformers(…) is gone as of outlines 1.3.",
        "Load the model with transformers, and wrap it: outlines.from_transformers(model, tokenizer).",
        edits,
        group=_group(script),
    )


def _imports_before(script: Script, call: Call, modules: tuple[str, ...]) -> tuple[Edit, ...]:
    known = {
        called
        for each in script.imports
        for _, called in each.names
        if not each.module and each.owner in ("", call.owner) and each.statement[0] < call.span[0]
    }
    block = python_source(script.source).block_start(call.span[0])
    if block is None:
        return ()
    text = "".join(f"{block[1]}import {module}\n" for module in modules if module not in known)
    return (Edit((block[0], block[0]), text),) if text else ()


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
        group=_group(script),
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


def _device(script: Script, call: Call) -> Iterator[Finding]:
    """``AutoModel….from_pretrained(device="cuda")``: there is no such parameter."""
    argument = next((each for each in call.arguments if each.keyword == "device"), None)
    is_model = ".AutoModel" in call.name or call.name.startswith("AutoModel")
    if call.attr != "from_pretrained" or not is_model or argument is None:
        return
    if call.get("device_map") is not None:
        edits: tuple[Edit, ...] = (remove_argument(script.source.encode(), call, argument),)
    elif argument.value.text in ("cuda", "auto", "cuda:0"):
        edits = (rename_keyword(argument, "device_map"), replace(argument.value, '"auto"'))
    else:
        edits = (rename_keyword(argument, "device_map"),) if argument.value.text else ()
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
