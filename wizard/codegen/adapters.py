"""What an app says of the LoRA adapters of its model: nothing where there are none, and a choice only among several."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.codegen.literals import literal
from wizard.codegen.parts import part
from wizard.core.models.model_info import is_folder_name, stored_name
from wizard.core.plan.plan import Plan

# Of an app with several adapters: how a call names one. `sampling` keeps those apart that are not answered together.
CHOICE: Mapping[str, str] = {
    "adapter_argument": "        adapter: str | None = None,\n",
    "adapter_words": "\n\n        `adapter` is the name of one in ADAPTERS; without it the model answers by itself.",
    "adapter_check": """\
        if adapter is not None and adapter not in ADAPTERS:
            raise ValueError(f"there is no adapter {adapter!r}: there are {', '.join(ADAPTERS)}")
""",
    "adapter_choice": '        sampling |= {"adapter": adapter} if adapter else {}\n',
    "request_adapter": """\
    if body.get("model") in ADAPTERS:
        arguments["adapter"] = body["model"]
""",
}

SKIP = """\
        if repo_id.startswith("./"):
            continue  # it was put there from a folder
"""


def adapter_values(plan: Plan) -> dict[str, str]:
    """What goes into the placeholders that are about adapters, in the parts of every engine."""
    values = dict.fromkeys(CHOICE, "")
    if not plan.adapter:
        return values | {
            "adapter_constant": "",
            "adapters_part": "",
            "download_adapters": "",
            "served": "MODEL_ID, APP_NAME",
            "listed": "(APP_NAME, MODEL_ID)",
        }
    several = len(plan.adapters) > 1
    which = "one is chosen per call" if several else "it always answers"
    lines = [
        f"    {literal(each.name)}: ({literal(stored_name(each.repo_id))}, {literal(each.revision)}),"
        for each in plan.adapters
    ]
    engine, local = plan.inference_engine, [is_folder_name(each.repo_id) for each in plan.adapters]
    folder = part(engine, "adapters").template
    fetching = "" if all(local) else part(engine, "download_adapters").substitute(skip=SKIP if any(local) else "")
    own = part(engine, "several_adapters" if several else "one_adapter").substitute(lora_ranks=engine.lora_ranks)
    # With one adapter the bare model does not answer, so that nobody asks for it by its name.
    names = "(APP_NAME, MODEL_ID, *ADAPTERS)" if several else "(APP_NAME, *ADAPTERS)"
    served = f"\nSERVED = {names}  # what a client may name as the model" if plan.endpoint else ""
    return values | {
        "adapter_constant": "\n".join([f"\nADAPTERS = {{  # LoRA, each at a commit; {which}", *lines, "}"]) + served,
        "adapters_part": "\n" + "\n".join(text.rstrip() for text in (folder, fetching, own) if text),
        "download_adapters": "" if all(local) else "    download_adapters()\n",
        "served": "*SERVED",
        "listed": "SERVED",
        **(CHOICE if several else {}),
    }
