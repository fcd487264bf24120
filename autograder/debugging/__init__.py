"""A check's calls as a program of the student's own, to be stepped through in a debugger."""
