"""An endpoint that looks who calls is not open, wherever its check stands; one that only seems to is."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.doctor.seen import names

FASTAPI = """
from typing import Annotated
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
"""
CHECKED = {
    "a bearer scheme in the signature": """
        scheme = HTTPBearer()
        @app.function(image=image)
        @modal.fastapi_endpoint(method="POST")
        def ask(item: dict, sent: HTTPAuthorizationCredentials = Depends(scheme)):
            if sent.credentials != os.environ["MINE"]:
                raise HTTPException(status_code=403)
            return item
        """,
    "a scheme made in the signature": """
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(item: dict, sent=Depends(HTTPBearer())):
            return item
        """,
    "a key's header in an annotation": """
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(item: dict, sent: Annotated[str, Security(APIKeyHeader(name="x-mine"))]):
            return item
        """,
    "a dependency that is a function of the script": """
        def caller(request: Request):
            if request.headers.get("x-mine") != os.environ["MINE"]:
                raise HTTPException(status_code=401)
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(item: dict, who=Depends(caller)):
            return item
        """,
    "a dependency from a module of one's own": """
        from gatekeeper import caller
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(item: dict, who=Depends(caller)):
            return item
        """,
    "a header that is compared in the body": """
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(request: Request):
            if request.headers["X-Secret-Word"] != os.environ["WORD"]:
                return {"error": "no"}
            return {}
        """,
    "a header parameter and a comparison in constant time": """
        import hmac
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(item: dict, word: str = Header()):
            if not hmac.compare_digest(word, os.environ["WORD"]):
                return {}
            return item
        """,
    "a password in the request": """
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(item: dict):
            if item["password"] != os.environ["WORD"]:
                return {}
            return item
        """,
    "middleware of the script": """
        from starlette.middleware.base import BaseHTTPMiddleware
        from starlette.responses import Response
        class Doorman(BaseHTTPMiddleware):
            async def dispatch(self, request, call_next):
                if request.headers.get("authorization") != os.environ["WORD"]:
                    return Response(status_code=401)
                return await call_next(request)
        web = FastAPI()
        web.add_middleware(Doorman)
        @web.post("/ask")
        def ask(item: dict):
            return item
        @app.function(image=image)
        @modal.asgi_app()
        def serve():
            return web
        """,
    "middleware from elsewhere": """
        @app.function(image=image)
        @modal.asgi_app()
        def serve():
            from company.auth import SingleSignOn
            web = FastAPI()
            web.add_middleware(SingleSignOn)
            return web
        """,
    "a function as middleware": """
        @app.function(image=image)
        @modal.asgi_app()
        def serve():
            web = FastAPI()
            @web.middleware("http")
            async def doorman(request: Request, call_next):
                if request.headers.get("x-mine") not in os.environ["KEYS"].split():
                    raise HTTPException(401)
                return await call_next(request)
            return web
        """,
    "dependencies of the application": """
        def caller(sent: str = Header(alias="x-mine")):
            if sent != os.environ["MINE"]:
                raise HTTPException(403, "no")
        web = FastAPI(dependencies=[Depends(caller)])
        @app.function(image=image)
        @modal.asgi_app()
        def serve():
            return web
        """,
    "an application that is not in this file": """
        from company.web import application
        @app.function(image=image)
        @modal.asgi_app()
        def serve():
            return application
        """,
    "an application that is made elsewhere": """
        from company.web import MAKERS
        @app.function(image=image)
        @modal.asgi_app()
        def serve():
            server = MAKERS["small"]("/model")
            return server.application()
        """,
    "a signature of the body": """
        import hashlib, hmac
        @app.function(image=image)
        @modal.fastapi_endpoint()
        async def ask(request: Request):
            sent = hmac.new(os.environ["WORD"].encode(), await request.body(), hashlib.sha256).hexdigest()
            return {} if sent == request.headers.get("x-hub-signature-256") else {"error": "no"}
        """,
    "a token that is decoded": """
        import jwt
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(item: dict):
            return jwt.decode(item["sent"], os.environ["WORD"], algorithms=["HS256"])
        """,
    "Flask's own": """
        from flask import Flask, abort, request
        @app.function(image=image)
        @modal.wsgi_app()
        def serve():
            web = Flask("web")
            @web.before_request
            def doorman():
                if not request.authorization or request.authorization.password != os.environ["WORD"]:
                    abort(403)
            return web
        """,
    "a socket that is closed": """
        @app.function(image=image)
        @modal.asgi_app()
        def serve():
            web = FastAPI()
            @web.websocket("/talk")
            async def talk(socket):
                if socket.query_params.get("word") != os.environ["WORD"]:
                    await socket.close(code=1008)
            return web
        """,
    "a page that wants a name and a password": """
        @app.function(image=image)
        @modal.asgi_app()
        def serve():
            import gradio
            return gradio.mount_gradio_app(FastAPI(), demo(), path="/", auth=("me", os.environ["WORD"]))
        """,
    "middleware given to the application": """
        from starlette.middleware import Middleware
        from company.auth import SingleSignOn
        web = FastAPI(middleware=[Middleware(SingleSignOn)])
        @app.function(image=image)
        @modal.asgi_app()
        def serve():
            return web
        """,
    "dependencies of a router": """
        from fastapi import APIRouter
        from company.auth import caller
        web = FastAPI()
        router = APIRouter(dependencies=[Depends(caller)])
        web.include_router(router)
        @app.function(image=image)
        @modal.asgi_app()
        def serve():
            return web
        """,
    "a check in a method that the endpoint calls": """
        @app.cls(image=image)
        class Writer:
            def _authorize(self, request):
                if request.headers.get("x-mine") != os.environ["MINE"]:
                    raise HTTPException(status_code=401)
            @modal.fastapi_endpoint()
            def ask(self, request: Request):
                self._authorize(request)
                return {}
        """,
    "a server with a key of its own": """
        @app.function(image=image)
        @modal.web_server(port=8000)
        def serve():
            subprocess.Popen(["llama-server", "--port", "8000", "--api-key", os.environ["MINE"]])
        """,
    "vLLM's own variable in the Secret": """
        @app.function(image=image, secrets=[modal.Secret.from_name("vllm", required_keys=["VLLM_API_KEY"])])
        @modal.web_server(port=8000)
        def serve():
            subprocess.Popen(["vllm", "serve", "/model"])
        """,
}
OPEN = {
    "a dependency that asks for nothing": """
        def settings():
            return {"size": 3}
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(item: dict, known: dict = Depends(settings)):
            return item
        """,
    "middleware for browsers": """
        from fastapi.middleware.cors import CORSMiddleware
        @app.function(image=image)
        @modal.asgi_app()
        def serve():
            web = FastAPI()
            web.add_middleware(CORSMiddleware, allow_origins=["*"], allow_headers=["*"])
            return web
        """,
    "the key of a client": """
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(item: dict):
            from openai import OpenAI
            client = OpenAI(base_url="http://127.0.0.1:8000/v1", api_key="none")
            return client.chat.completions.create(model="m", messages=item["messages"])
        """,
    "a header that is sent": """
        @app.function(image=image, secrets=[hub])
        @modal.fastapi_endpoint()
        def ask(item: dict):
            import requests
            headers = {"Authorization": f"Bearer {os.environ['HF_TOKEN']}"}
            return requests.post("https://example.org", headers=headers, json=item).json()
        """,
    "a check that is only spoken of": """
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(item: dict):
            \"\"\"Send Authorization: Bearer with your API key; status_code=401 otherwise.\"\"\"
            # verify_token(item)
            return item
        """,
    "options of a server that read like a check": """
        @app.function(image=image)
        @modal.web_server(port=8000)
        def serve():
            subprocess.Popen(["vllm", "serve", "/model", "--max-num-batched-tokens", "4096", "--tokenizer", "/model"])
        """,
    "an application of the library": """
        @app.function(image=image)
        @modal.asgi_app()
        def serve():
            web = FastAPI()
            return web
        """,
    "tokens of a text": """
        @app.cls(image=image)
        class Writer:
            @modal.fastapi_endpoint()
            def ask(self, item: dict):
                check_tokenizer(self.tokenizer)
                return [token for token in self.model.stream(item["text"]) if token != self.tokenizer.eos]
        """,
    "errors of others that are tried again": """
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(item: dict):
            return fetch(item, again=[401, 403, 429])
        """,
    "a header of no account": """
        @app.function(image=image)
        @modal.fastapi_endpoint()
        def ask(request: Request):
            return {"from": request.headers.get("user-agent")}
        """,
}


@pytest.mark.parametrize("case", CHECKED)
def test_a_check_is_seen(case: str) -> None:
    assert "open_endpoint" not in names(FASTAPI + dedent(CHECKED[case]))


@pytest.mark.parametrize("case", OPEN)
def test_what_only_looks_like_a_check_is_none(case: str) -> None:
    assert "open_endpoint" in names(FASTAPI + dedent(OPEN[case]))
