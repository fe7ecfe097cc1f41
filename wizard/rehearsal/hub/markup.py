"""HTML for a person who rehearses: one frame, one stylesheet, and text that is always escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from aiohttp import web

from wizard.rehearsal.hub.card import body

BANNER = "Rehearsal: nothing leaves this machine"
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #fff; color: #1b1f27; }
.banner { background: #ffd21e; color: #1b1f27; padding: .5rem 1rem; text-align: center; font-weight: 600; }
header, main { max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; gap: 1.25rem; align-items: baseline; padding-top: .75rem; flex-wrap: wrap; }
header .who { margin-left: auto; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
a { color: #1d5fd1; }
.box { border: 1px solid #c6ccd8; border-radius: .5rem; padding: .25rem 1rem 1rem; margin: 1rem 0; }
.tags span { border: 1px solid #c6ccd8; border-radius: 1rem; padding: .1rem .6rem; margin: 0 .3rem .3rem 0;
  display: inline-block; font-size: .85rem; }
label { display: block; margin: .6rem 0; }
input[type=text], input[type=date], select { display: block; font: inherit; padding: .35rem; width: 100%;
  box-sizing: border-box; max-width: 24rem; }
button { font: inherit; padding: .45rem .9rem; border-radius: .4rem; border: 1px solid #1b1f27; cursor: pointer;
  background: #1b1f27; color: #fff; margin: .4rem .4rem 0 0; }
button.quiet { background: transparent; color: inherit; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .5rem .35rem 0;
  border-bottom: 1px solid #c6ccd8; }
pre, code { font-family: ui-monospace, monospace; } pre { overflow-x: auto; padding: .75rem; background: #8881; }
.secret { font-family: ui-monospace, monospace; overflow-wrap: anywhere; padding: .5rem; background: #8882; }
@media (prefers-color-scheme: dark) { body { background: #14171d; color: #e8eaee; } a { color: #8ab4ff; }
  button { background: #e8eaee; color: #14171d; } }
"""


def page(title: str, inside: str, person: str, status: int = 200) -> web.Response:
    """A whole page: banner, links, who is at the browser, and `inside`, which is HTML already."""
    text = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>\n'
        f'<body><div class="banner" role="note">{BANNER}</div>\n<header><a href="/">Stand-in Hub</a>'
        '<a href="/settings/gated-repos">Gated repositories</a><a href="/settings/tokens">Access tokens</a>'
        f'<span class="who">You are {escape(person)}</span></header>\n'
        f"<main><h1>{escape(title)}</h1>\n{inside}\n</main></body></html>\n"
    )
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
    }
    return web.Response(text=text, content_type="text/html", status=status, headers=headers)


def form(action: str, inside: str, *buttons: tuple[str, str, str]) -> str:
    """A form that posts to `action`; each button is a name, a value and a label."""
    drawn = "".join(
        f"<button{'' if not index else ' class=quiet'}"
        + (f' name="{escape(name)}" value="{escape(value)}"' if name else "")
        + f">{escape(label)}</button>"
        for index, (name, value, label) in enumerate(buttons)
    )
    return f'<form method="post" action="{escape(action)}">{inside}{drawn}</form>'


def gate_fields(fields: Mapping[str, Any]) -> str:
    """Inputs for the questions of a gate, in their order, all required.

    Kinds are those of the Hub's documentation on gated models: text, checkbox, country, date_picker, select.
    """
    return "".join(_field(label, kind) for label, kind in fields.items())


def _field(label: str, kind: Any) -> str:
    name = escape(label)
    if isinstance(kind, Mapping):
        options = "".join(f"<option>{escape(_option(option))}</option>" for option in kind.get("options", []))
        return (
            f'<label>{name}<select name="{name}" required><option value="">Select an option</option>{options}'
            "</select></label>"
        )
    if kind == "checkbox":
        return f'<label><input type="checkbox" name="{name}" value="true" required> {name}</label>'
    shape = "date" if kind == "date_picker" else "text"
    return f'<label>{name}<input type="{shape}" name="{name}" placeholder="{name} (required)" required></label>'


def _option(option: Any) -> str:
    return str(option.get("label", option.get("value", ""))) if isinstance(option, Mapping) else str(option)


def tags(names: Iterable[str]) -> str:
    """Tags in a row."""
    return '<p class="tags">' + "".join(f"<span>{escape(name)}</span>" for name in names) + "</p>"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; the cells are HTML already."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{lines}</table>"


def model_card(text: str) -> str:
    """A card as plain HTML: without its front matter, with headings, lists and code; nothing in it is live."""
    drawn: list[str] = []
    for index, part in enumerate(re.split(r"^```.*$", body(text), flags=re.MULTILINE)):
        if index % 2:
            drawn.append(f"<pre>{escape(part.strip())}</pre>")
        else:
            drawn.extend(_block(block.strip()) for block in re.split(r"\n\s*\n", part) if block.strip())
    return "\n".join(drawn)


def _block(block: str) -> str:
    if heading := re.match(r"(#{1,6}) +([^\n]*)\n?", block):
        level = min(6, len(heading[1]) + 1)
        rest = block[heading.end() :].strip()
        return f"<h{level}>{_inline(heading[2])}</h{level}>" + (_block(rest) if rest else "")
    lines = block.split("\n")
    if all(line.startswith(("- ", "* ", "  ")) for line in lines):
        return "<ul>" + "".join(f"<li>{_inline(line.lstrip('-* '))}</li>" for line in lines) + "</ul>"
    if all(line.startswith("|") for line in lines):
        return f"<pre>{escape(block)}</pre>"
    return f"<p>{_inline(block)}</p>"


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
