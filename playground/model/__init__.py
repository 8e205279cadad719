"""Document model: the experiment being edited, and its undo stack."""
