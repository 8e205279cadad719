"""Gradient check in the window: every derivative beside its finite difference, and what the step h does to it."""
