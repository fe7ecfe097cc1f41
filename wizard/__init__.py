"""Set up a structured-output GPU function on Modal with any Hugging Face model."""

__version__ = "0.1.0"
