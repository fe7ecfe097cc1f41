"""Every service of the outside world in one hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.flow.ports.cache import CachePort
    from wizard.flow.ports.credentials import KeyringPort, TokenPort
    from wizard.flow.ports.files import FilesPort
    from wizard.flow.ports.folders import FoldersPort
    from wizard.flow.ports.hub import HubPort
    from wizard.flow.ports.lint import LintPort
    from wizard.flow.ports.modal import ModalPort
    from wizard.flow.ports.validation import ValidationPort


@dataclass(frozen=True)
class Ports:
    """Every service that the engine uses, handed to it by whoever wires the program."""

    hub: HubPort
    tokens: TokenPort
    keyring: KeyringPort
    modal: ModalPort
    lint: LintPort
    cache: CachePort
    validation: ValidationPort
    files: FilesPort
    folders: FoldersPort
    rehearsal: bool = False
    lasting: bool = True  # False: what is deployed goes when this session ends
    notes: tuple[str, ...] = field(default_factory=tuple)
    missing_engines: tuple[str, ...] = ()  # inference engines that a demo would need here, and that are not installed
