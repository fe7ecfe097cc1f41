"""What only a whole job can show, and what only a GPU or a person can."""

from __future__ import annotations

from functools import partial

from wizard.core.live.assumption import Assumption

_job = partial(Assumption, subject="job")
_gpu = partial(Assumption, subject="gpu", by_hand=True)
_TRANSFORMERS, _VLLM = "wizard/codegen/transformers/generator.py.txt", "wizard/codegen/vllm/generator.py.txt"
_SIZES, _COSTS = "wizard/core/sizing/memory_fit.py", "wizard/core/plan/inference_engine/figures.py"
_TRIED_ON_CPU, _READ = "seen on CPUs", "documentation and source"

JOB: tuple[Assumption, ...] = (
    _job(
        "job-image",
        "the image of the pinned packages builds on Modal, and a container downloads an open model without an access "
        "token",
        "wizard/codegen/transformers/image.py.txt",
        _READ,
        "the open model is deployed with transformers",
    ),
    _job(
        "job-answer",
        "a container with a GPU starts, loads the weights, and its answer is valid",
        _TRANSFORMERS,
        _TRIED_ON_CPU,
        "the open model answers",
    ),
    _job(
        "job-device",
        "the function gets the GPU that it asks for",
        "wizard/codegen/shared/app.py.txt",
        "Modal's reference",
        "the answer says what it was computed on",
    ),
    _job(
        "job-stream",
        "an answer arrives as it is generated",
        "wizard/codegen/shared/calls.py.txt",
        _TRIED_ON_CPU,
        "the open model's answer is streamed",
    ),
    _job(
        "job-endpoint",
        "the endpoint answers in OpenAI's shape through Modal's door, and its stream ends with [DONE]",
        "wizard/codegen/shared/endpoint.py.txt",
        _TRIED_ON_CPU,
        "a chat completion of the open model is streamed",
    ),
    _job(
        "job-snapshot",
        "a container that is restored from a memory snapshot (`--snapshot cpu`) starts in less time than the first one",
        _TRANSFORMERS,
        "Modal's guide",
        "the second cold start of the open model's app, compared with the first",
    ),
    _job(
        "job-gated",
        "a container reads a gated model with the access token of the Modal Secret, and answers",
        "wizard/codegen/shared/download.py.txt",
        _TRIED_ON_CPU,
        "the gated model is deployed and answers",
    ),
    _job(
        "job-rotate",
        "a new access token reaches fresh containers of a deployed app",
        "wizard/flow/operate/rotate.py",
        _TRIED_ON_CPU,
        "the Secret of the gated model's app is made out of date, then rotated",
    ),
    _job(
        "job-vllm",
        "vLLM 0.33 starts in the image `nvidia/cuda:13.0.1-devel-ubuntu24.04` and its answer is valid",
        _VLLM,
        _READ,
        "the open model is deployed with vLLM and answers",
    ),
    _job(
        "job-vllm-stream",
        "vLLM's answer arrives as it is generated",
        _VLLM,
        _TRIED_ON_CPU,
        "the open model's answer is streamed",
    ),
)
GPU: tuple[Assumption, ...] = (
    _gpu(
        "gpu-every-type",
        "vLLM starts on each GPU of the table",
        _VLLM,
        _READ,
        "`outlines-wizard doctor --live --engine vllm --gpu L4 --max-cost 1`, and with other GPUs",
    ),
    _gpu(
        "gpu-several",
        "several GPUs share every layer (tensor parallel)",
        _VLLM,
        _READ,
        "`outlines-wizard deploy --gpu H100:2 --engine vllm --model …`",
    ),
    _gpu(
        "gpu-adapters",
        "LoRA adapters on a GPU: merged by transformers, served by vLLM beside each other",
        "wizard/codegen/adapters.py",
        _TRIED_ON_CPU,
        "`outlines-wizard deploy --model acme/adapter`, with an adapter of yours, and again with `--engine vllm`",
    ),
    _gpu(
        "gpu-upload",
        "a folder of many GB is uploaded to a Volume, and a stopped upload resumes",
        "wizard/flow/deploy/upload.py",
        "seen with small folders",
        "`outlines-wizard deploy --model ./my-model`, stop it, and run it again",
    ),
    _gpu(
        "gpu-packed-weights",
        "FP8, AWQ, GPTQ and MXFP4 weights run as they are stored",
        _SIZES,
        _READ,
        "`make gpu` on a GPU of Ada or newer for FP8; the others with a deploy",
    ),
    _gpu("gpu-masks", "masks, structure and refusals on CUDA are those of the CPU", _TRANSFORMERS, _READ, "`make gpu`"),
    _gpu(
        "gpu-start-seconds",
        "seconds of a start with and without `--fast-start`, with a warm compile cache",
        _COSTS,
        "others' figures",
        "deploy twice and compare `seconds.load` of the first sample",
    ),
    _gpu(
        "gpu-snapshot",
        "a snapshot of the GPU's memory (`--snapshot gpu`) restores a started vLLM",
        _VLLM,
        "Modal's examples",
        "`outlines-wizard deploy --snapshot gpu …`, wait for the idle time to pass, and `call` again",
    ),
    _gpu(
        "gpu-forced-end",
        "a model reasons as well with its end tag forced as with its own",
        "wizard/codegen/shared/thinking.py.txt",
        "seen with small models",
        "`verify APP --think 200` and `--think off` on a function of a thinking model, such as Qwen/Qwen3-4B",
    ),
    _gpu(
        "gpu-gpt-oss",
        "gpt-oss answers well where its analysis channel is left out",
        "wizard/core/models/thinking.py",
        _READ,
        "`outlines-wizard deploy --model openai/gpt-oss-20b --think off`, then with `auto`",
    ),
    _gpu(
        "gpu-seeds",
        "the same seed gives the same answer",
        "wizard/flow/operate/verify.py",
        _TRIED_ON_CPU,
        "`verify --seed` twice; vLLM promises it on GPUs only in a mode that is slower",
    ),
    _gpu(
        "gpu-images",
        "torchvision 0.28 beside torch 2.13 prepares images as Pillow does on CPUs: Qwen3-VL, Mistral Small, GLM-V and "
        "others need it",
        "wizard/codegen/images.py",
        _READ,
        "`outlines-wizard deploy --model Qwen/Qwen3-VL-4B-Instruct …`, then `call --image`",
    ),
    _gpu(
        "gpu-image-memory",
        "what images take of a GPU's memory, and seconds of an answer about one",
        _SIZES,
        "computed",
        "the same, with several images of a phone; compare with the plan",
    ),
)
