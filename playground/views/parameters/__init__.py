"""Parameters: every weight and bias of the network in a table."""
