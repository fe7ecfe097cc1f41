"""Endpoints that anybody may call: those without a proxy token, and without a check of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wizard.core.doctor.deployables import Deployable
from wizard.core.doctor.edits import add_argument, replace
from wizard.core.doctor.finding import Finding, RuleContext
from wizard.core.doctor.script_model import Call, Expression, Function, Script

_ENDPOINTS = {
    "modal.fastapi_endpoint",
    "modal.asgi_app",
    "modal.wsgi_app",
    "modal.web_server",
    "modal.web_endpoint",
}
# A request that is refused, a key that is compared, a server that is given a key of its own.
_CHECKS = re.compile(
    # a request that is refused
    r"HTTP_40[13]|\b(?:status_code|status|code)\s*=\s*40[13]\b|(?:HTTPException|abort|Response|jsonify)\([^)]*\b40[13]\b|"
    r"return [^\n]*,\s*40[13]\s*(?=\n|$|,\s*\{)|HTTPStatus\.(?:UNAUTHORIZED|FORBIDDEN)|WWW-Authenticate|"
    r"close\(\s*(?:code\s*=\s*)?(?:1008|440[13])\b|"
    # what is called for it
    r"HTTPBearer|HTTPBasic|HTTPDigest|APIKey(?:Header|Query|Cookie)|OAuth2|SignatureVerifier|login_required|"
    r"(?<![a-z])(?:verify|check|validate|require|authenticate|authorize)_?(?:\w*_)?"
    r"(?:token|auth\w*|api_?key|key|signature|user|caller|password|credential|secret|access)s?(?![a-z])|"
    r"is_(?:authenticated|authorized)|authenticate\(|authorize\(|compare_digest|hmac\.new|jwt\.decode|"
    # what is looked at
    r"[\"'](?:proxy-)?authorization[\"'](?!\s*:)|\.authorization\b|client\.host\b|"
    r"(?<![\w-])x-[\w-]*(?:token|secret|key|auth|signature)[\w-]*[\"'](?!\s*:)|"
    r"(?:token|secret|password|credentials?|\bkey|\bauth\w*)(?:[\"']\])?\s*(?:!=|==|not in)\s*"
    r"(?:os\.|(?-i:[A-Z][A-Z_]{2,})|self\.(?!\w*(?:tok|eos|stop|pad|end))|settings\.|config\.|f?[\"']|expected|valid|allowed|known)|"
    r"\bif [^\n]*(?:token|secret|password|\bkey) in |"
    # a server or a page that is given a key
    r"api[-_]?keys?(?!\s*[\w.]*\s*:\s*(?:str|Optional))|\bauth\s*=\s*(?!None)|basic_auth|requires_proxy_auth",
    re.IGNORECASE,
)
# The keys of clients, which say nothing about who may call.
_CLIENTS = re.compile(
    r"\b(?:Async)?(?:OpenAI|Anthropic|Groq|Mistral|Together|Cohere|Replicate|InferenceClient|ElevenLabs|WandbLogger|login|"
    r"Client|configure|init)\((?:[^()]|\([^()]*\))*\)|\bapi_key\s*=\s*os\.(?:environ|getenv)[^\n]*|"
    r"[\"']Authorization[\"']\s*:[^\n]*"
)
_OPEN_MIDDLEWARE = re.compile(
    r"(?:CORS|GZip|TrustedHost|HTTPSRedirect|ProxyHeaders|Session|Prometheus|Timing|Logging|RequestId|CorrelationId)\w*$"
)
_OWN_CALLS = re.compile(r"\bget_web_url\(|\.web_url\b|https?://[\w{}.-]*\.modal\.run")
_BROWSERS = re.compile(
    r"\bgradio\b|\bgr\.Blocks|streamlit|StaticFiles|HTMLResponse|Jinja2Templates|text/html|[\w.-]+\.html\b|jupyter|"
    r"comfy|open-webui|WebSocket|CORSMiddleware|mount_gradio_app|fasthtml",
    re.IGNORECASE,
)
_SERVICES = re.compile(r"webhook|slack|discord|telegram|twilio|stripe|x-hub-signature|oauth", re.IGNORECASE)
PROXY_TOKEN = (
    "Make a proxy token on https://modal.com/settings/proxy-auth-tokens, and send it with each call, as the headers "
    "Modal-Key and Modal-Secret."
)
_LIBRARIES = {
    "fastapi",
    "starlette",
    "gradio",
    "flask",
    "asgiproxy",
    "streamlit",
    "litestar",
    "vllm",
    "quart",
    "bottle",
    "modal",
}


def endpoint_findings(context: RuleContext) -> Iterator[Finding]:
    """Every finding about endpoints that anybody may call."""
    for deployable in context.deployables:
        if deployable.kind in ("function", "class"):
            yield from _endpoints(context, deployable)


def _endpoints(context: RuleContext, deployable: Deployable) -> Iterator[Finding]:
    yield from _open_server(context, deployable)
    for function in deployable.functions:
        for decorator in function.decorators:
            call = decorator.call
            name = decorator.called
            if name not in _ENDPOINTS or (call and (call.unpacks or call.get("requires_proxy_auth"))):
                continue
            if _is_checked(context.script, deployable, function, name):
                continue
            reason = _who_calls(context.script, deployable)
            yield Finding(
                "open_endpoint",
                "warning",
                decorator.line,
                f"{function.short_name} is an endpoint that anybody on the internet can call, at your cost.",
                "Pass requires_proxy_auth=True and call it with a proxy token, or check an API key in it.",
                (add_argument(call, "requires_proxy_auth=True"),) if call and not reason else (),
                next_step=PROXY_TOKEN,
                left_because=reason,
            )


def _who_calls(script: Script, deployable: Deployable) -> str:
    """Why a proxy token would shut out those who call an endpoint now; empty where they can send one."""
    code = "\n".join(function.code for function in deployable.functions)
    if _OWN_CALLS.search(script.source):
        return "the script calls its own address, without a proxy token"
    if _BROWSERS.search(code):
        return "people open it in a browser, which sends no proxy token"
    if _SERVICES.search(f"{deployable.name}\n{code}"):
        return "another service calls it, which may not send a proxy token"
    return ""


def _open_server(context: RuleContext, deployable: Deployable) -> Iterator[Finding]:
    """``@app.server(unauthenticated=True)``: its server may have a key of its own, which only a person can tell."""
    there = deployable.options.get("unauthenticated") if deployable.options.attr == "server" else None
    if there is not None and there.value is True and not any(_checks(each.code) for each in deployable.functions):
        yield Finding(
            "open_endpoint",
            "warning",
            there.line,
            f"{deployable.name} is a server that anybody on the internet can call, at your cost.",
            "Leave out unauthenticated=True and call it with a proxy token, or give the server a key of its own.",
            () if (reason := _who_calls(context.script, deployable)) else (replace(there, "False"),),
            next_step=PROXY_TOKEN,
            left_because=reason,
        )


def _is_checked(script: Script, deployable: Deployable, endpoint: Function, kind: str) -> bool:
    """Whether an endpoint looks who calls, or may do so in code that is not in this file."""
    if any(_function_checks(script, function) for function in deployable.functions):
        return True
    if any(each.text == "VLLM_API_KEY" for each in script.strings):
        return True  # vLLM reads it by itself, from the Modal Secret
    returned = re.search(r"return ([\w.]+)(\()?", endpoint.code.strip().rpartition("\n")[2])
    if returned is None or kind not in ("modal.asgi_app", "modal.wsgi_app"):
        return False
    name = returned.group(1)
    head = name.partition(".")[0]
    made_of = [match.group() for each in endpoint.names.get(head, ()) if (match := re.match(r"\w+", each.code))]
    if any(_is_elsewhere(script, each, endpoint) for each in (head, *made_of)):
        return True
    return not returned.group(2) and name in script.names and _web_app_checks(script, name)


def _web_app_checks(script: Script, name: str) -> bool:
    """Whether a web application of the module has a check: in its routes, its dependencies, its middleware."""
    for expression in script.names[name]:
        if _checks(expression.code):
            return True
    for function in script.functions.values():
        is_route = any(each.code.startswith(f"{name}.") for each in function.decorators)
        if is_route and (_function_checks(script, function) or any(_checks(each.code) for each in function.decorators)):
            return True
    return any(
        not call.owner
        and (
            _guards(script, call) or (call.receiver is not None and call.receiver.code == name and call.attr == "mount")
        )
        for call in script.calls
    )


def _is_elsewhere(script: Script, name: str, endpoint: Function) -> bool:
    """Whether a web application is imported from a module of one's own, which may check who calls."""
    for each in script.imports:
        if each.owner in ("", endpoint.name) and any(called == name for _, called in each.names):
            root = (each.module or name).partition(".")[0]
            return root not in _LIBRARIES
    return False


