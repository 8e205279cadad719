"""The picture of an expression graph: folding, layout and painting."""
