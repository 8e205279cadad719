"""Run behind the window: the worker thread and the frames that it publishes."""
