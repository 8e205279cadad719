"""Microscope: a run's next step, taken apart into single numbers and single operations."""
