"""Cases: asked of a deployed function, judged, and compared with another run of the same cases."""
