"""The microscope: the expression graph of one point, and the chain rule running through it."""
