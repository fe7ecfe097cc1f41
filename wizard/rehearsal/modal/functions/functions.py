"""Functions and classes: created by a deploy, looked up by name, bound to parameters and options, scaled."""

from __future__ import annotations

from typing import Any

from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.account.environments import environment_name
from wizard.rehearsal.modal.account.prices import GPUS
from wizard.rehearsal.modal.functions.definitions import (
    effective,
    first_choice,
    function_data,
    function_metadata,
    slots,
)
from wizard.rehearsal.modal.functions.web_addresses import give_address
from wizard.rehearsal.modal.rpc.routes import Caller, Routes, invalid, not_found
from wizard.rehearsal.modal.state.ids import new_id
from wizard.rehearsal.modal.state.records import App, Function
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()


def find_function(state: ModalState, function_id: str) -> Function:
    """A function by id. Raises NOT_FOUND."""
    if function_id not in state.functions:
        raise not_found(f"Function '{function_id}' not found")
    return state.functions[function_id]


def _find_deployed(state: ModalState, request: Any) -> App:
    environment = environment_name(state, request.environment_name)
    app = state.deployed_app(request.app_name, environment)
    if app is None:
        raise not_found(f"App '{request.app_name}' not found in environment '{environment}'")
    return app


def _pinned(state: ModalState, app: App, function: Function, version: int) -> Function:
    """The function as it was in an earlier version of its app (``from_name(..., version=3)``)."""
    if not 1 <= version <= len(app.history):
        raise not_found(f"App '{app.name}' has no version {version}")
    definition_id = app.history[version - 1].definitions.get(function.id)
    if definition_id is None:
        raise not_found(f"Version {version} of app '{app.name}' does not have this function")
    if definition_id == function.definition_id:
        return function
    key = (function.id, b"pinned", definition_id.encode())
    if key not in state.bound:
        made = Function(new_id("fu"), app.id, state.definitions[definition_id], definition_id)
        state.bound[key] = state.functions[made.id] = made
    return state.bound[key]


@routes.unary("FunctionPrecreate")
async def function_precreate(
    state: ModalState, caller: Caller, request: pb.FunctionPrecreateRequest
) -> pb.FunctionPrecreateResponse:
    """Give a function its id before anything that refers to it is serialized."""
    function_id = request.existing_function_id or new_id("fu")
    state.functions.setdefault(function_id, Function(function_id, request.app_id))
    metadata = pb.FunctionHandleMetadata(
        function_name=request.function_name, function_type=request.function_type, app_id=request.app_id
    )
    return pb.FunctionPrecreateResponse(function_id=function_id, handle_metadata=metadata)


@routes.unary("FunctionCreate")
async def function_create(
    state: ModalState, caller: Caller, request: pb.FunctionCreateRequest
) -> pb.FunctionCreateResponse:
    """Take a definition; it becomes current when the app is published."""
    definition = pb.Function()
    if request.function_data.ranked_functions:
        definition = first_choice(request.function_data)
    else:
        definition.CopyFrom(request.function)
    gpu = definition.resources.gpu_config.gpu_type
    if gpu and gpu not in GPUS:
        raise invalid(f"{gpu} is not a valid GPU type")
    if gpu and (fault := state.faults.take(f"gpu:{gpu}")):
        raise invalid(fault.message or f"{gpu} is not a valid GPU type")
    function_id = request.existing_function_id or new_id("fu")
    function = state.functions.setdefault(function_id, Function(function_id, request.app_id))
    function.app_id = request.app_id
    give_address(state, function, definition)
    definition.web_url = function.web_url
    definition_id = new_id("de")
    state.definitions[definition_id] = definition
    return pb.FunctionCreateResponse(
        function_id=function_id,
        function=definition,
        function_data=function_data(definition),
        handle_metadata=function_metadata(function, definition, definition_id),
    )


@routes.unary("ClassCreate")
async def class_create(state: ModalState, caller: Caller, request: pb.ClassCreateRequest) -> pb.ClassCreateResponse:
    """Name a class; its methods live in the function ``Class.*``."""
    return pb.ClassCreateResponse(
        class_id=request.existing_class_id or new_id("cs"), handle_metadata=pb.ClassHandleMetadata()
    )


@routes.unary("ClassGet")
async def class_get(state: ModalState, caller: Caller, request: pb.ClassGetRequest) -> pb.ClassGetResponse:
    """``Cls.from_name``."""
    app = _find_deployed(state, request)
    if request.object_tag not in app.layout.class_ids:
        raise not_found(f"No class named '{request.object_tag}' in app '{request.app_name}'")
    return pb.ClassGetResponse(
        class_id=app.layout.class_ids[request.object_tag], handle_metadata=pb.ClassHandleMetadata()
    )


