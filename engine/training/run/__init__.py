"""Runs: an experiment being trained, its snapshots and its files."""
