"""UNTRUSTED: what runs beside a submission. Standard library and NumPy, nothing of the grader."""
