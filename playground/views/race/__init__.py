"""Race: lanes that train in lockstep, each with its boundary, and their losses in one plot."""
