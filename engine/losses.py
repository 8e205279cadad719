"""PyTorch-like address of the losses: `from engine import losses`."""

from engine.nn.losses import bce_with_logits, cross_entropy, hinge, huber, mae, mse_loss

__all__ = ["bce_with_logits", "cross_entropy", "hinge", "huber", "mae", "mse_loss"]
