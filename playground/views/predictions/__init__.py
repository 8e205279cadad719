"""Predictions: what the network says of each point, class for class, or how far off its values are."""
