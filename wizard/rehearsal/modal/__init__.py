"""A stand-in for Modal: its gRPC control plane and worker on loopback, for the unmodified SDK and command line."""

from wizard.rehearsal.modal.server import StandInModal
from wizard.rehearsal.modal.state.settings import ModalSettings

__all__ = ["ModalSettings", "StandInModal"]
