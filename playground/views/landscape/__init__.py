"""Landscape: the loss over a plane through weight space, and the way of the run on it."""
