"""The microscope: the expression graph of a step of a run, and the chain rule running through it."""
