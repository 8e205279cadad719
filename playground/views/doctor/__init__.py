"""Doctor's views: what is wrong with the run that is looked at, and what helps."""