@routes.unary("FunctionGet")
async def function_get(state: ModalState, caller: Caller, request: pb.FunctionGetRequest) -> pb.FunctionGetResponse:
    """``Function.from_name``, and ``Class.*`` for a class."""
    app = _find_deployed(state, request)
    tag = request.object_tag
    if tag not in app.layout.function_ids:
        if tag in app.layout.class_ids:
            reason = pb.FunctionLookupError(reason=pb.FunctionLookupError.REASON_CLASS_NAME_USED)
            raise GRPCError(Status.NOT_FOUND, f"'{tag}' is a class", [reason])
        raise not_found(f"No function named '{tag}' in app '{request.app_name}'")
    function = state.functions[app.layout.function_ids[tag]]
    if request.app_version:
        function = _pinned(state, app, function, request.app_version)
    return pb.FunctionGetResponse(
        function_id=function.id,
        function=function_data(function.root.published),
        handle_metadata=function_metadata(function),
    )


@routes.unary("FunctionGetById")
async def function_get_by_id(
    state: ModalState, caller: Caller, request: pb.FunctionGetByIdRequest
) -> pb.FunctionGetByIdResponse:
    """A function by id."""
    function = find_function(state, request.function_id)
    return pb.FunctionGetByIdResponse(
        function=function_data(function.root.published), handle_metadata=function_metadata(function)
    )


@routes.unary("FunctionBindParams")
async def function_bind_params(
    state: ModalState, caller: Caller, request: pb.FunctionBindParamsRequest
) -> pb.FunctionBindParamsResponse:
    """One bound function, with containers of its own, for each set of parameters and options."""
    base = find_function(state, request.function_id)
    options = request.function_options if request.HasField("function_options") else None
    serialized = options.SerializeToString(deterministic=True) if options is not None else b""
    key = (base.id, request.serialized_params, serialized)
    if key not in state.bound:
        made = Function(new_id("fu"), base.app_id, base=base, parameters=request.serialized_params, options=options)
        state.bound[key] = state.functions[made.id] = made
    bound = state.bound[key]
    return pb.FunctionBindParamsResponse(bound_function_id=bound.id, handle_metadata=function_metadata(bound))


@routes.unary("FunctionGetCurrentStats")
async def function_get_current_stats(
    state: ModalState, caller: Caller, request: pb.FunctionGetCurrentStatsRequest
) -> pb.FunctionStats:
    """How much waits and how much runs; a base function counts those bound from it."""
    asked = find_function(state, request.function_id)
    family = [each for each in state.functions.values() if each is asked or each.base is asked]
    # One that waits for a place has not started, and does not count.
    containers = [each for member in family for each in state.containers_of(member) if each.started]
    running = sum(len(container.inflight) for container in containers)
    room = sum(slots(container.definition) for container in containers)
    return pb.FunctionStats(
        backlog=sum(len(each.queue) for each in family),
        num_total_tasks=len(containers),
        num_running_inputs=running,
        input_headroom=max(0, room - running),
    )


@routes.unary("FunctionUpdateSchedulingParams")
async def function_update_scheduling_params(
    state: ModalState, caller: Caller, request: pb.FunctionUpdateSchedulingParamsRequest
) -> pb.FunctionUpdateSchedulingParamsResponse:
    """``update_autoscaler()``: merged over the definition until the next deploy says otherwise."""
    asked = find_function(state, request.function_id)
    root = asked.root
    root.autoscaler = root.autoscaler or pb.AutoscalerSettings()
    root.autoscaler.MergeFrom(request.settings)
    for each in state.functions_of(state.apps[root.app_id]):
        if each.root is root:
            each.effective = None
            state.ensure(each)
    return pb.FunctionUpdateSchedulingParamsResponse(current_settings=effective(asked).autoscaler_settings)


@routes.unary("FunctionGetSchedulingParams")
async def function_get_scheduling_params(
    state: ModalState, caller: Caller, request: pb.FunctionGetSchedulingParamsRequest
) -> pb.FunctionGetSchedulingParamsResponse:
    """The autoscaler settings in force."""
    settings = effective(find_function(state, request.function_id)).autoscaler_settings
    return pb.FunctionGetSchedulingParamsResponse(
        autoscaler_configuration=pb.AutoscalerConfiguration(settings=settings)
    )
