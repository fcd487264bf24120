"""Week 1: k-means."""
