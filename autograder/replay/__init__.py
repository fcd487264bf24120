"""Recorded calls, and the program that makes them again."""
