"""Specification: everything that says what to train."""
