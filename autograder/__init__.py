"""The grader. NumPy works on one thread here: arrays are small, and others are graded beside."""

import os

for library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM"):  # read when NumPy is imported
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
