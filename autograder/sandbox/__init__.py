"""Starting a worker, talking to it, and ending it."""
