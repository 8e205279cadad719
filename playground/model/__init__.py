"""The document: the experiment being edited, and its undo stack."""
