"""A FastAPI application that checks a bearer token itself."""

import modal

app = modal.App("web-app")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("fastapi[standard]==0.115.0")


@app.function(image=image, secrets=[modal.Secret.from_name("web-auth")])
@modal.concurrent(max_inputs=100)
@modal.asgi_app()
def web():
    import os

    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

    service = FastAPI()
    scheme = HTTPBearer()

    @service.post("/answer")
    def answer(item: dict, token: HTTPAuthorizationCredentials = Depends(scheme)):
        if token.credentials != os.environ["AUTH_TOKEN"]:
            raise HTTPException(status_code=401)
        return item

    return service


@app.function(image=image)
@modal.fastapi_endpoint(method="GET", requires_proxy_auth=True)
def health():
    return {"ok": True}
