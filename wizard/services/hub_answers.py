"""The Hub's JSON as typed facts; every field may be missing, and none is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard.core.access_token import clean
from wizard.core.model import Gate, ModelFacts, ModelFile
from wizard.flow.ports import ModelSummary


def read_facts(data: Mapping[str, Any], asked_for: str) -> ModelFacts:
    """ModelFacts from the JSON of ``/api/models/{id}``; every field but the name may be missing."""
    card = data.get("cardData") if isinstance(data.get("cardData"), dict) else {}
    config = data.get("config") if isinstance(data.get("config"), dict) else {}
    siblings = [item for item in data.get("siblings") or [] if isinstance(item, dict) and item.get("rfilename")]
    gated = data.get("gated")
    gate: Gate = gated if gated in ("auto", "manual") else "manual" if gated else "open"
    parameters = (data.get("safetensors") or {}).get("parameters") or {}
    licence = (card or {}).get("license")
    template = ((config or {}).get("tokenizer_config") or {}).get("chat_template")
    names = {item["rfilename"] for item in siblings}
    return ModelFacts(
        repo_id=clean(str(data.get("id") or asked_for)),
        asked_for=asked_for,
        commit=str(data.get("sha") or ""),
        gate=gate,
        private=bool(data.get("private")),
        disabled=bool(data.get("disabled")),
        files=tuple(ModelFile(item["rfilename"], item.get("size")) for item in siblings),
        parameters={str(k): int(v) for k, v in parameters.items() if isinstance(v, int)},
        licence=clean(str(licence)) if licence else None,
        model_type=(config or {}).get("model_type"),
        pipeline_tag=data.get("pipeline_tag"),
        has_chat_template=bool(template) or "chat_template.jinja" in names,
        needs_remote_code="auto_map" in (config or {}),
        gate_text=clean(str((card or {})["extra_gated_prompt"])) if (card or {}).get("extra_gated_prompt") else None,
        gate_fields=(card or {}).get("extra_gated_fields") or {},
        downloads=data.get("downloads"),
    )


def read_summary(data: Mapping[str, Any]) -> ModelSummary:
    """One item of a search."""
    gated = data.get("gated")
    card = data.get("cardData") if isinstance(data.get("cardData"), dict) else {}
    total = (data.get("safetensors") or {}).get("total")
    licence = (card or {}).get("license")
    return ModelSummary(
        repo_id=clean(str(data["id"])),
        gate=gated if gated in ("auto", "manual") else "manual" if gated else "open",
        parameters=total if isinstance(total, int) else None,
        licence=clean(str(licence)) if licence else None,
        downloads=data.get("downloads"),
        task=data.get("pipeline_tag"),
    )
