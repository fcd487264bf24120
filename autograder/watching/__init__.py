"""Grading on every save: what was saved, which checks run first, what changed by it."""
