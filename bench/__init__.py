"""Measurements of the grader and the library, each as a ratio of two figures from one run."""
