"""Comparing what a submission returned with what is expected, and saying how it differs."""
