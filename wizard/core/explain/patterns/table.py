"""The table of error patterns: what the Hub, Modal and the libraries say when something fails, and what it means.

One table in several parts, November 2026, for pasted texts and for failures of this program's own deploys; among equals
the order of its parts decides. Collected from the Hub's recorded answers, from the source of huggingface_hub 0.14 to
2.4, transformers 4.30 to 5.23 and modal 1.6, and from some 700 error reports that people published between 2022 and
2026. A new wording is one more line.
"""

from __future__ import annotations

from wizard.core.explain.patterns.bare_sentences import BARE
from wizard.core.explain.patterns.error_pattern import ErrorPattern
from wizard.core.explain.patterns.header_errors import HEADERS
from wizard.core.explain.patterns.hub_errors import HUB
from wizard.core.explain.patterns.library_errors import LIBRARIES
from wizard.core.explain.patterns.network_errors import NETWORK
from wizard.core.explain.patterns.runtime_errors import MODAL
from wizard.core.explain.patterns.secondary_errors import SECONDARY
from wizard.core.explain.patterns.status_only import STATUS_ONLY
from wizard.core.explain.patterns.storage_errors import STORAGE
from wizard.core.explain.patterns.write_errors import WRITES

ERROR_PATTERNS: tuple[ErrorPattern, ...] = (
    *(*HUB, *HEADERS, *WRITES),
    *(*STORAGE, *LIBRARIES, *NETWORK, *BARE),
    *(*STATUS_ONLY, *MODAL, *SECONDARY),
)

# Said in passing by things that work.
HARMLESS: tuple[str, ...] = (
    "you are sending unauthenticated requests to the hf hub",
    "please set a hf_token to enable higher rate limits",
    "you are not authenticated with the hugging face hub in this notebook",
    "if the error persists, please let us know by opening an issue on github",
    "the secret `hf_token` does not exist in your colab secrets",
    "error while fetching `hf_token` secret value from your vault",
    "to authenticate with the hugging face hub, create a token in your settings tab",
    "please note that authentication is recommended but still optional to access public models",
    "discussions are disabled for this repo",
    "if out-of-memory error occurs during cudagraph capture",
    "torch allocator will free cache and retry",
    "if you are trying to access a private or gated repo, make sure you are authenticated",
    "note: environment variable`hf_token` is set and is the current active token",
)

# Model families whose repositories are gated, as of November 2026; a bare 401 of one of these is the gate.
GATED_FAMILIES: tuple[str, ...] = (
    "meta-llama/",
    "mistralai/mistral-7b",
    "mistralai/mixtral",
    "mistralai/mistral-large",
    "mistralai/ministral-8b",
    "mistralai/codestral",
    "google/gemma",
    "google/paligemma",
    "google/medgemma",
    "google/embeddinggemma",
    "google/txgemma",
    "google/shieldgemma",
    "google/derm-foundation",
    "google/cxr-foundation",
    "google/path-foundation",
    "google/hear",
    "google/medsiglip",
    "black-forest-labs/flux",
    "stabilityai/stable-diffusion-3",
    "stabilityai/stable-audio",
    "stabilityai/sd3",
    "pyannote/",
    "bigcode/starcoder",
    "codellama/codellama-70b",
    "cohereforai/",
    "coherelabs/",
    "databricks/dbrx",
    "facebook/sam3",
    "facebook/sam-3d",
    "facebook/dinov3",
    "deepfloyd/",
    "nvidia/nv-embed",
)

# Those of these families that are open, under the Apache licence.
_OPEN: tuple[str, ...] = (
    "google/gemma-4",
    "black-forest-labs/flux.2-klein-4b",
    "black-forest-labs/flux.2-klein-base-4b",
)


def is_of_gated_family(model: str) -> bool:
    """Whether the name of a model alone tells that it is gated."""
    name = model.lower()
    return name.startswith(GATED_FAMILIES) and not name.startswith(_OPEN)
