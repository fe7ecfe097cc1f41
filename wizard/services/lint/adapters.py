"""From the record of a structured-output backend to the code that asks it, and to the version that is installed here.

Each adapter sets its backend up as Outlines 1.3 does (its `backends` folder), so that what is found here is what the
deployed function does. Adapters are made in the child process only.
"""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version

from wizard.core.lint.backend import StructuredOutputBackend
from wizard.services.lint.backends.protocol import BackendAdapter, Vocabulary


def make_adapter(backend: StructuredOutputBackend, vocabulary: Vocabulary) -> BackendAdapter:
    """A backend with its tables for one vocabulary."""
    module, _, name = backend.adapter.partition(":")
    adapter = getattr(importlib.import_module(module), name)(vocabulary)
    assert isinstance(adapter, BackendAdapter), backend.adapter
    return adapter


def installed_version(backend: StructuredOutputBackend) -> str | None:
    """The installed version of a structured-output backend; None when it is not installed."""
    try:
        return version(backend.distribution)
    except PackageNotFoundError:
        return None
