"""What was handed in: its files taken in, a worker opened on them, and digests of what counts."""
