"""Landscape: the loss over a plane through the space of all weights, and the ways of runs on it."""
