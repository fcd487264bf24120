"""Week 8: the Vision Transformer."""
