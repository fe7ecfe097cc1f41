"""Function definitions: what a function runs as, with bound options applied, and how handles describe it."""

from __future__ import annotations

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.state.records import Function

_PLAIN_OPTIONS = (
    "timeout_secs",
    "max_concurrent_inputs",
    "target_concurrent_inputs",
    "batch_max_size",
    "batch_linger_ms",
)
_RANKED_FIELDS = (
    "module_name",
    "function_name",
    "implementation_name",
    "function_type",
    "timeout_secs",
    "startup_timeout_secs",
    "is_class",
    "is_method",
)
DEFAULT_TIMEOUT = 300
"""Seconds, by Modal's reference, for one input and for starting up."""


def effective(function: Function) -> pb.Function:
    """The definition that containers of this function run, cached until a deploy or an option changes it."""
    if function.effective is None:
        definition = pb.Function()
        definition.CopyFrom(function.root.published)
        if function.options is not None:
            apply_options(definition, function.options)
        if function.root.autoscaler is not None:
            definition.autoscaler_settings.MergeFrom(function.root.autoscaler)
        function.effective = definition
    return function.effective


def apply_options(definition: pb.Function, options: pb.FunctionOptions) -> None:
    """``.with_options()``, ``.with_concurrency()`` and ``.with_batching()`` (modal 1.6.4, _functions.py)."""
    given = {field.name for field, _ in options.ListFields()}
    for name in given.intersection(_PLAIN_OPTIONS):
        setattr(definition, name, getattr(options, name))
    for name in given.intersection(("resources", "retry_policy")):
        getattr(definition, name).CopyFrom(getattr(options, name))
    scaling = definition.autoscaler_settings
    if options.HasField("task_idle_timeout_secs"):
        scaling.scaledown_window = options.task_idle_timeout_secs
    if options.HasField("concurrency_limit"):
        scaling.max_containers = options.concurrency_limit
    if options.HasField("warm_pool_size"):
        scaling.min_containers = options.warm_pool_size
    if options.replace_secret_ids:
        del definition.secret_ids[:]
    definition.secret_ids.extend(options.secret_ids)
    if options.replace_volume_mounts:
        del definition.volume_mounts[:]
    definition.volume_mounts.extend(options.volume_mounts)


def first_choice(function_data: pb.FunctionData) -> pb.Function:
    """The definition among ranked ones (``gpu=["L4", "A10"]``): the first, which is what gets tried first."""
    definition = pb.Function()
    definition.CopyFrom(function_data.ranked_functions[0].function)
    for name in _RANKED_FIELDS:
        setattr(definition, name, getattr(function_data, name))
    definition.autoscaler_settings.CopyFrom(function_data.autoscaler_settings)
    return definition


def slots(definition: pb.Function) -> int:
    """How many inputs one container takes at a time."""
    return int(max(1, definition.max_concurrent_inputs, definition.batch_max_size))


def startup_timeout(definition: pb.Function) -> float:
    """Seconds that a container may take until it asks for its first input."""
    return float(definition.startup_timeout_secs or definition.timeout_secs or DEFAULT_TIMEOUT)


def display_name(definition: pb.Function, method: str = "") -> str:
    """``function``, ``Class.*``, or ``Class.method`` where one method is meant."""
    name = str(definition.function_name)
    return name.removesuffix("*") + method if method and name.endswith(".*") else name


def function_data(definition: pb.Function) -> pb.FunctionData:
    """A definition in the form that answers carry."""
    return pb.FunctionData(
        function_name=definition.function_name,
        module_name=definition.module_name,
        autoscaler_settings=definition.autoscaler_settings,
        timeout_secs=definition.timeout_secs,
        is_class=definition.is_class,
        method_definitions=definition.method_definitions,
        method_definitions_set=definition.method_definitions_set,
        ranked_functions=[pb.FunctionData.RankedFunction(rank=0, function=definition)],
    )


def function_metadata(
    function: Function, definition: pb.Function | None = None, definition_id: str = ""
) -> pb.FunctionHandleMetadata:
    """A function as the SDK keeps it in a handle; for a class with all of its methods."""
    shown = definition or function.root.published
    methods = {
        name: pb.FunctionHandleMetadata(
            function_name=method.function_name,
            use_method_name=name,
            is_method=True,
            function_type=method.function_type,
            function_schema=method.function_schema,
            app_id=function.app_id,
            supported_input_formats=method.supported_input_formats,
            supported_output_formats=method.supported_output_formats,
        )
        for name, method in shown.method_definitions.items()
    }
    return pb.FunctionHandleMetadata(
        function_name=shown.function_name,
        function_type=shown.function_type,
        definition_id=definition_id or function.root.definition_id,
        method_handle_metadata=methods,
        class_parameter_info=shown.class_parameter_info,
        function_schema=shown.function_schema,
        supported_input_formats=shown.supported_input_formats,
        supported_output_formats=shown.supported_output_formats,
        app_id=function.app_id,
        base_function_id=function.base.id if function.base else "",
        web_url=function.root.web_url,
        is_method=shown.is_method,
    )
