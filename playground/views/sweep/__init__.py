"""Sweep view: what many runs say together."""
