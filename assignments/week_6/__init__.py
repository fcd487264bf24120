"""Week 6: attention."""
