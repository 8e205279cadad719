"""Film: a step in slow motion, operation after operation."""
