"""Loss view: the losses over the steps."""
