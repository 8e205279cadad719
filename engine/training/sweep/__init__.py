"""Sweep: many runs of one experiment with other settings and seeds, on as many processes or machines as there are."""
