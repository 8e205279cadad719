"""Inside of a run: why it learns as it does, in numbers that are pure functions of its snapshots."""
