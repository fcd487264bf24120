"""Running a submitted notebook's cells in a worker, and the pictures that they drew."""
