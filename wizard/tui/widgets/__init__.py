"""Widgets, named after the regions of the screen that they fill."""
