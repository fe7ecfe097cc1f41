"""The wizard on screen: renders the engine's events, fills the Draft, holds no rule of its own."""
