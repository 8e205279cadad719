"""Data: labelled points, their features and their batches."""