def _function_checks(script: Script, function: Function) -> bool:
    return (
        _checks(function.code) or _checks(function.signature) or any(_guards(script, call) for call in function.calls)
    )


def _checks(code: str) -> bool:
    return _CHECKS.search(_CLIENTS.sub("", code)) is not None


def _guards(script: Script, call: Call) -> bool:
    """``Depends(…)``, ``Security(…)`` and middleware: what they name is looked into where the script has it."""
    last = call.name.rpartition(".")[2] or call.attr
    if last == "Security":
        return True
    if last == "Depends":
        return _is_guard(script, call.first("dependency"), call.owner)
    if last in ("add_middleware", "Middleware"):
        given = call.first("middleware_class", "cls")
        return (
            given is not None
            and not _OPEN_MIDDLEWARE.match(given.code.rpartition(".")[2])
            and _is_guard(script, given, call.owner)
        )
    return False


def _is_guard(script: Script, given: Expression | None, owner: str) -> bool:
    """Whether a dependency checks who calls: by its code, by its name, or unknown to this file."""
    meant = script.resolve(given, owner)
    if meant is None:
        return False
    if meant.call is not None:
        return _checks(meant.code) or meant.call.name.rpartition(".")[2] in script.classes
    if meant.name in script.functions:
        return _function_checks(script, script.functions[meant.name]) or _checks(f"{meant.name}(")
    if meant.name in script.classes:
        return any(
            _function_checks(script, f) for name, f in script.functions.items() if name.startswith(f"{meant.name}.")
        )
    return _checks(meant.code) or not _is_nested(script, meant.name, owner)


def _is_nested(script: Script, name: str, owner: str) -> bool:
    """Whether a name is a function within the function around it, whose code has been looked at with it."""
    around = script.functions.get(owner)
    return around is not None and re.search(rf"\b(?:def|class) {re.escape(name)}\b", around.code) is not None
