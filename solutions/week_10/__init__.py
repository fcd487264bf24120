"""Week 10: BERT."""
