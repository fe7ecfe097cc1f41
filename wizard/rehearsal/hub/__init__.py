"""A stand-in for the Hugging Face Hub, served on loopback."""

from wizard.rehearsal.hub.limits import Limits
from wizard.rehearsal.hub.server import Seen, StandInHub

__all__ = ["Limits", "Seen", "StandInHub"]
