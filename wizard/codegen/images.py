"""What the app of a model that sees says of images; in the app of another model each of these places is empty."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

from wizard.codegen.literals import literal
from wizard.codegen.parts import part
from wizard.codegen.thinking import thinking_values
from wizard.core.inference.engine import InferenceEngine
from wizard.core.plan.plan import Plan

MODULES = (
    "base64",
    "contextlib",
    "http.client",
    "io",
    "ipaddress",
    "itertools",
    "socket",
    "ssl",
    "threading",
    "urllib.parse",
)
_SEEING: dict[str, str] = {
    "images_rendered": """\
        if any(isinstance(message["content"], list) for message in messages):
            return self.render_with_images(messages$passed_think)
""",
    "images_argument": "        images: list | None = None,\n",
    "images_told": """\

        `images` are bytes, data URLs or https addresses, and go before the text of the last message. `prompt` may also
        be a list of a text and images, and the content of a message a list of parts.
""",
    "images_placed": "        prompt, messages, images = place_images(prompt, messages, images)\n",
    "content": "str | list",
    "images_seen": "        answer.images = await self.see(answer.prompt, images)\n",
    "images_of_answer": "\n    images = None\n",
    "more_packages": "*IMAGE_PACKAGES, ",
}
_BLIND = dict.fromkeys([*_SEEING, "images", "image_packages", "render_with_images"], "") | {"content": "str"}


def values(plan: Plan) -> dict[str, str]:
    """What goes into the placeholders that are about images, in the parts of all engines."""
    if not plan.sees:
        return _BLIND
    engine = plan.inference_engine
    thinking = thinking_values(plan)
    methods = [part(engine, name).substitute(thinking).rstrip() for name in ("image_calls", "image_methods")]
    packages = [literal(f"{name}=={version}") for name, version in engine.vision_packages.items()]
    return _SEEING | {
        "images_rendered": Template(_SEEING["images_rendered"]).substitute(thinking),
        "images": f"\n\n{part(engine, 'images').template.rstrip()}\n",
        "image_packages": f"IMAGE_PACKAGES = [{', '.join(packages)}]\n",
        "render_with_images": "\n" + "\n\n".join(methods) + "\n",
    }


def own_values(plan: Plan, seeing: Mapping[str, str], blind: Mapping[str, str]) -> dict[str, str]:
    """The same for an engine's own part: `seeing`, or `blind` and nothing else for a model that reads text only."""
    return values(plan) | (dict(seeing) if plan.sees else {**dict.fromkeys(seeing, ""), **blind})


def endpoint_values(plan: Plan) -> dict[str, str]:
    """The same for the HTTP endpoint, which looks at images before it calls anything with a GPU."""
    if not plan.sees:
        return {"image_messages": "", "image_requests": "", "body": "request.body()", "arguments": "read_request(body)"}
    return {
        "image_messages": """\
        if (mixed := read_parts(content, where)) is not None:
            said.append({"role": "system" if role == "developer" else role, "content": mixed})
            continue
""",
        "image_requests": f"{part(plan.inference_engine, 'image_requests').template.rstrip()}\n\n\n",
        "body": "read_body(request)",
        "arguments": "await with_files(read_request(body))",
    }


def pillow(engine: InferenceEngine) -> str:
    """What reads images, where nothing else of a model is installed."""
    return f"pillow=={engine.vision_packages['pillow']}"
