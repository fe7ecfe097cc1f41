"""Image definitions: a cache by contents, the log of each "build", and the ENV that containers get from them."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.account.identity import IMAGE_BUILDER_VERSION
from wizard.rehearsal.modal.images.builds import play_build
from wizard.rehearsal.modal.rpc.routes import Caller, Routes, not_found
from wizard.rehearsal.modal.state.ids import new_id
from wizard.rehearsal.modal.state.records import Image
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def find_image(state: ModalState, image_id: str) -> Image:
    """An image by id. Raises NOT_FOUND."""
    if image_id not in state.images:
        raise not_found(f"Image '{image_id}' not found")
    return state.images[image_id]


def image_chain(state: ModalState, image_id: str) -> list[Image]:
    """An image after all that it is based on, oldest first."""
    image = find_image(state, image_id)
    bases = [each for base in image.definition.base_images for each in image_chain(state, base.image_id)]
    return [*bases, image]


def image_env(state: ModalState, image_id: str, base: Mapping[str, str]) -> dict[str, str]:
    """What the ENV commands of an image and its bases set; ``$NAME`` means an earlier value, as in a Dockerfile."""
    known = dict(base)
    found: dict[str, str] = {}
    if image_id not in state.images:
        return found
    for image in image_chain(state, image_id):
        for command in image.definition.dockerfile_commands:
            if not command.startswith("ENV "):
                continue
            for pair in shlex.split(command[4:]):
                key, _, value = pair.partition("=")
                found[key] = _VARIABLE.sub(lambda match: known.get(match[1] or match[2], ""), value)
                known[key] = found[key]
    if "PATH" in found:  # what an image puts first is not there on this machine, but must not hide what is
        found["PATH"] = os.pathsep.join([found["PATH"], base.get("PATH", "")])
    return found


def _metadata() -> pb.ImageMetadata:
    return pb.ImageMetadata(image_builder_version=IMAGE_BUILDER_VERSION)


@routes.unary("ImageGetOrCreate")
async def image_get_or_create(
    state: ModalState, caller: Caller, request: pb.ImageGetOrCreateRequest
) -> pb.ImageGetOrCreateResponse:
    """Find an image by its contents, or start to "build" it. A failed build is tried again."""
    digest = hashlib.sha256(request.image.SerializeToString(deterministic=True)).hexdigest()
    image = next((each for each in state.images.values() if each.digest == digest), None)
    if image is None:
        image = Image(new_id("im"), request.image, digest, request.app_id, new_id("ta"))
        state.images[image.id] = image
    built = image.result is not None and image.result.status == pb.GenericResult.GENERIC_STATUS_SUCCESS
    if built and not (request.force_build or request.ignore_cache):
        return pb.ImageGetOrCreateResponse(image_id=image.id, result=image.result, metadata=_metadata())
    if image.build is None or image.result is not None:
        image.app_id, image.builder_id = request.app_id, new_id("ta")
        image.lines, image.result, image.started, image.finished = [], None, time.time(), 0.0
        image.build = state.start_task(play_build(state, image))
    return pb.ImageGetOrCreateResponse(image_id=image.id)


@routes.stream("ImageJoinStreaming")
async def image_join_streaming(
    state: ModalState, caller: Caller, request: pb.ImageJoinStreamingRequest
) -> AsyncIterator[Any]:
    """The build's lines as they come, then its result."""
    image = find_image(state, request.image_id)
    sent = int(request.last_entry_id.split("-")[0] or 0) if request.last_entry_id else 0
    end = time.monotonic() + request.timeout
    while True:
        if fresh := image.lines[sent:]:
            sent += len(fresh)
            yield pb.ImageJoinStreamingResponse(task_logs=fresh, entry_id=f"{sent}-0")
            continue
        if image.result is not None:
            yield pb.ImageJoinStreamingResponse(result=image.result, metadata=_metadata(), eof=True)
            return
        if time.monotonic() >= end:
            return
        await image.changed.wait(end - time.monotonic())


@routes.unary("ImageFromId")
async def image_from_id(state: ModalState, caller: Caller, request: pb.ImageFromIdRequest) -> pb.ImageFromIdResponse:
    """Look an image up."""
    return pb.ImageFromIdResponse(image_id=find_image(state, request.image_id).id, metadata=_metadata())


@routes.unary("ImageBuildChainGet")
async def image_build_chain_get(
    state: ModalState, caller: Caller, request: pb.ImageBuildChainGetRequest
) -> pb.ImageBuildChainGetResponse:
    """Which app log holds the build of an image and of each of its bases."""
    steps = []
    for image in image_chain(state, request.image_id):
        step = pb.ImageBuildStep(image_id=image.id, builder_app_id=image.app_id, builder_task_id=image.builder_id)
        step.started_at.FromNanoseconds(int(image.started * 1e9) - 1)
        step.finished_at.FromNanoseconds(int((image.finished or time.time()) * 1e9) + 10**9)
        steps.append(step)
    return pb.ImageBuildChainGetResponse(build_steps=steps)
