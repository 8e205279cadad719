"""Metrics view: what a run does over its steps, one small plot a figure."""
