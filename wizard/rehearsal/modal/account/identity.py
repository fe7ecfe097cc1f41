"""Who is calling: session hello, Modal tokens, the workspace, its prices, and logging in by browser."""

from __future__ import annotations

import secrets
import time

from google.protobuf.empty_pb2 import Empty
from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.account.prices import RATES
from wizard.rehearsal.modal.rpc.routes import Caller, Routes, not_found
from wizard.rehearsal.modal.state.ids import new_id, unsigned_jwt
from wizard.rehearsal.modal.state.records import TokenFlow
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()

IMAGE_BUILDER_VERSION = "2025.06"
"""The newest that modal 1.6.4 ships requirement files for (modal/builder/)."""
SESSION_SECONDS = 1200
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@routes.unary("ClientHello")
async def client_hello(state: ModalState, caller: Caller, request: Empty) -> pb.ClientHelloResponse:
    """The SDK's check that its credentials work."""
    return pb.ClientHelloResponse()


@routes.unary("AuthTokenGet")
async def auth_token_get(state: ModalState, caller: Caller, request: pb.AuthTokenGetRequest) -> pb.AuthTokenGetResponse:
    """A session token; the SDK reads its expiry (modal 1.6.4, auth_token_manager.py)."""
    return pb.AuthTokenGetResponse(token=unsigned_jwt(exp=int(time.time()) + SESSION_SECONDS))


@routes.unary("TokenInfoGet")
async def token_info_get(state: ModalState, caller: Caller, request: pb.TokenInfoGetRequest) -> pb.TokenInfoGetResponse:
    """What ``modal token info`` prints."""
    response = pb.TokenInfoGetResponse(
        token_id=caller.metadata.get("x-modal-token-id") or "",
        workspace_id="ac-rehearsal",
        workspace_name=state.settings.workspace,
        token_name="rehearsal",
        user_identity=pb.UserIdentity(user_id="us-rehearsal", username=state.settings.username),
    )
    return response


@routes.unary("TokenDelete")
async def token_delete(state: ModalState, caller: Caller, request: pb.TokenDeleteRequest) -> Empty:
    """Revoke a Modal token."""
    if state.tokens.pop(request.token_id, None) is None:
        raise not_found(f"Token '{request.token_id}' not found")
    return Empty()


@routes.unary("WorkspaceNameLookup")
async def workspace_name_lookup(state: ModalState, caller: Caller, request: Empty) -> pb.WorkspaceNameLookupResponse:
    """The workspace; the SDK names a new profile after the `username` of this answer (token_flow.py)."""
    return pb.WorkspaceNameLookupResponse(workspace_name=state.settings.workspace, username=state.settings.workspace)


@routes.unary("WorkspaceSettings")
async def workspace_settings(state: ModalState, caller: Caller, request: Empty) -> pb.WorkspaceSettingsResponse:
    """Workspace-wide defaults."""
    return pb.WorkspaceSettingsResponse(
        default_environment_name=state.settings.environment, image_builder_version=IMAGE_BUILDER_VERSION
    )


@routes.unary("WorkspaceBillingRates")
async def workspace_billing_rates(
    state: ModalState, caller: Caller, request: pb.WorkspaceBillingRatesRequest
) -> pb.WorkspaceBillingRatesResponse:
    """List prices, as ``modal billing rates`` shows them."""
    text = "\n".join(f"{key}  ${price}" for key, price in RATES.items())
    return pb.WorkspaceBillingRatesResponse(rates=dict(RATES), formatted=text)


@routes.unary("TokenFlowCreate")
async def token_flow_create(
    state: ModalState, caller: Caller, request: pb.TokenFlowCreateRequest
) -> pb.TokenFlowCreateResponse:
    """Start a browser login; the answer names the page and the code that it shows."""
    code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(4)) + f"-{secrets.randbelow(10_000):04}"
    flow = TokenFlow(new_id("tc"), code, secrets.token_urlsafe(16), secrets.token_urlsafe(16))
    state.flows[flow.id] = flow
    return pb.TokenFlowCreateResponse(
        token_flow_id=flow.id,
        web_url=f"{state.pages_url}/token-flow/{flow.id}",
        code=flow.code,
        wait_secret=flow.wait_secret,
    )


@routes.unary("TokenFlowWait")
async def token_flow_wait(
    state: ModalState, caller: Caller, request: pb.TokenFlowWaitRequest
) -> pb.TokenFlowWaitResponse:
    """Wait for the person's decision; a fresh Modal token when they approved."""
    flow = state.flows.get(request.token_flow_id)
    if flow is None or flow.wait_secret != request.wait_secret:
        raise not_found("Token flow not found")
    if flow.decision is None:
        await flow.changed.wait(request.timeout)
    if flow.decision is None:
        return pb.TokenFlowWaitResponse(timeout=True)
    if not flow.decision:
        raise GRPCError(Status.PERMISSION_DENIED, "The request for a token was denied in the browser")
    token_id, secret = new_id("ak"), new_id("as")
    state.tokens[token_id] = secret
    del state.flows[flow.id]
    return pb.TokenFlowWaitResponse(token_id=token_id, token_secret=secret, workspace_username=state.settings.workspace)
