"""Gradient checks: derivatives beside their finite differences."""
