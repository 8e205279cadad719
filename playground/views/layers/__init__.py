"""Layers view: how activations, weights, gradients and updates are spread in each layer, now and over the steps."""
