"""Web functions: one that asks for a proxy token, one that is open, one that is slow, one that fails."""

# ruff: noqa: T201 - what a function prints is its log

import asyncio
import json
import time

import modal

app = modal.App("web")


def reply(start_response, data: object, status: str = "200 OK"):
    start_response(status, [("Content-Type", "application/json"), ("X-Kind", "test")])
    return [json.dumps(data).encode()]


@app.function()
def double(x: int) -> int:
    return 2 * x


@app.function()
@modal.concurrent(max_inputs=10)
@modal.wsgi_app(requires_proxy_auth=True)
def closed():
    def answer(request, start_response):
        body = request["wsgi.input"].read()
        print(f"{request['REQUEST_METHOD']} with {len(body)} bytes")
        said = {"path": request["PATH_INFO"], "query": request["QUERY_STRING"], "size": len(body)}
        if body[:1] == b"{":
            said["doubled"] = double.remote(json.loads(body)["x"])
        return reply(start_response, said, "201 Created" if request["REQUEST_METHOD"] == "POST" else "200 OK")

    return answer


@app.function()
@modal.asgi_app()
def open_to_all():
    async def answer(scope, receive, send):
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        for word in (b"one ", b"two ", b"three"):
            await send({"type": "http.response.body", "body": word, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return answer


@app.function()
@modal.asgi_app()
def endless():
    async def answer(scope, receive, send):
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            while True:
                await send({"type": "http.response.body", "body": b"tick ", "more_body": True})
                await asyncio.sleep(0.05)
        finally:
            print("the caller has left")

    return answer


@app.function()
@modal.asgi_app()
def silent():
    async def answer(scope, receive, send):
        if scope["type"] == "http":
            try:
                await asyncio.sleep(60)
            finally:
                print("nobody waits any more")

    return answer


@app.function()
@modal.wsgi_app(label="slow-one")
def slow():
    def answer(request, start_response):
        time.sleep(1.0)
        return reply(start_response, "late")

    return answer


@app.function()
@modal.wsgi_app()
def broken():
    def answer(request, start_response):
        raise RuntimeError("not today")

    return answer
