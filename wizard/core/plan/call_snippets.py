"""How a deployed function is called from outside of this program: snippets that work as they are printed."""

from __future__ import annotations

import json
import shlex

MAKE_PROXY_TOKEN = "modal workspace proxy-tokens create"  # modal 1.6; prints it once, as Modal-Key and Modal-Secret


def curl_snippet(url: str, prompt: str) -> str:
    """One call of the HTTP endpoint. MODAL_KEY and MODAL_SECRET hold a proxy token.

    ``-L`` since Modal redirects a caller who has waited for 150 seconds to the same answer.
    """
    body = shlex.quote(json.dumps({"prompt": prompt}, ensure_ascii=False))
    return f'curl -sL -H "Modal-Key: $MODAL_KEY" -H "Modal-Secret: $MODAL_SECRET" -d {body} {shlex.quote(url)}'


def python_snippet(app: str, prompt: str, environment: str | None = None) -> str:
    """How Python calls the deployed function."""
    place = f", environment_name={json.dumps(environment)}" if environment else ""
    return (
        "import modal\n\n"
        f'Generator = modal.Cls.from_name({json.dumps(app)}, "Generator"{place})\n'
        f"answer = Generator().generate.remote({json.dumps(prompt, ensure_ascii=False)})\n"
        'print(answer["text"])'
    )
