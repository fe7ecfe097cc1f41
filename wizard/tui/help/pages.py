"""What each screen's help page says; its keys are read from the screen itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class HelpPage:
    """`purpose`: what is asked and why. `words`: each with its meaning. `example`: what a person might do here."""

    title: str
    purpose: str
    example: str
    words: tuple[tuple[str, str], ...] = ()


_GATED = ("gated", "The model's authors want you to accept their terms, or to ask, before you can download it.")
_TOKEN = ("access token", "Your key to Hugging Face. It starts with hf_ and is never shown here.")
_SECRET = ("Modal Secret", "Where Modal keeps your access token for the download step. The GPU never sees it.")
_VOLUME = ("volume", "Storage on Modal that keeps the weights, so that they are downloaded only once.")
_COLD = ("cold start", "The first call after a pause: Modal starts a container and loads the weights.")
_KIND = ("output type", "What every answer has to look like: a JSON Schema, a list of choices, a pattern, a type…")

PAGES: Mapping[str, HelpPage] = {
    "welcome": HelpPage(
        "before you start",
        "You get a function on Modal that runs a model of your choice and always answers in the form that you define. "
        "The demo shows all of it on this computer, without an account.",
        "Press Enter on “Try the demo”. When you like what you see, quit and start again with your own accounts.",
        (("function", "Your model behind one call: a prompt goes in, structured output comes out."), _TOKEN),
    ),
    "model": HelpPage(
        "which model",
        "Pick the model that your function will run. Any text generation model on Hugging Face can be used. The list "
        "shows how large each one is, the smallest GPU that it fits on, and whether you have to ask for access.",
        "Type “qwen3”, move with the arrow keys, press Enter. Or paste "
        "https://huggingface.co/Qwen/Qwen3-8B and press Enter.",
        (
            _GATED,
            ("params", "Parameters: the size of the model. More is smarter, slower and more expensive."),
            ("tested", "Somebody has run this model from end to end with outlines-wizard."),
            ("revision", "A version of the model. Add it with @, as in org/model@main."),
        ),
    ),
    "access": HelpPage(
        "access to the model",
        "The download step needs to read the model's weights. This screen finds your access token and asks Hugging "
        "Face whether it can read them. Open models need no token.",
        "“… has not asked for access yet”: press o, accept the terms in your browser, and come back. This screen "
        "notices and continues by itself.",
        (
            _GATED,
            _TOKEN,
            ("fine-grained", "An access token with a list of permissions. It needs the one for gated models."),
        ),
    ),
    "modal": HelpPage(
        "your Modal account",
        "Your function runs in your own Modal workspace. This screen checks that you are signed in, and what exists "
        "there already. Nothing is created until you approve the plan.",
        "Not signed in? Press b, approve the sign-in in your browser. This screen continues by itself.",
        (
            ("workspace", "Your account or your team's on Modal; it gets the bill."),
            ("environment", "A part of a workspace, such as main or staging, with its own apps and Secrets."),
            _SECRET,
        ),
    ),
    "function": HelpPage(
        "output and GPU",
        "Define what every answer has to look like, and choose the GPU. The model cannot answer in any other form: "
        "the output type is enforced while it writes. The cheapest GPU that fits is chosen for you.",
        "Choose “JSON Schema”, pick an example, move to a field and press Enter to change it. a adds a field, d "
        "deletes one, u undoes, Shift with an arrow key moves it, e makes the fields from an example answer, f4 shows "
        "the JSON. "
        "Or load schema.json or package.module:Model, a Pydantic class. Then press ctrl+n.",
        (
            _KIND,
            ("field", "A named part of the answer. The table of fields and the JSON Schema are the same document."),
            ("backend", "The library that enforces the output type. The default is right unless the check says not."),
            ("token", "A piece of a word. The longest answer is counted in tokens."),
            ("fits", "The weights and the longest answer fit into the memory of this GPU."),
        ),
    ),
    "review": HelpPage(
        "the plan",
        "Everything that will be created, changed or kept, and what it costs. Nothing has happened yet. Press g to "
        "deploy; Enter does nothing here, so that nobody deploys by accident.",
        "Read the cost per hour, press c to copy the command that does the same without this wizard, then press g.",
        (
            ("create +", "Does not exist yet."),
            ("change ~", "Exists, and will be replaced."),
            ("keep =", "Exists, and stays as it is."),
            _SECRET,
            _VOLUME,
        ),
    ),
    "deploy": HelpPage(
        "the deploy",
        "Modal builds the image, creates the app and downloads the weights; then a container starts and loads them. "
        "Each phase has its clock, and what it usually takes: by your earlier runs with this model and GPU, or by the "
        "plan's estimate. The first time takes a few minutes; after that, most of it is kept. You can look around "
        "meanwhile: l leads back to this log from every screen, or F6 where you type.",
        "Something failed? The red box says why, and which key fixes it. The log below has every line; s saves it.",
        (
            ("image", "The software that your function runs in. It is built once and kept."),
            _VOLUME,
        ),
    ),
    "sample": HelpPage(
        "the test call",
        "Your function is called once, and its answer is checked by a second library. Then try your own prompts, "
        "change the output type, the system text or the sampling and ask again without a deploy, and copy the code "
        "that calls the function from your program. Answers are kept until you quit: two of them can be compared, and "
        "each can be added to a file of cases or copied as code.",
        "Press / and type another prompt. Press f2, change the schema, press ctrl+n: the answer has the new form. "
        "Press c to compare it with the one before. When you like it, press d to see the plan that deploys it. Press 1 "
        "to copy the Python code. To delete everything again, copy the teardown command or press h and then t.",
        (
            _COLD,
            ("as free text", "The same question without the structure (w): see what the structure changes."),
            ("cases file", "Questions with the right answers. verify --cases measures a function by it."),
            ("warm", "A container is running already, so the answer comes at once."),
            ("scaled to zero", "No container runs, and nothing is billed but the storage."),
            ("system text", "What the model is told before every prompt: its role, its rules, the words to use."),
            ("temperature", "How freely the model chooses its words: 0 always takes the likeliest one."),
        ),
    ),
    "home": HelpPage(
        "your functions",
        "Every function that outlines-wizard has deployed in this Modal environment: what it runs, whether it is "
        "running now, its calls and cost of today as Modal counts them, how long the last calls of this session took, "
        "and the last answer. On a wide terminal the end of its log stands below the list.",
        "Move to a function and press Enter to send it a prompt, l for its log, c to change it, t to delete it. "
        "Press n to create another one.",
        (
            ("running", "A container is up, and costs money until it stops by itself."),
            ("idle", "Scaled to zero: no container runs. The next call starts one."),
            (
                "today",
                "Calls since midnight. Modal tells the cost up to the last full hour, and may not tell it at all.",
            ),
            ("latency", "A bar for each call, with what you waited. A tall one is a cold start."),
        ),
    ),
}
