"""Week 5: normalization and residual connections."""
