"""Week 7: the Transformer."""
