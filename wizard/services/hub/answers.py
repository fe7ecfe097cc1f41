"""The Hub's JSON as typed facts; every field may be missing, and none is trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wizard.core.access_token import clean, clean_line
from wizard.core.models.configuration import architectures_of, is_mlx, quantisation_of, remote_code_of
from wizard.core.models.model_info import Gate, ModelFacts, ModelFile, is_model_name
from wizard.core.models.thinking import read_thinking
from wizard.flow.ports.hub import ModelSummary


def table(value: object) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def read_facts(data: Mapping[str, Any], asked_for: str) -> ModelFacts:
    """ModelFacts from the JSON of ``/api/models/{id}``; every field but name and commit may be missing.

    Raises ValueError for a name or a commit that cannot be one: both are written into the user's app.
    """
    card, config = table(data.get("cardData")), table(data.get("config"))
    listed = data.get("siblings")
    siblings = [
        item
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, dict) and isinstance(item.get("rfilename"), str) and item["rfilename"]
    ]
    repo_id, commit = str(data.get("id") or asked_for), str(data.get("sha") or "")
    if not is_model_name(repo_id) or not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise ValueError("the response has no model and commit")
    gated = data.get("gated")
    gate: Gate = gated if gated in ("auto", "manual") else "manual" if gated else "open"
    parameters = table(table(data.get("safetensors")).get("parameters"))
    listed_template = table(config.get("tokenizer_config")).get("chat_template")
    template = _template_of(config)
    names = {item["rfilename"] for item in siblings}
    tags = _texts(data.get("tags"))
    return ModelFacts(
        repo_id=repo_id,
        asked_for=asked_for,
        commit=commit,
        gate=gate,
        private=bool(data.get("private")),
        disabled=bool(data.get("disabled")),
        files=tuple(ModelFile(item["rfilename"], _count(item.get("size"))) for item in siblings),
        parameters={str(k): count for k, v in parameters.items() if (count := _count(v))},
        licence=_word(card.get("license")),
        model_type=_word(config.get("model_type")),
        architectures=architectures_of(config),
        remote_code=remote_code_of(config),
        library_name=_word(data.get("library_name")),
        base_model=_base_model(card, tags),
        is_mlx=is_mlx(config) or data.get("library_name") == "mlx" or "mlx" in tags or "U32" in parameters,
        pipeline_tag=_word(data.get("pipeline_tag")),
        has_chat_template=bool(template or listed_template or {"chat_template.jinja", "chat_template.json"} & names),
        template_known=bool(template),
        thinking=read_thinking(template),
        gate_text=clean(str(card["extra_gated_prompt"])) if card.get("extra_gated_prompt") else None,
        gate_fields={clean_line(k): v for k, v in table(card.get("extra_gated_fields")).items()},
        downloads=_count(data.get("downloads")),
        quantisation=quantisation_of(config),
    )


def _template_of(config: Mapping[str, Any]) -> str:
    """The text of the chat template, where the Hub shows it: a file of its own goes before tokenizer_config.json."""
    listed = table(config.get("tokenizer_config")).get("chat_template")
    if isinstance(listed, list):  # several, by name
        named = {str(each.get("name")): each.get("template") for each in listed if isinstance(each, dict)}
        listed = named.get("default")
    found = config.get("chat_template_jinja") or listed
    return found if isinstance(found, str) else ""


def _base_model(card: Mapping[str, Any], tags: list[str]) -> str | None:
    """The model that this one was made from: as its card says, or a tag such as ``base_model:adapter:org/name``."""
    named = card.get("base_model")
    candidates = [*(named if isinstance(named, list) else [named])]
    candidates += [tag.rsplit(":", 1)[-1] for tag in tags if tag.startswith("base_model:")]
    return next((each for each in candidates if isinstance(each, str) and "/" in each and is_model_name(each)), None)


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _count(value: object) -> int | None:
    """A number of bytes, weights or downloads, where it can be one: JSON knows numbers that no float can hold."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def _word(value: object) -> str | None:
    """A short text on one line; several become a list with commas."""
    if isinstance(value, list):
        value = ", ".join(each for each in value if isinstance(each, str))
    return (clean_line(value, 100) or None) if isinstance(value, str) else None


def read_summary(data: Mapping[str, Any]) -> ModelSummary:
    """One item of a search."""
    gated = data.get("gated")
    return ModelSummary(
        repo_id=clean(str(data["id"])),
        gate=gated if gated in ("auto", "manual") else "manual" if gated else "open",
        parameters=_count(table(data.get("safetensors")).get("total")),
        licence=_word(table(data.get("cardData")).get("license")),
        downloads=_count(data.get("downloads")),
        task=_word(data.get("pipeline_tag")),
        private=bool(data.get("private")),
    )
