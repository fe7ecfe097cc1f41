"""HTML for a person who rehearses: one frame, one stylesheet, and text that is always escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from aiohttp import web
from markdown_it import MarkdownIt

from wizard.rehearsal.hub.content.card import body
from wizard.rehearsal.stylesheet import STYLE

BANNER = "Demo: nothing leaves this computer"


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
    """A card as plain HTML, without its front matter; nothing in it is live: no HTML, no links, no pictures."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink"])
    tokens = reader.parse(body(text))
    for token in tokens:
        if token.type.startswith("heading"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"  # the page has a title already
    return str(reader.renderer.render(tokens, reader.options, {}))
