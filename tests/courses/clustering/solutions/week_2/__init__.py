"""Week 2: principal components."""
